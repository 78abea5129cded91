//! Schedule groups. Deleting one deletes its schedules.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::definition::{AwsResult, check_name, invalid, not_found};
use super::{Scheduler, rest};
use crate::aws::AwsError;
use crate::stack::{ACCOUNT, REGION};

#[derive(Debug, Clone)]
pub(super) struct Group {
    created: Timestamp,
}

impl Group {
    pub(super) fn new(created: Timestamp) -> Self {
        Self { created }
    }

    fn describe(&self, name: &str) -> Value {
        json!({
            "Arn": group_arn(name),
            "Name": name,
            "State": "ACTIVE",
            "CreationDate": rest::epoch_seconds(self.created),
            "LastModificationDate": rest::epoch_seconds(self.created),
        })
    }
}

impl Scheduler {
    pub(super) fn create_group(&self, name: &str) -> AwsResult<Value> {
        check_name("name", name)?;
        let mut state = self.state();
        if state.groups.contains_key(name) {
            let message = format!("Schedule group {name} already exists.");
            return Err(AwsError::new(http::StatusCode::CONFLICT, "ConflictException", message));
        }
        state.groups.insert(name.to_owned(), Group::new(self.shared.timeline.now()));
        Ok(json!({ "ScheduleGroupArn": group_arn(name) }))
    }

    pub(super) fn get_group(&self, name: &str) -> AwsResult<Value> {
        let state = self.state();
        state.groups.get(name).map(|group| group.describe(name)).ok_or_else(|| no_group(name))
    }

    pub(super) fn delete_group(&self, name: &str) -> AwsResult<Value> {
        if name == "default" {
            return Err(invalid("The default schedule group cannot be deleted."));
        }
        if self.state().groups.remove(name).is_none() {
            return Err(no_group(name));
        }
        let inside: Vec<_> =
            self.state().schedules.keys().filter(|(group, _)| group == name).cloned().collect();
        for key in inside {
            self.remove(&key);
        }
        Ok(json!({}))
    }

    pub(super) fn list_groups(&self) -> Vec<Value> {
        self.state().groups.iter().map(|(name, group)| group.describe(name)).collect()
    }
}

fn group_arn(name: &str) -> String {
    format!("arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule-group/{name}")
}

fn no_group(name: &str) -> AwsError {
    not_found(&format!("Schedule group {name} does not exist."))
}
