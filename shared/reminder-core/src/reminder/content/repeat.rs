//! An item that begins anew: next year's insurance, next month's rent.
//!
//! All rounds are counted from the first, so that month ends come right: a month after 31 January is the last of February,
//! and the one after that 31 March again.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::expiry::Expiry;
use super::pushes::{Before, Plan, PushTime};
use super::{Asked, Content, PlannedPush};
use crate::json::error::FieldErrors;
use crate::json::fields::Field;
use crate::stored::{milliseconds, seconds};

const WEEKS_MAX: u16 = 52;
const MONTHS_MAX: u16 = 120;
const YEARS_MAX: u16 = 10;
/// More rounds than a weekly item has in a century: the search for the coming one ends.
const ROUNDS_MAX: u32 = 5_300;

/// How an item begins anew, and which round it is in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Repeat {
    pub every: Every,
    /// When the first round expires: from there all others are counted.
    first: Timestamp,
    /// From 0.
    round: u32,
    /// The round that its user ended before it expired, if that was the last one, and when.
    done: Option<(u32, Timestamp)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Every {
    Weeks(u16),
    Months(u16),
    Years(u16),
}

impl Every {
    fn of_code(count: u16, code: char) -> Option<Self> {
        let (every, max) = match code {
            'W' => (Self::Weeks(count), WEEKS_MAX),
            'M' => (Self::Months(count), MONTHS_MAX),
            'Y' => (Self::Years(count), YEARS_MAX),
            _ => return None,
        };
        (1..=max).contains(&count).then_some(every)
    }

    fn code(self) -> (u16, char) {
        match self {
            Self::Weeks(count) => (count, 'W'),
            Self::Months(count) => (count, 'M'),
            Self::Years(count) => (count, 'Y'),
        }
    }

    fn times(self, rounds: u32) -> Option<Span> {
        let rounds = i64::from(rounds);
        match self {
            Self::Weeks(weeks) => Span::new().try_weeks(rounds * i64::from(weeks)).ok(),
            Self::Months(months) => Span::new().try_months(rounds * i64::from(months)).ok(),
            Self::Years(years) => Span::new().try_years(rounds * i64::from(years)).ok(),
        }
    }

    fn months(self) -> Option<u16> {
        match self {
            Self::Weeks(_) => None,
            Self::Months(months) => Some(months),
            Self::Years(years) => Some(12 * years),
        }
    }

    /// Whether a push so long before the expiry comes after the round before has expired, in every round.
    fn is_longer_than(self, before: Before) -> bool {
        match (self, before) {
            (_, Before::Months(0)) => true,
            (Self::Months(_) | Self::Years(_), Before::Months(lead)) => {
                self.months().is_some_and(|period| lead < period)
            }
            (Self::Weeks(weeks), Before::Months(lead)) => longest(lead) < 7 * i64::from(weeks),
            (_, Before::Days(lead)) => i64::from(lead) < self.shortest(),
            (_, Before::Weeks(lead)) => 7 * i64::from(lead) < self.shortest(),
        }
    }

    /// In days.
    fn shortest(self) -> i64 {
        match (self, self.months()) {
            (Self::Weeks(weeks), _) => 7 * i64::from(weeks),
            (_, Some(months)) => lengths(months).min().unwrap_or_default(),
            (_, None) => 0,
        }
    }
}

/// In days, from wherever in four years they are counted.
fn lengths(months: u16) -> impl Iterator<Item = i64> {
    (0..48).filter_map(move |begin| {
        let from = Date::constant(2027, 1, 1).checked_add((i64::from(begin)).months()).ok()?;
        let to = from.checked_add(i64::from(months).months()).ok()?;
        Some(to.duration_since(from).as_hours() / 24)
    })
}

fn longest(months: u16) -> i64 {
    lengths(months).max().unwrap_or(i64::MAX)
}

/// As ISO 8601 writes it: `P1Y`.
impl fmt::Display for Every {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, code) = self.code();
        write!(f, "P{count}{code}")
    }
}

impl FromStr for Every {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = || {
            let period = text.strip_prefix('P')?;
            let code = period.chars().last()?;
            let count = period.strip_suffix(code)?;
            let is_plain = count.bytes().all(|byte| byte.is_ascii_digit()) && !count.starts_with('0');
            Self::of_code(count.parse().ok().filter(|_| is_plain)?, code)
        };
        read().ok_or("must be P1W to P52W, P1M to P120M or P1Y to P10Y")
    }
}

/// As it is stored: `1Y@1799715600#3` is in its fourth round, counted from that moment; `~2@1799715700` behind it, if its user
/// ended the third, and when.
impl From<Repeat> for String {
    fn from(repeat: Repeat) -> Self {
        let text = |at: Timestamp| seconds(at.as_millisecond());
        let (count, code) = repeat.every.code();
        let done = repeat.done.map(|(round, at)| format!("~{round}@{}", text(at)));
        format!("{count}{code}@{}#{}{}", text(repeat.first), repeat.round, done.unwrap_or_default())
    }
}

impl TryFrom<String> for Repeat {
    type Error = &'static str;

