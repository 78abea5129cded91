//! What happened on each of the last days, counted from what is stored when somebody asks.
//!
//! No counter is kept anywhere: nothing is written for it while users and WeChat wait, an environment that ends takes no
//! numbers with it, and the numbers can be checked against `reminder.show`. It reads the whole table, in pages and at half
//! the price; what was deleted or forgotten since is not in it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::Serialize;

use crate::app::{App, AppError};
use crate::person::follower::Follower;
use crate::person::user::User;
use crate::reminder::{Reminder, State};
use crate::table::item::Attributes;
use crate::table::keys::Due;
use crate::table::{Record, TableError, key_of};

#[derive(Debug, Serialize)]
pub struct Stats {
    /// Oldest first, today last; by the settings' zone.
    pub days: Vec<Day>,
    /// False: the time was up, and the rest of the table was not counted.
    pub complete: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Day {
    pub date: Date,
    pub users: u64,
    /// Of those who still follow.
    pub follows: u64,
    pub registered: u64,
    /// Pushes that WeChat took, by channel; those with a receipt are in `delivered`, too.
    pub sent: BTreeMap<&'static str, u64>,
    pub delivered: BTreeMap<&'static str, u64>,
    pub unknown: BTreeMap<&'static str, u64>,
    /// By reason.
    pub undeliverable: BTreeMap<&'static str, u64>,
}

impl Day {
    fn of(date: Date) -> Self {
        let none = BTreeMap::new;
        let (sent, delivered, unknown, undeliverable) = (none(), none(), none(), none());
        Self { date, users: 0, follows: 0, registered: 0, sent, delivered, unknown, undeliverable }
    }
}

/// The last `days` days, until now; no page is begun after `until`.
///
/// # Errors
/// When the table or the settings could not be read.
pub async fn count(app: &App, days: i64, until: Timestamp) -> Result<Stats, AppError> {
    let zone = app.settings.get(app.now()).await?.timezone.clone();
    let mut tally = Tally::new(days, zone, app.now());
    let mut after = None;
    loop {
        let (page, next) = app.table.scan(after).await?;
        page.iter().for_each(|item| tally.add(item));
        after = next;
        let complete = after.is_none();
        if complete || app.now() >= until {
            return Ok(Stats { days: tally.days.into_values().collect(), complete });
        }
    }
}

/// Pure.
struct Tally {
    zone: TimeZone,
    days: BTreeMap<Date, Day>,
}

impl Tally {
    fn new(days: i64, zone: TimeZone, now: Timestamp) -> Self {
        let today = now.to_zoned(zone.clone()).date();
        let dates = (0..days).map(|ago| today.saturating_sub(ago.days()));
        Self { zone, days: dates.map(|date| (date, Day::of(date))).collect() }
    }

    /// None: of another day.
    fn day(&mut self, at: Timestamp) -> Option<&mut Day> {
        let date = at.to_zoned(self.zone.clone()).date();
        self.days.get_mut(&date)
    }

    /// One that cannot be read hides no other.
    fn add(&mut self, item: &Attributes) {
        let added = match key_of(item).due() {
            Some(Due::User(_)) => Record::decode(item).map(|user| self.add_user(&user.item)),
            Some(Due::Follower(_)) => Record::decode(item).map(|follower| self.add_follower(&follower.item)),
            Some(Due::Reminder(..)) => Record::decode(item).map(|reminder| self.add_reminder(&reminder.item)),
            _ => Ok(()),
        };
        if let Err(error @ TableError::Corrupt { .. }) = added {
            tracing::error!(%error, "an item is not counted");
        }
    }

    fn add_user(&mut self, user: &User) {
        if let Some(day) = self.day(user.created_at) {
            day.users += 1;
        }
    }

    fn add_follower(&mut self, follower: &Follower) {
        let at = follower.follow.at.filter(|_| follower.follow.followed);
        let at = at.and_then(|second| Timestamp::from_second(second).ok());
        if let Some(day) = at.and_then(|at| self.day(at)) {
            day.follows += 1;
        }
    }

    fn add_reminder(&mut self, reminder: &Reminder) {
        if let Some(day) = self.day(reminder.created_at) {
            day.registered += 1;
        }
        for push in &reminder.pushes {
            let one = |counts: &mut BTreeMap<_, u64>, word| *counts.entry(word).or_default() += 1;
            match &push.state {
                State::Sent { channel, at, .. } => {
                    self.day(*at).into_iter().for_each(|day| one(&mut day.sent, channel.as_str()));
                }
                State::Delivered { channel, at } => self.day(*at).into_iter().for_each(|day| {
                    one(&mut day.sent, channel.as_str());
                    one(&mut day.delivered, channel.as_str());
                }),
                State::Unknown { channel, at, .. } => {
                    self.day(*at).into_iter().for_each(|day| one(&mut day.unknown, channel.as_str()));
                }
                State::Undeliverable { at, .. } => {
                    let reason = push.undeliverable_for();
                    self.day(*at).into_iter().for_each(|day| one(&mut day.undeliverable, reason));
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::cases::{self, instant};
    use crate::channel::Channel;
    use crate::reminder::{Push, Rest};

    const NOW: &str = "2027-02-01T08:00:00+08:00";

    #[test]
    fn a_moment_counts_for_the_day_of_the_owners_zone() {
        let zone = TimeZone::get("Asia/Shanghai").expect("a zone");
        let counted = |at: &str| {
            let mut tally = Tally::new(2, zone.clone(), instant(NOW));
            tally.add_user(&User::new("o".into(), instant(at)));
            tally.days.into_values().map(|day| day.users).collect::<Vec<_>>()
        };
        for (at, expected) in [
            ("2027-01-30T23:59:59+08:00", [0, 0]),
            ("2027-01-31T00:00:00+08:00", [1, 0]),
            ("2027-01-31T23:59:59+08:00", [1, 0]),
            ("2027-01-31T16:00:00Z", [0, 1]),
        ] {
            assert_eq!(counted(at), expected, "{at}");
        }
    }

    #[test]
    fn pushes_are_counted_by_what_they_came_to() {
        let now = instant(NOW);
        let channel = Channel::ServiceTemplate;
        let mut reminder = cases::reminder(now - SignedDuration::from_hours(24));
        let planned = reminder.pushes[0].clone();
        let with = |state| Push { state, ..planned.clone() };
        reminder.pushes = vec![
            planned.clone(),
            with(State::Sent { channel, at: now, msgid: None, attempt: String::new() }),
            with(State::Delivered { channel, at: now }),
            with(State::Unknown { channel: Channel::MiniSubscription, at: now, attempt: String::new() }),
            with(State::Undeliverable { at: now, rest: Rest::Unreachable }),
            with(State::Skipped),
        ];
        let mut tally = Tally::new(1, TimeZone::UTC, now);
        tally.add_reminder(&reminder);
        let day = tally.days.into_values().next().expect("a day");
        let expected = Day {
            sent: [("service_template", 2)].into(),
            delivered: [("service_template", 1)].into(),
            unknown: [("mini_subscription", 1)].into(),
            undeliverable: [("unreachable", 1)].into(),
            ..Day::of(now.to_zoned(TimeZone::UTC).date())
        };
        assert_eq!(day, expected, "registered the day before");
    }
}
