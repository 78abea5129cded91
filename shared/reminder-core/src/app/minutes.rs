//! In which minutes WeChat's callbacks reached us: what an attempt that nobody heard of is judged by.
//!
//! WeChat sends a receipt for every message it took, within seconds. When callbacks worked around an attempt and its
//! receipt did not come, it was not taken. Each minute is noted once per environment, as a number in a set of the hour's
//! item, so that a busy account costs no more than a write a minute and no read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};

use crate::account::Account;
use crate::channel::{Channel, Need};
use crate::table::item::{Attributes, key_attributes};
use crate::table::{Freshness, Table, TableError, keys};

/// An attempt is judged within the hour, as a rule; after a long outage of ours later.
const KEPT: SignedDuration = SignedDuration::from_hours(3 * 24);
/// A receipt of another message counts for an attempt this close to it.
const AROUND: SignedDuration = SignedDuration::from_mins(2);
/// A callback so long after the attempt shows that they went on.
const AFTER: SignedDuration = SignedDuration::from_mins(30);

/// What a minute can be noted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sign {
    /// A callback was accepted and acted on.
    Accepted,
    /// WeChat dates a template message's receipt by it.
    TemplateReceipt,
    /// WeChat dates a subscription message's receipt by it.
    SubscriptionReceipt,
    /// A callback was answered with an error of ours.
    Trouble,
}

impl Sign {
    const ALL: [Self; 4] = [Self::Accepted, Self::TemplateReceipt, Self::SubscriptionReceipt, Self::Trouble];

    fn attribute(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::TemplateReceipt => "template_receipt",
            Self::SubscriptionReceipt => "subscription_receipt",
            Self::Trouble => "trouble",
        }
    }

    /// The receipts of messages on this channel.
    pub fn receipt_of(channel: Channel) -> Self {
        match channel.need() {
            Need::Follow => Self::TemplateReceipt,
            Need::Accept => Self::SubscriptionReceipt,
        }
    }
}

/// The minutes of one account, by what they were noted for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Noted(BTreeMap<Sign, BTreeSet<i64>>);

impl Noted {
    #[cfg(test)]
    pub(crate) fn insert(&mut self, sign: Sign, at: Timestamp) {
        self.0.entry(sign).or_default().insert(minute(at));
    }

    /// A minute that lies wholly in this span: what is known of it certainly was.
    fn within(&self, sign: Sign, from: Timestamp, until: Timestamp) -> bool {
        let (first, after) = (minute(from - SignedDuration::from_secs(1)) + 1, minute(until));
        self.any(sign, first..after)
    }

    fn any(&self, sign: Sign, minutes: std::ops::Range<i64>) -> bool {
        let noted = self.0.get(&sign);
        !minutes.is_empty() && noted.is_some_and(|noted| noted.range(minutes).next().is_some())
    }

    /// Whether callbacks of this channel's account worked around attempts that began from `first` to `last`: a receipt of
    /// another message close to them or, if there was none, a callback close to them and another in the half hour after; and
    /// nothing of ours failed meanwhile.
    pub fn worked_around(&self, channel: Channel, first: Timestamp, last: Timestamp) -> bool {
        let (from, until) = (first - AROUND, last + AROUND);
        let heard = self.within(Sign::receipt_of(channel), from, until)
            || (self.within(Sign::Accepted, from, until) && self.within(Sign::Accepted, until, last + AFTER));
        let was_trouble = self.any(Sign::Trouble, minute(from)..minute(last + AFTER) + 1);
        heard && !was_trouble
    }
}

fn minute(at: Timestamp) -> i64 {
    at.as_second().div_euclid(60)
}

fn hour(at: Timestamp) -> i64 {
    at.as_second().div_euclid(3600)
}

type ByHour = BTreeMap<(Account, i64), BTreeMap<Sign, BTreeSet<i64>>>;

/// What one write takes: an hour of an account.
fn by_hour(signs: BTreeSet<(Account, Sign, i64)>) -> ByHour {
    let mut hours = ByHour::new();
    for (account, sign, minute) in signs {
        let hour = hours.entry((account, minute.div_euclid(60))).or_default();
        hour.entry(sign).or_default().insert(minute);
    }
    hours
}

/// Notes minutes, and reads them.
#[derive(Debug)]
pub struct Minutes {
    table: Table,
    /// The newest minute that this environment noted.
    written: Mutex<BTreeMap<(&'static str, Sign), i64>>,
    /// Trouble that could not be noted yet, by its minutes: it must not be forgotten with the outage that made it.
    owed: Mutex<BTreeSet<(Account, i64)>>,
    /// What is noted with the next.
    waiting: Mutex<BTreeSet<(Account, Sign, i64)>>,
}

impl Minutes {
    pub fn new(table: Table) -> Self {
        Self { table, written: Mutex::default(), owed: Mutex::default(), waiting: Mutex::default() }
    }

