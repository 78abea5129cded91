//! The embedded database with a meter: what a request cost ([`crate::units`]), found by looking at the items before and
//! after it, with nobody in between.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dynoxide::{Database, DynoxideError};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::capacity::Capacity;
use super::engine;
use super::replica::Replica;
use crate::stack::TABLE_NAME;
use crate::timeline::Timeline;
use crate::units::{self, Item, Layout, Range, Share, Spent, Work, Write, words};

/// What a request can carry that only chooses among what was read, or says how it is told.
const CHOICES: [&str; 7] = [
    "FilterExpression",
    "ProjectionExpression",
    "Select",
    "AttributesToGet",
    "QueryFilter",
    "ScanFilter",
    "ReturnConsumedCapacity",
];

/// What of it hides from the answer what was read.
const HIDES: [&str; 6] =
    ["FilterExpression", "ProjectionExpression", "AttributesToGet", "QueryFilter", "ScanFilter", "COUNT"];

/// Cheap to clone, all clones are the same database.
#[derive(Clone)]
pub(super) struct Metered {
    database: Database,
    layout: Arc<Layout>,
    pub(super) replica: Arc<Replica>,
    capacity: Arc<Capacity>,
    timeline: Timeline,
    /// Of writes one at a time, with the looks around it. The database itself takes one request at a time.
    turn: Arc<Mutex<()>>,
}

impl Metered {
    pub(super) fn new(database: Database, layout: Layout, timeline: Timeline) -> Self {
        let replica = Arc::new(Replica::new(timeline.clone()));
        let (layout, capacity) = (Arc::new(layout), Arc::default());
        Self { database, layout, replica, capacity, timeline, turn: Arc::default() }
    }

    pub(super) fn capacity(&self) -> &Capacity {
        &self.capacity
    }

    /// One operation of nobody's account.
    pub(super) fn run(&self, operation: &str, body: &[u8]) -> Result<Vec<u8>, DynoxideError> {
        let _turn = self.turn();
        engine::dispatch(&self.database, operation, body)
    }

    /// One operation, its cost, and how long it waited until the table carried it.
    pub(super) fn run_metered(
        &self,
        operation: &str,
        body: &[u8],
    ) -> (Result<Vec<u8>, DynoxideError>, Spent, SignedDuration) {
        let (answer, shares) = self.measure(operation, body);
        let waited = self.capacity.charge(&self.layout, &shares, self.timeline.now());
        (answer, Spent::of(shares), waited)
    }

    fn measure(&self, operation: &str, body: &[u8]) -> (Result<Vec<u8>, DynoxideError>, Vec<Share>) {
        let request: Value = serde_json::from_slice(body).unwrap_or_default();
        match Work::of(operation, &request, &self.layout) {
            Work::Writes { in_transaction, writes } => {
                let _turn = self.turn();
                if in_transaction {
                    self.transact(operation, &request, &writes)
                } else {
                    let before = self.items(&writes);
                    if !self.admits(false, &writes, &before) {
                        return (Err(too_much()), Vec::new());
                    }
                    let answer = engine::dispatch(&self.database, operation, body);
                    let shares = self.of_writes(&answer, false, &writes, &before);
                    if answer.is_ok() {
                        self.replica.note(&writes, &before);
                    }
                    (answer, shares)
                }
            }
            work => {
                if !self.capacity.admits(
                    &self.layout,
                    &units::asked(&self.layout, &work),
                    self.timeline.now(),
                ) {
                    return (Err(too_much()), Vec::new());
                }
                let hides = HIDES.iter().any(|word| String::from_utf8_lossy(body).contains(word));
                let _turn = hides.then(|| self.turn());
                let answer = engine::dispatch(&self.database, operation, body);
                let shares = match &answer {
                    Ok(told) if !hides => self.of_told(&work, told),
                    Ok(_) => self.of_hidden(operation, &request, &work),
                    Err(_) => Vec::new(),
                };
                let as_told = |told| self.replica.answer(&self.layout, operation, &request, told);
                (answer.map(as_told), shares)
            }
        }
    }

    /// Whether the table carries these writes, which will make of `before` what they put.
    fn admits(&self, in_transaction: bool, writes: &[Write], before: &[Option<Item>]) -> bool {
        let each = writes.iter().zip(before);
        let shares = each.flat_map(|(write, before)| {
            units::written(&self.layout, in_transaction, write, before.as_ref(), write.put.as_ref())
        });
        self.capacity.admits(&self.layout, &shares.collect::<Vec<_>>(), self.timeline.now())
    }

    fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Only the database knows whether it has done a transaction before: then it speaks of read units.
    fn transact(
        &self,
        operation: &str,
        request: &Value,
        writes: &[Write],
    ) -> (Result<Vec<u8>, DynoxideError>, Vec<Share>) {
        let before = self.items(writes);
        if !self.admits(true, writes, &before) {
            return (Err(too_much()), Vec::new());
        }
        let mut asked = request.clone();
        let is_told = asked.get("ReturnConsumedCapacity").is_some_and(|mode| mode != "NONE");
        if !is_told && asked.is_object() {
            asked["ReturnConsumedCapacity"] = "TOTAL".into();
        }
        let answer = engine::dispatch(&self.database, operation, asked.to_string().as_bytes());
        let mut told: Value =
            answer.as_ref().ok().and_then(|answer| serde_json::from_slice(answer).ok()).unwrap_or_default();
        if told["ConsumedCapacity"][0].get("ReadCapacityUnits").is_some_and(|units| !units.is_null()) {
            let each = writes.iter().zip(&before);
            let shares = each.flat_map(|(write, now)| units::repeated(&self.layout, write, now.as_ref()));
            return (answer.map(|answer| without_capacity(answer, &mut told, is_told)), shares.collect());
        }
        let shares = self.of_writes(&answer, true, writes, &before);
        if answer.is_ok() {
            self.replica.note(writes, &before);
        }
        (answer.map(|answer| without_capacity(answer, &mut told, is_told)), shares)
    }

