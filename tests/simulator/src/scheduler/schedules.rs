//! The schedules there are, and what is done to them.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::Value;

use super::definition::{Definition, conflict, not_found};
use super::expression::When;
use super::misfire::Misfire;
use super::options::SchedulerOptions;
use crate::aws::AwsError;
use crate::instant::seconds;
use crate::lambda::Lambda;
use crate::rate::{Bucket, Held};
use crate::stack::{ACCOUNT, REGION};
use crate::template::Recurring;
use crate::timeline::{Ticket, Timeline};

/// How long a client token is remembered.
const CLIENT_TOKEN_KEPT: SignedDuration = SignedDuration::from_hours(8);

/// Cheap to clone, all clones are the same one.
#[derive(Clone)]
pub struct Scheduler {
    pub(super) shared: Arc<Shared>,
}

pub(super) struct Shared {
    pub(super) timeline: Timeline,
    pub(super) lambda: Lambda,
    pub(super) options: SchedulerOptions,
    pub(super) state: Mutex<State>,
}

/// Group and name.
pub(super) type Key = (String, String);

#[derive(Default)]
pub(super) struct State {
    /// With when they were created.
    pub(super) groups: BTreeMap<String, Timestamp>,
    pub(super) schedules: BTreeMap<Key, Entry>,
    /// Requests by client token: what was asked, what was answered, and when.
    pub(super) tokens: HashMap<String, (Value, String, Timestamp)>,
    pub(super) misfires: Vec<(String, Misfire)>,
    pub(super) made: u64,
    /// How many may fire in a second, if that is limited; and what waited for it.
    pub(super) firings: Option<Bucket>,
    pub(super) held: Held,
    tokens_looked_through: Option<Timestamp>,
}

pub(super) struct Entry {
    pub(super) definition: Definition,
    pub(super) when: When,
    pub(super) created: Timestamp,
    pub(super) modified: Timestamp,
    pub(super) next: Option<Timestamp>,
    pub(super) ticket: Option<Ticket>,
    /// Tells this schedule from a later one of the same name.
    pub(super) nth: u64,
}

/// A schedule as the control API and tests see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ScheduleView {
    pub group: String,
    pub name: String,
    pub expression: String,
    pub timezone: String,
    #[serde(serialize_with = "maybe_seconds")]
    pub next: Option<Timestamp>,
    pub target: String,
    pub input: Option<String>,
}

impl Scheduler {
    /// With the group `default` and those named.
    pub fn new(timeline: Timeline, lambda: Lambda, options: SchedulerOptions, groups: &[&str]) -> Self {
        let now = timeline.now();
        let groups = groups.iter().chain(&["default"]).map(|name| ((*name).to_owned(), now));
        let state = State { groups: groups.collect(), ..State::default() };
        Self { shared: Arc::new(Shared { timeline, lambda, options, state: Mutex::new(state) }) }
    }

    /// Every schedule there is, by group and name.
    pub fn schedules(&self) -> Vec<ScheduleView> {
        let state = self.state();
        let view = |((group, name), entry): (&Key, &Entry)| ScheduleView {
            group: group.clone(),
            name: name.clone(),
            expression: entry.definition.schedule_expression.clone(),
            timezone: entry.definition.timezone().to_owned(),
            next: entry.next,
            target: entry.definition.target.arn.clone(),
            input: entry.definition.target.input.clone(),
        };
        state.schedules.iter().map(view).collect()
    }

    /// The next firing of a schedule whose name contains `name_part` goes wrong in this way.
    pub fn misfire(&self, name_part: &str, misfire: Misfire) {
        self.state().misfires.push((name_part.to_owned(), misfire));
    }

    /// From now on no more than so many fire in a second; the others wait for their turn.
    pub fn limit_firings(&self, per_second: u32) {
        let now = self.shared.timeline.now();
        self.state().firings = Some(Bucket::new(per_second, per_second.div_ceil(10), now));
    }

    /// What waited for its turn to fire.
    pub fn held(&self) -> Held {
        self.state().held
    }

    /// Deletes a schedule behind everybody's back, as a lost one; answers whether there was one.
    pub fn lose(&self, group: &str, name: &str) -> bool {
        self.remove(&(group.to_owned(), name.to_owned())).is_some()
    }

