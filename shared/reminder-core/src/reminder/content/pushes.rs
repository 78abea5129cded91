//! The pushes of a content: what the user wrote, and the instant each one means.
//!
//! `days_before`, and weeks and months likewise, counts calendar days back from the day on which the item expires in the
//! user's zone; `time` is that day's clock there. A time that the clock jumps over is as much later; of one that it shows
//! twice, the first counts.

use jiff::{Span, Timestamp, TimestampRound, ToSpan, Unit, civil::Time, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::expiry::Expiry;
use super::{Asked, instant};
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

    /// The request's field that says it.
    pub(super) fn field(self) -> &'static str {
        match self {
            Self::Days(_) => "days_before",
            Self::Weeks(_) => "weeks_before",
            Self::Months(_) => "months_before",
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

/// What the moments of pushes are made of.
pub(super) struct Plan<'a> {
    pub(super) expiry: Expiry,
    pub(super) timezone: &'a TimeZone,
    pub(super) now: Timestamp,
    /// Those of the content before.
    pub(super) known: &'a [PlannedPush],
}

impl Plan<'_> {
    pub(super) fn push(&self, n: u8, wanted: PushTime) -> Option<PlannedPush> {
        let meant_for = self.resolve(wanted)?;
        // One that the content had before is past, or was told. Else a phone's clock is behind ours: it comes at once.
        let is_known = self.known.iter().any(|known| known.wanted == wanted);
        let is_late = matches!(wanted, PushTime::At(_)) && meant_for < self.now && !is_known;
        let fires_at = if is_late { whole_second(self.now)? } else { meant_for };
        Some(PlannedPush { n, wanted, meant_for, fires_at, past: fires_at < self.now })
    }

    /// The same pushes, as they come by this plan.
    pub(super) fn again(&self, pushes: &[PlannedPush]) -> Option<Vec<PlannedPush>> {
        pushes.iter().map(|push| self.push(push.n, push.wanted)).collect()
    }

    /// If none is to come and the item has not expired, the last of those whose moment has gone by since then comes at once.
    pub(super) fn tell_missed(&self, pushes: &mut [PlannedPush], since: Timestamp) {
        let is_missed = |push: &&mut PlannedPush| push.past && push.fires_at > since;
        let none_to_come = pushes.iter().all(|push| push.past);
        if none_to_come
            && self.now < self.expiry.at
            && let Some(at) = whole_second(self.now)
            && let Some(last) = pushes.iter_mut().filter(is_missed).max_by_key(|push| push.fires_at)
        {
            last.fires_at = at;
            last.past = false;
        }
    }

    fn resolve(&self, wanted: PushTime) -> Option<Timestamp> {
        match wanted {
            PushTime::At(instant) => whole_second(instant),
            PushTime::Relative { before, time } => {
                let day = self.expiry.day(self.timezone).checked_sub(before.span()).ok()?;
                self.timezone.to_timestamp(day.to_datetime(time)).ok()
            }
        }
    }
}

/// Reads the list and resolves it, if when the item expires is known.
pub(super) fn read(
    field: &Field<'_>,
    expiry: Option<Expiry>,
    timezone: Option<&TimeZone>,
    asked: &Asked<'_>,
    errors: &mut FieldErrors,
) -> Option<Vec<PlannedPush>> {
    let mut entries = field.list(errors)?;
    if asked.before.is_some() {
        entries.retain(|entry| entry.value.get("snoozed") != Some(&serde_json::Value::Bool(true)));
    }
    if !(1..=PUSHES_MAX).contains(&entries.len()) {
        let count = entries.len();
        errors.at(&field.path, format!("must be 1 to {PUSHES_MAX} pushes; these are {count}"));
        return None;
    }
    let wanted = entries.iter().map(|entry| read_time(entry, asked, errors)).collect::<Vec<_>>();
    let known = asked.before.map_or(&[][..], |before| &before.pushes);
    let plan = Plan { expiry: expiry?, timezone: timezone?, now: asked.now, known };
    let mut pushes = Vec::<PlannedPush>::new();
    for ((n, entry), wanted) in (1..).zip(&entries).zip(wanted) {
        let Some(wanted) = wanted else { continue };
        let push = plan.push(n, wanted)?;
        if let Some(twin) = pushes.iter().find(|other| other.fires_at == push.fires_at) {
            let twin = twin.n - 1;
            errors.at(&entry.path, format!("must be another moment than {}[{twin}]", field.path));
        }
        check_lead(entry, wanted, push.fires_at, plan.expiry, errors);
        pushes.push(push);
    }
    plan.tell_missed(&mut pushes, Timestamp::MIN);
    (pushes.len() == entries.len()).then_some(pushes)
}

/// What our answers say of a push beside what was asked for.
const ONLY_SHOWN: [&str; 5] = ["n", "fires_at", "state", "channel", "reason"];

fn read_time(entry: &Field<'_>, asked: &Asked<'_>, errors: &mut FieldErrors) -> Option<PushTime> {
    let mut fields = entry.object(errors)?;
    if asked.before.is_some() {
        ONLY_SHOWN.iter().for_each(|name| fields.ignore(name));
    }
    let at = fields.optional("at");
    let leads = LEADS.map(|lead| fields.optional(lead.field).map(|field| (lead, field)));
    let leads: Vec<(Lead, Field<'_>)> = leads.into_iter().flatten().collect();
    let time = fields.optional("time");
    fields.close(errors);
    match (at, leads.as_slice(), time) {
        (Some(at), [], None) => {
            let instant = instant::read(&at, errors)?;
            let wanted = PushTime::At(instant);
            let is_known =
                asked.before.is_some_and(|before| before.pushes.iter().any(|push| push.wanted == wanted));
            if instant < asked.now - instant::CLOCKS_DIFFER_BY && !is_known {
                errors.at(&at.path, "must not be in the past");
                return None;
            }
            Some(wanted)
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

/// Up, because a push is never early.
fn whole_second(instant: Timestamp) -> Option<Timestamp> {
    instant.round(TimestampRound::new().smallest(Unit::Second).mode(jiff::RoundMode::Ceil)).ok()
}

fn check_lead(
    entry: &Field<'_>,
    wanted: PushTime,
    fires_at: Timestamp,
    expiry: Expiry,
    errors: &mut FieldErrors,
) {
    let latest = expiry.at.checked_sub(MINUTES_BEFORE_EXPIRY_MIN.minutes());
    if latest.is_ok_and(|latest| fires_at > latest) {
        let part = if matches!(wanted, PushTime::At(_)) { "at" } else { "time" };
        let end = if expiry.whole_day { "the end of expires_on" } else { "expires_at" };
        let message = format!("must be at least {MINUTES_BEFORE_EXPIRY_MIN} minutes before {end}");
        errors.at(format!("{}.{part}", entry.path), message);
    }
}