    /// Has the minute of `at` noted with the next one of this account: what tells of it is a callback, which is noted itself.
    pub fn note_with_next(&self, account: Account, sign: Sign, at: Timestamp) {
        if !self.is_written(account, sign, at) {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.insert((account, sign, minute(at)));
        }
    }

    /// Notes the minute of `at`, unless this environment has. What cannot be noted is no evidence.
    pub async fn note(&self, account: Account, sign: Sign, at: Timestamp, now: Timestamp) {
        let mut signs = self.take_waiting();
        signs.extend(self.take_owed().into_iter().map(|(account, minute)| (account, Sign::Trouble, minute)));
        if !self.is_written(account, sign, at) {
            signs.insert((account, sign, minute(at)));
        }
        for ((account, hour), signs) in by_hour(signs) {
            self.write(account, hour, &signs, now).await;
        }
    }

    fn is_written(&self, account: Account, sign: Sign, at: Timestamp) -> bool {
        let written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        written.get(&(account.name(), sign)) == Some(&minute(at))
    }

    fn take_owed(&self) -> BTreeSet<(Account, i64)> {
        std::mem::take(&mut *self.owed.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn take_waiting(&self) -> BTreeSet<(Account, Sign, i64)> {
        std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn write(
        &self,
        account: Account,
        hour: i64,
        signs: &BTreeMap<Sign, BTreeSet<i64>>,
        now: Timestamp,
    ) {
        let adds: Vec<String> =
            signs.keys().map(|sign| format!("{} :{}", sign.attribute(), sign.attribute())).collect();
        let mut update = self
            .table
            .client
            .update_item()
            .table_name(&self.table.name)
            .set_key(Some(key_attributes(keys::minutes(account, hour))))
            .update_expression(format!("SET #ttl = :ttl ADD {}", adds.join(", ")))
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":ttl", AttributeValue::N((now + KEPT).as_second().to_string()));
        for (sign, minutes) in signs {
            let minutes = AttributeValue::Ns(minutes.iter().map(ToString::to_string).collect());
            update = update.expression_attribute_values(format!(":{}", sign.attribute()), minutes);
        }
        match update.send().await {
            Ok(_) => {
                let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
                let newest = signs.iter().filter_map(|(sign, minutes)| Some((*sign, *minutes.last()?)));
                written.extend(newest.map(|(sign, minute)| ((account.name(), sign), minute)));
            }
            Err(error) => {
                tracing::warn!(reason = %crate::aws::reason(&error), %account, "a minute could not be noted");
                let mut owed = self.owed.lock().unwrap_or_else(PoisonError::into_inner);
                owed.extend(signs.get(&Sign::Trouble).into_iter().flatten().map(|minute| (account, *minute)));
            }
        }
    }

    /// What was noted of the hours from `from` until `until`.
    pub async fn read(
        &self,
        account: Account,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Noted, TableError> {
        let (partition, from, until) = (keys::minutes_partition(account), hour(from - AROUND), hour(until));
        let mut noted = Noted::default();
        let (from, until) = (keys::hour(from), keys::hour(until));
        for item in self.table.between(&partition, &from, &until, Freshness::Newest).await? {
            for sign in Sign::ALL {
                noted.0.entry(sign).or_default().extend(numbers(&item, sign.attribute()));
            }
        }
        Ok(noted)
    }
}

fn numbers(item: &Attributes, attribute: &str) -> impl Iterator<Item = i64> {
    let numbers = item.get(attribute).and_then(|value| value.as_ns().ok());
    numbers.into_iter().flatten().filter_map(|number| number.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::instant;

    const NOON: &str = "2027-02-01T12:00:00+08:00";

    #[test]
    #[expect(clippy::type_complexity, reason = "the rows of a table")]
    fn silence_says_something_only_where_callbacks_worked() {
        use Channel::{MiniSubscription, ServiceTemplate};
        use Sign::{Accepted, SubscriptionReceipt, TemplateReceipt, Trouble};
        let rows: &[(&str, Channel, &[(Sign, i64)], bool)] = &[
            // So many minutes from the one in which it began, at its very second.
            ("nothing", ServiceTemplate, &[], false),
            ("a receipt before", ServiceTemplate, &[(TemplateReceipt, -2)], true),
            ("a receipt after", ServiceTemplate, &[(TemplateReceipt, 1)], true),
            ("a receipt too long before", ServiceTemplate, &[(TemplateReceipt, -3)], false),
            ("a receipt of a minute that ends too late", ServiceTemplate, &[(TemplateReceipt, 2)], false),
            ("a receipt of the other kind", ServiceTemplate, &[(SubscriptionReceipt, 0)], false),
            ("a receipt of its kind", MiniSubscription, &[(SubscriptionReceipt, 0)], true),
            ("a callback", ServiceTemplate, &[(Accepted, 0)], false),
            ("a callback, and another later", ServiceTemplate, &[(Accepted, -2), (Accepted, 2)], true),
            (
                "a callback, and another in the half hour",
                ServiceTemplate,
                &[(Accepted, 1), (Accepted, 29)],
                true,
            ),
            ("a callback, and another after that", ServiceTemplate, &[(Accepted, 1), (Accepted, 30)], false),
            ("two callbacks close to it", ServiceTemplate, &[(Accepted, -1), (Accepted, 1)], false),
            ("a callback only later", ServiceTemplate, &[(Accepted, 2), (Accepted, 20)], false),
            ("trouble before", ServiceTemplate, &[(TemplateReceipt, 0), (Trouble, -2)], false),
            ("trouble after", ServiceTemplate, &[(TemplateReceipt, 0), (Trouble, 30)], false),
            ("trouble long after", ServiceTemplate, &[(TemplateReceipt, 0), (Trouble, 31)], true),
        ];
        for (case, channel, signs, expected) in rows {
            let mut noted = Noted::default();
            for (sign, minutes) in *signs {
                noted.insert(*sign, instant(NOON) + SignedDuration::from_mins(*minutes));
            }
            assert_eq!(noted.worked_around(*channel, instant(NOON), instant(NOON)), *expected, "{case}");
        }
    }

    #[test]
    #[expect(clippy::type_complexity, reason = "the rows of a table")]
    fn only_whole_minutes_speak_for_callbacks_and_every_part_of_one_against_them() {
        use Sign::{Accepted, TemplateReceipt, Trouble};
        let rows: &[(&str, (i64, i64), &[(Sign, i64)], bool)] = &[
            // From when to when attempts began, in seconds after noon; the minutes that were noted.
            ("a part of a minute before", (30, 30), &[(TemplateReceipt, -2)], false),
            ("a whole minute before", (30, 30), &[(TemplateReceipt, -1)], true),
            ("a whole minute after", (30, 30), &[(TemplateReceipt, 1)], true),
            ("a part of a minute after", (30, 30), &[(TemplateReceipt, 2)], false),
            ("a callback in a part of a minute", (30, 30), &[(Accepted, -2), (Accepted, 20)], false),
            ("a callback in a whole one", (30, 30), &[(Accepted, -1), (Accepted, 20)], true),
            ("the later one in a part of the last minute", (30, 30), &[(Accepted, 0), (Accepted, 30)], false),
            ("after the first of several", (0, 300), &[(TemplateReceipt, 1)], true),
            ("after the last of several", (0, 300), &[(TemplateReceipt, 6)], true),
            ("too long after the last", (0, 300), &[(TemplateReceipt, 7)], false),
            ("half an hour after the last", (0, 300), &[(Accepted, 0), (Accepted, 34)], true),
            ("longer after the last", (0, 300), &[(Accepted, 0), (Accepted, 35)], false),
            ("trouble in a part of a minute", (30, 30), &[(TemplateReceipt, 0), (Trouble, -2)], false),
            ("trouble before that", (30, 30), &[(TemplateReceipt, 0), (Trouble, -3)], true),
            ("trouble in a part of the last", (30, 30), &[(TemplateReceipt, 0), (Trouble, 30)], false),
            ("trouble half an hour after the last", (0, 300), &[(TemplateReceipt, 0), (Trouble, 35)], false),
            ("trouble after that", (0, 300), &[(TemplateReceipt, 0), (Trouble, 36)], true),
        ];
        for (case, (first, last), signs, expected) in rows {
            let mut noted = Noted::default();
            for (sign, minutes) in *signs {
                noted.insert(*sign, instant(NOON) + SignedDuration::from_mins(*minutes));
            }
            let at = |seconds: &i64| instant(NOON) + SignedDuration::from_secs(*seconds);
            let worked = noted.worked_around(Channel::ServiceTemplate, at(first), at(last));
            assert_eq!(worked, *expected, "{case}");
        }
    }

    #[test]
    fn minutes_of_an_hour_are_read_by_what_they_were_noted_for() {
        let at = instant(NOON);
        assert_eq!(minute(at), hour(at) * 60);
        assert_eq!(hour(at + SignedDuration::from_secs(3599)), hour(at));
        let noted = |sign: Sign| {
            let minutes = AttributeValue::Ns(vec![minute(at).to_string()]);
            Attributes::from([(sign.attribute().to_owned(), minutes)])
        };
        for one in Sign::ALL {
            for other in Sign::ALL {
                let read: Vec<i64> = numbers(&noted(one), other.attribute()).collect();
                let expected = if one == other { vec![minute(at)] } else { vec![] };
                assert_eq!(read, expected, "{one:?} {other:?}");
            }
        }
        let kinds = Channel::ALL.map(Sign::receipt_of);
        let expected = [Sign::TemplateReceipt, Sign::SubscriptionReceipt, Sign::SubscriptionReceipt];
        assert_eq!(kinds, expected);
    }
}
