//! `at(…)` and `rate(…)`, read as strictly as AWS reads them. `cron(…)` is refused: this world fires none.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::definition::{Definition, invalid};
use super::options::PastSchedules;
use crate::aws::AwsError;

/// When a schedule fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    Once(Timestamp),
    Every { span: SignedDuration, start: Option<Timestamp>, end: Option<Timestamp> },
}

impl When {
    pub(super) fn read(
        definition: &Definition,
        now: Timestamp,
        past: PastSchedules,
    ) -> Result<Self, AwsError> {
        let timezone = definition.timezone();
        let zone = TimeZone::get(timezone)
            .map_err(|_| invalid(format!("Provided time zone {timezone} is not valid.")))?;
        let expression = &definition.schedule_expression;
        if let Some(local) = inside(expression, "at(") {
            // Dates are ignored for a one-time schedule.
            let at = local_instant(local, &zone).ok_or_else(|| bad_expression(expression))?;
            if at < now && past == PastSchedules::Refuse {
                return Err(invalid(format!("Invalid Schedule Expression {expression}. It is in the past.")));
            }
            return Ok(Self::Once(at));
        }
        if let Some(rate) = inside(expression, "rate(") {
            let span = rate_span(rate).ok_or_else(|| bad_expression(expression))?;
            let start = definition.start_date.map(instant).transpose()?;
            let end = definition.end_date.map(instant).transpose()?;
            if let (Some(start), Some(end)) = (start, end)
                && end <= start
            {
                return Err(invalid("The EndDate must be later than the StartDate."));
            }
            return Ok(Self::Every { span, start, end });
        }
        if inside(expression, "cron(").is_some() {
            return Err(invalid("This world fires at() and rate() only, no cron()."));
        }
        Err(bad_expression(expression))
    }

    /// The first firing of a schedule made now. A rate begins one span after it was made.
    pub(super) fn first(&self, now: Timestamp) -> Option<Timestamp> {
        match *self {
            Self::Once(at) => Some(at),
            Self::Every { start: Some(start), end, .. } if start > now => before(start, end),
            Self::Every { .. } => self.after(now),
        }
    }

    /// The firing after one at `fired`.
    pub(super) fn after(&self, fired: Timestamp) -> Option<Timestamp> {
        match *self {
            Self::Once(_) => None,
            Self::Every { span, end, .. } => before(fired.checked_add(span).ok()?, end),
        }
    }

    pub(super) fn is_once(&self) -> bool {
        matches!(self, Self::Once(_))
    }
}

fn before(at: Timestamp, end: Option<Timestamp>) -> Option<Timestamp> {
    Some(at).filter(|at| end.is_none_or(|end| *at <= end))
}

fn inside<'a>(expression: &'a str, opening: &str) -> Option<&'a str> {
    expression.strip_prefix(opening)?.strip_suffix(')')
}

/// `yyyy-mm-ddThh:mm:ss`, nothing shorter or longer: no `Z`, no fraction, no date alone.
fn local_instant(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let shape = "dddd-dd-ddTdd:dd:dd";
    let fits = |(c, s): (char, char)| if s == 'd' { c.is_ascii_digit() } else { c == s };
    if text.len() != shape.len() || !text.chars().zip(shape.chars()).all(fits) {
        return None;
    }
    let local: DateTime = text.parse().ok()?;
    Some(local.to_zoned(zone.clone()).ok()?.timestamp())
}

fn rate_span(text: &str) -> Option<SignedDuration> {
    let (value, unit) = text.split_once(' ')?;
    let value: i64 = value.parse().ok().filter(|value| *value > 0)?;
    let unit_seconds = match unit {
        "minute" | "minutes" => 60,
        "hour" | "hours" => 3600,
        "day" | "days" => 86_400,
        _ => return None,
    };
    Some(SignedDuration::from_secs(value.checked_mul(unit_seconds)?))
}

fn instant(epoch_seconds: f64) -> Result<Timestamp, AwsError> {
    let span =
        SignedDuration::try_from_secs_f64(epoch_seconds).map_err(|_| invalid("A date is out of range."))?;
    Timestamp::from_duration(span).map_err(|_| invalid("A date is out of range."))
}

fn bad_expression(expression: &str) -> AwsError {
    invalid(format!("Invalid Schedule Expression {expression}."))
}
