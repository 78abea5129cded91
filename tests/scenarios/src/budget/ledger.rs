//! What the journal says that a flow cost: requests by kind, and DynamoDB's units by item, table and index.

use simulator::aws::Service;
use simulator::journal::Entry;
use simulator::units::{Share, Units};

use crate::scene::Scene;

/// Requests by kind and the units of all of them: what a flow cost, or may cost (a line of the table in docs/design.md §10).
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Amounts {
    pub(super) reads: usize,
    pub(super) writes: usize,
    pub(super) scheduler: usize,
    pub(super) wechat: usize,
    pub(super) read_units: Units,
    pub(super) write_units: Units,
}

/// What one flow cost.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Cost {
    pub(super) spent: Amounts,
    others: Vec<String>,
    /// One line a request to DynamoDB.
    pub(super) lines: Vec<String>,
}

impl Cost {
    pub(super) fn since(scene: &Scene, n: u64) -> Self {
        let mut cost = Self::default();
        for entry in scene.world.journal().since(n) {
            cost.add(&entry);
        }
        cost
    }

    fn add(&mut self, entry: &Entry) {
        match (entry.service, entry.operation.as_str()) {
            (Service::Dynamodb, "GetItem" | "BatchGetItem" | "Query") => self.spent.reads += 1,
            (Service::Dynamodb, "PutItem" | "UpdateItem" | "DeleteItem") => self.spent.writes += 1,
            // What it writes counts: a reminder, and its place in the allowance.
            (Service::Dynamodb, "TransactWriteItems") => self.spent.writes += 2,
            (Service::Scheduler, _) => self.spent.scheduler += 1,
            (Service::Wechat, _) => self.spent.wechat += 1,
            (service, operation) => self.others.push(format!("{service:?}:{operation}")),
        }
        if let Some(spent) = &entry.spent {
            self.spent.read_units = self.spent.read_units + spent.read_units;
            self.spent.write_units = self.spent.write_units + spent.write_units;
            self.lines.extend(by_item(&entry.operation, &spent.shares));
        }
    }

    #[expect(clippy::print_stdout, reason = "the table of what each flow costs is there to be read")]
    pub(super) fn within(&self, flow: &str, budget: Amounts) {
        println!(
            "{flow:<32} {:>2} reads {:>2} writes {:>2} scheduler {:>2} wechat {:>4} read units {:>3} write units",
            self.spent.reads,
            self.spent.writes,
            self.spent.scheduler,
            self.spent.wechat,
            self.spent.read_units,
            self.spent.write_units
        );
        let fits = self.spent.reads <= budget.reads
            && self.spent.writes <= budget.writes
            && self.spent.scheduler <= budget.scheduler
            && self.spent.wechat <= budget.wechat
            && self.spent.read_units <= budget.read_units
            && self.spent.write_units <= budget.write_units
            && self.others.is_empty();
        assert!(fits, "{flow}: {self:#?}, {budget:?}");
    }
}

/// `UpdateItem USER#/REMINDER# write: table 1, due 2`, a line for each item.
fn by_item(operation: &str, shares: &[Share]) -> Vec<String> {
    let mut items: Vec<(&[String], Vec<&Share>)> = Vec::new();
    for share in shares {
        match items.last_mut().filter(|(key, _)| *key == share.key) {
            Some((_, of_item)) => of_item.push(share),
            None => items.push((&share.key, vec![share])),
        }
    }
    let of = |shares: &[&Share], units: fn(&Share) -> Units| {
        let spent = shares.iter().filter(|share| units(share) > Units::default());
        let each =
            spent.map(|share| format!("{} {}", share.index.as_deref().unwrap_or("table"), units(share)));
        each.collect::<Vec<_>>().join(", ")
    };
    items
        .iter()
        .map(|(key, shares)| {
            let (read, write) = (of(shares, |share| share.read), of(shares, |share| share.write));
            let spent = if write.is_empty() { format!("read  {read}") } else { format!("write {write}") };
            format!("{operation:<19}{:<17} {spent}", kind(key))
        })
        .collect()
}

/// What the item is, without whose: `USER#/REMINDER#`. A number is never what it is.
fn kind(key: &[String]) -> String {
    let part = |part: &String| match part.split_once('#') {
        Some((kind, _)) => format!("{kind}#"),
        None if part.bytes().all(|byte| byte.is_ascii_digit()) => "…".to_owned(),
        None => part.clone(),
    };
    key.iter().map(part).collect::<Vec<_>>().join("/")
}
