//! Schedule groups. Deleting one deletes its schedules.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::definition::{AwsResult, check_name, invalid, not_found};
use super::rest::epoch_seconds;
use super::schedules::Scheduler;
use crate::aws::AwsError;
use crate::stack::{ACCOUNT, REGION};

impl Scheduler {
    pub(super) fn create_group(&self, name: &str) -> AwsResult<Value> {
        check_name("name", name)?;
        let mut state = self.state();
        if state.groups.contains_key(name) {
            let message = format!("Schedule group {name} already exists.");
            return Err(AwsError::new(http::StatusCode::CONFLICT, "ConflictException", message));
        }
        state.groups.insert(name.to_owned(), self.shared.timeline.now());
        Ok(json!({ "ScheduleGroupArn": group_arn(name) }))
    }

    pub(super) fn get_group(&self, name: &str) -> AwsResult<Value> {
        let state = self.state();
        state.groups.get(name).map(|created| describe(name, *created)).ok_or_else(|| no_group(name))
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
        self.state().groups.iter().map(|(name, created)| describe(name, *created)).collect()
    }
}

fn describe(name: &str, created: Timestamp) -> Value {
    json!({
        "Arn": group_arn(name),
        "Name": name,
        "State": "ACTIVE",
        "CreationDate": epoch_seconds(created),
        "LastModificationDate": epoch_seconds(created),
    })
}

fn group_arn(name: &str) -> String {
    format!("arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule-group/{name}")
}

fn no_group(name: &str) -> AwsError {
    not_found(&format!("Schedule group {name} does not exist."))
}