    /// A recurring schedule of the template, with the dispatch function as its target.
    pub fn create_recurring(
        &self,
        group: &str,
        recurring: &Recurring,
        target: &str,
        role: &str,
    ) -> Result<(), AwsError> {
        let definition = Definition::recurring(recurring, group, target, role);
        self.create(&recurring.name, definition).map(|_| ())
    }

    pub(super) fn create(&self, name: &str, definition: Definition) -> Result<String, AwsError> {
        let now = self.shared.timeline.now();
        definition.check(name)?;
        let when = When::read(&definition, now, self.shared.options.past_schedules)?;
        let key = (definition.group_name().to_owned(), name.to_owned());
        let arn = schedule_arn(&key);
        let asked = serde_json::json!([&key, &definition]);
        let mut state = self.state();
        state.forget_old_tokens(now);
        if let Some(token) = &definition.client_token
            && let Some((before, answered, at)) = state.tokens.get(token)
            && now.duration_since(*at) < CLIENT_TOKEN_KEPT
        {
            return if *before == asked { Ok(answered.clone()) } else { Err(conflict(&key.1)) };
        }
        if !state.groups.contains_key(&key.0) {
            return Err(not_found(&format!("Schedule group {} does not exist.", key.0)));
        }
        if state.schedules.contains_key(&key) {
            return Err(conflict(&key.1));
        }
        if state.schedules.len() >= self.shared.options.schedules_max {
            return Err(AwsError::new(
                http::StatusCode::PAYMENT_REQUIRED,
                "ServiceQuotaExceededException",
                "The request exceeds the quota of schedules.",
            ));
        }
        if let Some(token) = &definition.client_token {
            state.tokens.insert(token.clone(), (asked, arn.clone(), now));
        }
        self.put(&mut state, key, definition, when, now);
        Ok(arn)
    }

    /// Replaces everything: what the request leaves out goes back to its default.
    pub(super) fn update(&self, name: &str, definition: Definition) -> Result<String, AwsError> {
        let now = self.shared.timeline.now();
        definition.check(name)?;
        let when = When::read(&definition, now, self.shared.options.past_schedules)?;
        let key = (definition.group_name().to_owned(), name.to_owned());
        let mut state = self.state();
        let before = state.schedules.remove(&key).ok_or_else(|| not_found(&no_schedule(name)))?;
        if let Some(ticket) = before.ticket {
            self.shared.timeline.cancel(ticket);
        }
        let arn = schedule_arn(&key);
        self.put(&mut state, key, definition, when, before.created);
        Ok(arn)
    }

    pub(super) fn delete(&self, key: &Key) -> Result<(), AwsError> {
        self.remove(key).map(|_| ()).ok_or_else(|| not_found(&no_schedule(&key.1)))
    }

    pub(super) fn remove(&self, key: &Key) -> Option<Entry> {
        let entry = self.state().schedules.remove(key)?;
        if let Some(ticket) = entry.ticket {
            self.shared.timeline.cancel(ticket);
        }
        Some(entry)
    }

    fn put(&self, state: &mut State, key: Key, definition: Definition, when: When, created: Timestamp) {
        let now = self.shared.timeline.now();
        state.made += 1;
        let nth = state.made;
        let next = when.first(now);
        let ticket = next.filter(|_| definition.is_enabled()).map(|next| self.plan(&key, nth, next, &when));
        state.schedules.insert(key, Entry { definition, when, created, modified: now, next, ticket, nth });
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Once in a while: there may be a hundred thousand.
    fn forget_old_tokens(&mut self, now: Timestamp) {
        let looked = self.tokens_looked_through.get_or_insert(now);
        if now.duration_since(*looked) >= CLIENT_TOKEN_KEPT {
            *looked = now;
            self.tokens.retain(|_, (_, _, at)| now.duration_since(*at) < CLIENT_TOKEN_KEPT);
        }
    }
}

impl std::fmt::Debug for Scheduler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scheduler").field("schedules", &self.state().schedules.len()).finish_non_exhaustive()
    }
}

pub(super) fn no_schedule(name: &str) -> String {
    format!("Schedule {name} does not exist.")
}

pub(super) fn schedule_arn((group, name): &Key) -> String {
    format!("arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/{group}/{name}")
}

fn maybe_seconds<S: serde::Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => seconds(at, serializer),
        None => serializer.serialize_none(),
    }
}
