//! An item that begins anew: next year's insurance, next month's rent.
//!
//! All rounds are counted from the first, so that month ends come right: a month after 31 January is the last of February,
//! and the one after that 31 March again.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::{Span, Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::expiry::Expiry;
use super::pushes::{Before, PlannedPush, PushTime};
use crate::json::error::{FieldErrors, Rule, RuleCode};
use crate::json::fields::Field;
use crate::stored::{milliseconds, seconds};

const WEEKS_MAX: u16 = 52;
const MONTHS_MAX: u16 = 120;
const YEARS_MAX: u16 = 10;
/// How an item begins anew, and which round it is in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Repeat {
    pub every: Every,
    /// When the first round expires: from there all others are counted.
    pub(super) first: Timestamp,
    /// From 0.
    pub(super) round: u32,
    /// The round that its user ended before it expired, if that was the last one, and when.
    pub(super) done: Option<(u32, Timestamp)>,
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

    pub(super) fn times(self, rounds: u32) -> Option<Span> {
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

/// What the content before says of it.
pub(super) struct Known<'a> {
    pub(super) is_renewal: bool,
    /// If it expires when the new one does.
    pub(super) repeat: Option<&'a Repeat>,
}

/// `{"every": "P1Y"}`; the round that an answer of ours names is known already.
pub(super) fn read(
    field: &Field<'_>,
    expiry: Option<Expiry>,
    known: &Known<'_>,
    errors: &mut FieldErrors,
) -> Option<Repeat> {
    let mut fields = field.object(errors)?;
    let every = fields.required("every", errors);
    if known.is_renewal {
        fields.ignore("round");
    }
    fields.close(errors);
    let every = every?;
    let period = match every.text(errors)?.parse::<Every>() {
        Ok(period) => period,
        Err(rule) => {
            errors.at(&every.path, Rule::format("period", rule));
            return None;
        }
    };
    let counted = known.repeat.filter(|repeat| repeat.every == period).cloned();
    Some(counted.unwrap_or(Repeat { every: period, first: expiry?.at, round: 0, done: None }))
}

/// Every round must be able to tell what it tells.
pub(super) fn check_pushes(every: Every, pushes: &[PlannedPush], errors: &mut FieldErrors) {
    for push in pushes {
        let path = format!("pushes[{}]", push.n - 1);
        match push.wanted {
            PushTime::At(_) => {
                errors.at(
                    path,
                    RuleCode::NotRelative
                        .says("must be before the day of expiry, by days_before or the like, with repeat"),
                );
            }
            PushTime::Relative { before, .. } if !every.is_longer_than(before) => {
                errors.at(
                    format!("{path}.{}", before.field()),
                    RuleCode::NotWithinPeriod
                        .says(format!("must be shorter than repeat.every, which is {every}"))
                        .with("every", every.to_string()),
                );
            }
            PushTime::Relative { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests;
