//! The pushes of a content: what the user wrote, and the instant each one means.
//!
//! `days_before`, and weeks and months likewise, counts calendar days back from the day on which the item expires in the user's zone; `time`
//! is that day's clock there. A time that the clock jumps over is as much later; of one that it shows twice,
//! the first counts.

use jiff::{Span, Timestamp, TimestampRound, ToSpan, Unit, civil::Time, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::instant;
use crate::json::error::FieldErrors;
use crate::json::fields::Field;
use crate::settings::time_of_day;
use crate::stored::{milliseconds, seconds};

/// Three tellings of one thing are help, four are noise; it also bounds the item that stores them.
const PUSHES_MAX: usize = 3;
/// A push in the last minutes could not be tried again.
const MINUTES_BEFORE_EXPIRY_MIN: i64 = 10;
/// Ten years; longer leads are told in months.
const DAYS_BEFORE_MAX: i64 = 3650;
const WEEKS_BEFORE_MAX: i64 = 520;
/// Thirty years, as far as an item can be ahead.
const MONTHS_BEFORE_MAX: i64 = 360;

/// One push, planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PlannedPush {
    /// From 1, in the order of the request.
    pub n: u8,
    pub wanted: PushTime,
    /// The instant that was asked for, as a whole second, never before it.
    pub meant_for: Timestamp,
    /// The same, but for a push that comes at once because all have gone by.
    pub fires_at: Timestamp,
    /// Its moment had already gone by when it was asked for: it is not sent.
    pub past: bool,
}

/// When a push was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushTime {
    At(Timestamp),
    Relative { before: Before, time: Time },
}

/// How long before the day of expiry, by the calendar: a month before 31 March is the last of February.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    Days(u16),
    Weeks(u16),
    Months(u16),
}

impl Before {
    fn of_code(count: u16, code: char) -> Option<Self> {
        Some(match code {
            'd' => Self::Days(count),
            'w' => Self::Weeks(count),
            'm' => Self::Months(count),
            _ => return None,
        })
    }

    fn code(self) -> (u16, char) {
        match self {
            Self::Days(count) => (count, 'd'),
            Self::Weeks(count) => (count, 'w'),
            Self::Months(count) => (count, 'm'),
        }
    }

    fn span(self) -> Span {
        match self {
            Self::Days(days) => i64::from(days).days(),
            Self::Weeks(weeks) => i64::from(weeks).weeks(),
            Self::Months(months) => i64::from(months).months(),
        }
    }
}

/// As it is stored: `1:30d@09:00=1799715600` is the first, 30 days before at nine, and when that is; behind `>` when it
/// fires instead, and `!` at the end if its moment had gone by. `2:1799715600` is the second, at that moment.
impl From<PlannedPush> for String {
    fn from(push: PlannedPush) -> Self {
        let text = |at: Timestamp| seconds(at.as_millisecond());
        let wanted = match push.wanted {
            PushTime::At(at) => text(at),
            PushTime::Relative { before, time } => {
                let ((count, code), time) = (before.code(), time.to_string());
                format!("{count}{code}@{}", time.strip_suffix(":00").unwrap_or(&time))
            }
        };
        let instead = match push.fires_at == push.meant_for {
            true => Self::new(),
            false => format!(">{}", text(push.fires_at)),
        };
        let meant_for = match push.wanted == PushTime::At(push.meant_for) {
            true => Self::new(),
            false => format!("={}", text(push.meant_for)),
        };
        let past = if push.past { "!" } else { "" };
        format!("{}:{wanted}{meant_for}{instead}{past}", push.n)
    }
}

impl TryFrom<String> for PlannedPush {
    type Error = &'static str;

    fn try_from(stored: String) -> Result<Self, Self::Error> {
        read_stored(&stored).ok_or("a planned push")
    }
}

fn read_stored(stored: &str) -> Option<PlannedPush> {
    let instant = |text: &str| Timestamp::from_millisecond(milliseconds(text)?).ok();
    let (rest, past) = stored.strip_suffix('!').map_or((stored, false), |rest| (rest, true));
    let (n, rest) = rest.split_once(':')?;
    let (asked, instead) = rest.split_once('>').map_or((rest, None), |(asked, at)| (asked, Some(at)));
    let (wanted, meant_for) = asked.split_once('=').unwrap_or((asked, asked));
    let fires_at = instead.unwrap_or(meant_for);
    let wanted = match wanted.split_once('@') {
        Some((before, time)) => {
            let code = before.chars().last()?;
            let count = before.strip_suffix(code)?.parse().ok()?;
            PushTime::Relative { before: Before::of_code(count, code)?, time: time.parse().ok()? }
        }
        None => PushTime::At(instant(wanted)?),
    };
    Some(PlannedPush {
        n: n.parse().ok()?,
        wanted,
        meant_for: instant(meant_for)?,
        fires_at: instant(fires_at)?,
        past,
    })
}