    fn try_from(stored: String) -> Result<Self, Self::Error> {
        let instant = |text: &str| Timestamp::from_millisecond(milliseconds(text)?).ok();
        let read = || {
            let (rest, done) =
                stored.split_once('~').map_or((stored.as_str(), None), |(rest, done)| (rest, Some(done)));
            let done = match done {
                Some(done) => {
                    let (round, at) = done.split_once('@')?;
                    Some((round.parse().ok()?, instant(at)?))
                }
                None => None,
            };
            let (every, counted) = rest.split_once('@')?;
            let (first, round) = counted.split_once('#')?;
            let every = format!("P{every}").parse().ok()?;
            Some(Self { every, first: instant(first)?, round: round.parse().ok()?, done })
        };
        read().ok_or("how an item is repeated")
    }
}

impl Repeat {
    /// From 1.
    pub fn round(&self) -> u32 {
        self.round + 1
    }

    /// The round before, which its user ended, and when.
    pub fn done(&self) -> Option<(u32, Timestamp)> {
        self.done
    }
}

impl Content {
    /// The coming round: the first after this one that has not expired by now. None if it is not repeated.
    pub fn next_round(&self, now: Timestamp) -> Option<Self> {
        let repeat = self.repeat.as_ref()?;
        let later = repeat.round + 1..repeat.round + ROUNDS_MAX;
        later
            .filter_map(|round| self.in_round(round, Timestamp::MIN, now))
            .find(|content| content.expires_at > now)
    }

    /// The coming round, because its user has ended this one.
    pub fn round_after_done(&self, now: Timestamp) -> Option<Self> {
        let ended = self.repeat.as_ref()?.round;
        let mut next = self.next_round(now)?;
        next.repeat.as_mut()?.done = Some((ended, now));
        Some(next)
    }

    /// The round that its user ended, if there was one and it would still be to come.
    pub fn round_before_done(&self, now: Timestamp) -> Option<Self> {
        let (ended, since) = self.repeat.as_ref()?.done?;
        self.in_round(ended, since, now).filter(|content| content.expires_at > now)
    }

    /// The same plan for what its user ended then and takes back now.
    pub fn reopened(&self, since: Timestamp, now: Timestamp) -> Option<Self> {
        let timezone = self.zone();
        let plan = Plan { expiry: self.expiry(), timezone: &timezone, now, known: &self.pushes };
        let mut pushes = plan.again(&self.pushes)?;
        plan.tell_missed(&mut pushes, since);
        (self.expires_at > now).then(|| Self { pushes, ..self.clone() })
    }

    /// What was missed since then is told at once, if there is nothing else to tell.
    fn in_round(&self, round: u32, since: Timestamp, now: Timestamp) -> Option<Self> {
        let (repeat, timezone) = (self.repeat.as_ref()?, self.zone());
        let first = Expiry { at: repeat.first, whole_day: self.whole_day };
        let lead = repeat.every.times(round)?;
        let expiry = match self.whole_day {
            true => Expiry::with(first.day(&timezone).checked_add(lead).ok()?, &timezone)?,
            false => Expiry { at: later(timezone.to_datetime(first.at), lead, &timezone)?, whole_day: false },
        };
        let plan = Plan { expiry, timezone: &timezone, now, known: &[] };
        let mut pushes = plan.again(&self.pushes)?;
        plan.tell_missed(&mut pushes, since);
        let repeat = Repeat { round, done: None, ..repeat.clone() };
        Some(Self { expires_at: expiry.at, pushes, repeat: Some(repeat), ..self.clone() })
    }
}

fn later(from: DateTime, by: Span, timezone: &TimeZone) -> Option<Timestamp> {
    timezone.to_timestamp(from.checked_add(by).ok()?).ok()
}

/// `{"every": "P1Y"}`; the round that an answer of ours names is known already. Who changes neither when it expires nor how
/// often keeps counting from the first round.
pub(super) fn read(
    field: &Field<'_>,
    expiry: Option<Expiry>,
    timezone: Option<&TimeZone>,
    asked: &Asked<'_>,
    errors: &mut FieldErrors,
) -> Option<Repeat> {
    let mut fields = field.object(errors)?;
    let every = fields.required("every", errors);
    if asked.before.is_some() {
        fields.ignore("round");
    }
    fields.close(errors);
    let every = every?;
    let period = match every.text(errors)?.parse::<Every>() {
        Ok(period) => period,
        Err(rule) => {
            errors.at(&every.path, rule);
            return None;
        }
    };
    let (expiry, timezone) = (expiry?, timezone?.iana_name()?);
    let known = asked.before.filter(|before| before.expiry() == expiry && before.timezone == timezone);
    let known = known.and_then(|before| before.repeat.clone()).filter(|repeat| repeat.every == period);
    Some(known.unwrap_or(Repeat { every: period, first: expiry.at, round: 0, done: None }))
}

/// Every round must be able to tell what it tells.
pub(super) fn check_pushes(
    field: &Field<'_>,
    every: Every,
    pushes: &[PlannedPush],
    errors: &mut FieldErrors,
) {
    for push in pushes {
        let path = format!("{}[{}]", field.path, push.n - 1);
        match push.wanted {
            PushTime::At(_) => {
                errors.at(path, "must be before the day of expiry, by days_before or the like, with repeat");
            }
            PushTime::Relative { before, .. } if !every.is_longer_than(before) => {
                errors.at(
                    format!("{path}.{}", before.field()),
                    format!("must be shorter than repeat.every, which is {every}"),
                );
            }
            PushTime::Relative { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests;