    fn of_writes(
        &self,
        answer: &Result<Vec<u8>, DynoxideError>,
        in_transaction: bool,
        writes: &[Write],
        before: &[Option<Item>],
    ) -> Vec<Share> {
        let each = writes.iter().zip(before);
        match answer {
            Ok(_) => each
                .flat_map(|(write, before)| {
                    let after = self.item(&write.key);
                    units::written(&self.layout, in_transaction, write, before.as_ref(), after.as_ref())
                })
                .collect(),
            Err(
                DynoxideError::ConditionalCheckFailedException(..)
                | DynoxideError::TransactionCanceledException(..),
            ) => each
                .flat_map(|(write, before)| {
                    units::refused(&self.layout, in_transaction, write, before.as_ref())
                })
                .collect(),
            Err(_) => Vec::new(),
        }
    }

    /// Of a read whose answer holds all that was read.
    fn of_told(&self, work: &Work, answer: &[u8]) -> Vec<Share> {
        if *work == Work::Nothing {
            return Vec::new();
        }
        let told: Value = serde_json::from_slice(answer).unwrap_or_default();
        match work {
            Work::Gets(consistency, keys) => {
                let found = found(&told);
                let of_key = |key: &Item| found.iter().copied().find(|item| self.layout.key_of(item) == *key);
                let got = |key| units::got(&self.layout, key, *consistency, of_key(key));
                keys.iter().map(got).collect()
            }
            Work::Range(range) => {
                units::ranged(&self.layout, range, &objects(&told["Items"]).collect::<Vec<_>>())
            }
            Work::Writes { .. } | Work::Nothing => Vec::new(),
        }
    }

    /// Of a read whose answer does not: it is made again, in full.
    fn of_hidden(&self, operation: &str, request: &Value, work: &Work) -> Vec<Share> {
        match work {
            Work::Gets(consistency, keys) => keys
                .iter()
                .map(|key| units::got(&self.layout, key, *consistency, self.item(key).as_ref()))
                .collect(),
            Work::Range(range) => {
                let evaluated = self.ask(operation, &unfiltered(request, range));
                units::ranged(&self.layout, range, &objects(&evaluated["Items"]).collect::<Vec<_>>())
            }
            Work::Writes { .. } | Work::Nothing => Vec::new(),
        }
    }

    fn items(&self, writes: &[Write]) -> Vec<Option<Item>> {
        writes.iter().map(|write| self.item(&write.key)).collect()
    }

    fn item(&self, key: &Item) -> Option<Item> {
        self.ask("GetItem", &json!({ "TableName": TABLE_NAME, "Key": key }))["Item"].as_object().cloned()
    }

    /// What the request could not have asked the database is nothing.
    fn ask(&self, operation: &str, request: &Value) -> Value {
        let answer = engine::dispatch(&self.database, operation, request.to_string().as_bytes());
        answer.ok().and_then(|answer| serde_json::from_slice(&answer).ok()).unwrap_or_default()
    }
}

fn too_much() -> DynoxideError {
    DynoxideError::ProvisionedThroughputExceededException(
        "The level of configured provisioned throughput for the table was exceeded.".to_owned(),
    )
}

/// The items in the answer of `GetItem`, `BatchGetItem` or `TransactGetItems`.
fn found(answer: &Value) -> Vec<&Item> {
    let one = answer["Item"].as_object();
    let of_tables = answer["Responses"].as_object().into_iter().flat_map(|tables| tables.values());
    let of_gets = answer["Responses"].as_array().into_iter().flatten();
    let of_gets = of_gets.filter_map(|response| response["Item"].as_object());
    one.into_iter().chain(of_tables.flat_map(objects)).chain(of_gets).collect()
}

fn objects(list: &Value) -> impl Iterator<Item = &Item> {
    list.as_array().into_iter().flatten().filter_map(Value::as_object)
}

/// The answer as the caller asked for it.
fn without_capacity(answer: Vec<u8>, told: &mut Value, is_told: bool) -> Vec<u8> {
    let told = told.as_object_mut().filter(|_| !is_told);
    match told {
        Some(told) => {
            told.remove("ConsumedCapacity");
            serde_json::to_vec(told).unwrap_or(answer)
        }
        None => answer,
    }
}

/// The same range with everything it goes through, and whole where the index must fetch.
fn unfiltered(request: &Value, range: &Range) -> Value {
    let mut whole = request.clone();
    let Some(fields) = whole.as_object_mut() else { return whole };
    for choice in CHOICES {
        fields.remove(choice);
    }
    // The database refuses names and values that no expression mentions.
    let condition = request["KeyConditionExpression"].as_str().unwrap_or_default();
    for placeholders in ["ExpressionAttributeNames", "ExpressionAttributeValues"] {
        let Some(Value::Object(mut named)) = fields.remove(placeholders) else { continue };
        named.retain(|name, _| words(condition).any(|word| word == name));
        if !named.is_empty() {
            fields.insert(placeholders.to_owned(), named.into());
        }
    }
    if range.fetches {
        fields.insert("Select".to_owned(), "ALL_ATTRIBUTES".into());
    }
    whole
}