/// Reads the list and resolves it, if when the item expires is known.
pub(super) fn read(
    field: &Field<'_>,
    expiry: Option<(Timestamp, &TimeZone)>,
    now: Timestamp,
    errors: &mut FieldErrors,
) -> Option<Vec<PlannedPush>> {
    let entries = field.list(errors)?;
    if !(1..=PUSHES_MAX).contains(&entries.len()) {
        let count = entries.len();
        errors.at(&field.path, format!("must be 1 to {PUSHES_MAX} pushes; these are {count}"));
        return None;
    }
    let wanted = entries.iter().map(|entry| read_time(entry, now, errors)).collect::<Vec<_>>();
    let (expires_at, timezone) = expiry?;
    let mut pushes = Vec::<PlannedPush>::new();
    for ((n, entry), wanted) in (1..).zip(&entries).zip(wanted) {
        let Some(wanted) = wanted else { continue };
        let meant_for = resolve(wanted, expires_at, timezone)?;
        // A phone's clock is behind ours: it comes at once.
        let is_late = matches!(wanted, PushTime::At(_)) && meant_for < now;
        let fires_at = if is_late { whole_second(now)? } else { meant_for };
        if let Some(twin) = pushes.iter().find(|push| push.fires_at == fires_at) {
            let twin = twin.n - 1;
            errors.at(&entry.path, format!("must be another moment than {}[{twin}]", field.path));
        }
        check_lead(entry, wanted, fires_at, expires_at, errors);
        pushes.push(PlannedPush { n, wanted, meant_for, fires_at, past: fires_at < now });
    }
    if pushes.iter().all(|push| push.past)
        && let Some(last) = pushes.iter_mut().max_by_key(|push| push.fires_at)
    {
        last.fires_at = whole_second(now)?;
        last.past = false;
    }
    (pushes.len() == entries.len()).then_some(pushes)
}

fn read_time(entry: &Field<'_>, now: Timestamp, errors: &mut FieldErrors) -> Option<PushTime> {
    let mut fields = entry.object(errors)?;
    let at = fields.optional("at");
    let leads = LEADS.map(|lead| fields.optional(lead.field).map(|field| (lead, field)));
    let leads: Vec<(Lead, Field<'_>)> = leads.into_iter().flatten().collect();
    let time = fields.optional("time");
    fields.close(errors);
    match (at, leads.as_slice(), time) {
        (Some(at), [], None) => {
            let instant = instant::read(&at, errors)?;
            if instant < now - instant::CLOCKS_DIFFER_BY {
                errors.at(&at.path, "must not be in the past");
                return None;
            }
            Some(PushTime::At(instant))
        }
        (None, [(lead, count)], Some(time)) => {
            let count = count.integer(0..=lead.max, errors);
            let time = time_of_day(&time, errors);
            Some(PushTime::Relative { before: (lead.before)(count?.try_into().ok()?), time: time? })
        }
        (None, [(lead, count)], None) => {
            count.integer(0..=lead.max, errors);
            errors.at(format!("{}.time", entry.path), format!("is required with {}", lead.field));
            None
        }
        (None, [], Some(time)) => {
            time_of_day(&time, errors);
            errors.at(
                format!("{}.days_before", entry.path),
                "is required with time, or weeks_before, or months_before",
            );
            None
        }
        (None, [], None) => {
            errors.at(&entry.path, format!("must have either at, or {RELATIVE}"));
            None
        }
        (None, ..) => {
            errors.at(&entry.path, "must have only one of days_before, weeks_before and months_before");
            None
        }
        (Some(_), ..) => {
            errors.at(&entry.path, format!("must have either at, or {RELATIVE}, not both"));
            None
        }
    }
}

const RELATIVE: &str = "time with one of days_before, weeks_before and months_before";

/// A field that says how long before.
#[derive(Clone, Copy)]
struct Lead {
    field: &'static str,
    max: i64,
    before: fn(u16) -> Before,
}

const LEADS: [Lead; 3] = [
    Lead { field: "days_before", max: DAYS_BEFORE_MAX, before: Before::Days },
    Lead { field: "weeks_before", max: WEEKS_BEFORE_MAX, before: Before::Weeks },
    Lead { field: "months_before", max: MONTHS_BEFORE_MAX, before: Before::Months },
];

fn resolve(wanted: PushTime, expires_at: Timestamp, timezone: &TimeZone) -> Option<Timestamp> {
    match wanted {
        PushTime::At(instant) => whole_second(instant),
        PushTime::Relative { before, time } => {
            let day = timezone.to_datetime(expires_at).date().checked_sub(before.span()).ok()?;
            timezone.to_timestamp(day.to_datetime(time)).ok()
        }
    }
}

/// Up, because a push is never early.
fn whole_second(instant: Timestamp) -> Option<Timestamp> {
    instant.round(TimestampRound::new().smallest(Unit::Second).mode(jiff::RoundMode::Ceil)).ok()
}

fn check_lead(
    entry: &Field<'_>,
    wanted: PushTime,
    fires_at: Timestamp,
    expires_at: Timestamp,
    errors: &mut FieldErrors,
) {
    let latest = expires_at.checked_sub(MINUTES_BEFORE_EXPIRY_MIN.minutes());
    if latest.is_ok_and(|latest| fires_at > latest) {
        let part = if matches!(wanted, PushTime::At(_)) { "at" } else { "time" };
        let message = format!("must be at least {MINUTES_BEFORE_EXPIRY_MIN} minutes before expires_at");
        errors.at(format!("{}.{part}", entry.path), message);
    }
}
