//! `POST /reminders/{id}/snooze`: "tell me again tomorrow".

use jiff::{RoundMode, SignedDuration, Span, Timestamp, TimestampRound, Unit};
use serde_json::Value;

use crate::app::{App, AppError};
use crate::json::error::{FieldError, FieldErrors, Rule, RuleCode};
use crate::json::fields::Field;
use crate::person::login::Login;
use crate::registration::around::{Around, Registration};
use crate::registration::error::RegistrationError;
use crate::reminder::content::{CLOCKS_DIFFER_BY, Content, MINUTES_BEFORE_EXPIRY_MIN, read_instant};
use crate::reminder::{Reminder, SnoozeError};
use crate::scheduling;
use crate::table::{Change, Item, RACES_MAX, TableError};

const AHEAD_MIN: SignedDuration = SignedDuration::from_mins(5);
const AHEAD_MAX: SignedDuration = SignedDuration::from_hours(366 * 24);

/// Plans one push more of the reminder. The same again within minutes answers the same.
pub async fn snooze(
    app: &App,
    login: &Login,
    id: &str,
    body: &Value,
) -> Result<Registration, RegistrationError> {
    let now = app.now();
    let settings = app.settings.get(now).await?;
    for _ in 0..RACES_MAX {
        let (around, stored, allowance) =
            Around::read_existing_to_save(app, login, id, settings.clone(), now).await?;
        let wanted = Wanted::parse(body, &stored.item.content, now).map_err(RegistrationError::Invalid)?;
        // Whatever is refused, or is there already, uses nothing up.
        if !wanted.apply(&mut stored.item.clone(), now)? {
            return Ok(around.answer(stored.item));
        }
        let counted = [around.count_change(app, &stored.item, &allowance)?];
        let snoozed = scheduling::change_with(app, stored, &counted, |reminder: &mut Reminder| match wanted
            .apply(reminder, now)
        {
            Ok(true) => Change::Write(Ok(())),
            Ok(false) => Change::Keep(Ok(())),
            Err(refused) => Change::Keep(Err(refused)),
        });
        match snoozed.await {
            Ok((written, outcome)) => return outcome.map(|()| around.answer(written.item)),
            Err(AppError::Table(TableError::Overtaken | TableError::Gone(_))) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(TableError::Contended(Reminder::KIND).into())
}

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
struct Wanted {
    at: Timestamp,
    /// The field that said so.
    field: &'static str,
    after_expiry: bool,
}

impl Wanted {
    fn parse(body: &Value, content: &Content, now: Timestamp) -> Result<Self, Vec<FieldError>> {
        let mut errors = FieldErrors::default();
        let wanted = Self::read(body, content, now, &mut errors);
        errors.into_result(wanted)
    }

    fn read(body: &Value, content: &Content, now: Timestamp, errors: &mut FieldErrors) -> Option<Self> {
        let mut fields = Field::document(body).object(errors)?;
        let (span, until) = (fields.optional("for"), fields.optional("until"));
        let after_expiry = fields.optional("after_expiry").map(|field| field.boolean(errors));
        fields.close(errors);
        let (field, at) = match (&span, &until) {
            (Some(span), None) => ("for", after(span, content, now, errors)?),
            (None, Some(until)) => ("until", read_instant(until, errors)?),
            (None, None) => {
                errors.at("for", RuleCode::Required.says("is required, or until").with("instead", "until"));
                return None;
            }
            (Some(_), Some(_)) => {
                errors.at(
                    "until",
                    RuleCode::Conflict.says("must not stand beside for: one of them").with("with", "for"),
                );
                return None;
            }
        };
        let up = TimestampRound::new().smallest(Unit::Second).mode(RoundMode::Ceil);
        let at = at.round(up).ok()?;
        if at < now + AHEAD_MIN - CLOCKS_DIFFER_BY {
            errors.at(
                field,
                RuleCode::TooSoon
                    .says("must be at least 5 minutes ahead")
                    .with("minutes", AHEAD_MIN.as_mins()),
            );
        }
        if at > now + AHEAD_MAX {
            errors.at(field, RuleCode::TooFar.says("must be at most a year ahead").with("years", 1));
        }
        Some(Self { at, field, after_expiry: after_expiry.unwrap_or(Some(false))? })
    }

    fn apply(&self, reminder: &mut Reminder, now: Timestamp) -> Result<bool, RegistrationError> {
        reminder.snooze(self.at, self.after_expiry, now).map_err(|refused| match refused {
            SnoozeError::Done => RegistrationError::Done,
            SnoozeError::TooMany => RegistrationError::TooManySnoozes(refused),
            SnoozeError::AfterExpiry | SnoozeError::AfterRound => {
                let rule = RuleCode::TooCloseToExpiry.says(refused.to_string());
                let rule = rule.with("minutes", MINUTES_BEFORE_EXPIRY_MIN);
                RegistrationError::Invalid(vec![FieldError { field: self.field.to_owned(), rule }])
            }
        })
    }
}

/// A duration of ISO 8601 from now, by the user's calendar: a day is one though the clock changes.
fn after(
    field: &Field<'_>,
    content: &Content,
    now: Timestamp,
    errors: &mut FieldErrors,
) -> Option<Timestamp> {
    let text = field.text(errors)?;
    let span = text.parse::<Span>().ok().filter(|span| text.starts_with('P') && span.is_positive());
    let at = span.and_then(|span| now.to_zoned(content.zone()).checked_add(span).ok());
    if at.is_none() {
        errors
            .at(&field.path, Rule::format("duration", "must be a duration of ISO 8601 such as P1D or PT2H"));
    }
    at.map(|at| at.timestamp())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cases::{instant, joined, reminder};

    /// When, by the clock of China; or what is wrong. It is noon.
    fn check(body: Value) -> String {
        let now = instant("2027-02-01T12:00:00+08:00");
        let content = reminder(now).content;
        match Wanted::parse(&body, &content, now) {
            Ok(wanted) => format!("{}, {}", content.local(wanted.at), wanted.after_expiry),
            Err(errors) => joined(&errors),
        }
    }

    #[test]
    fn snooze_is_for_a_while_or_until_a_moment() {
        let rows = [
            (json!({"for": "P1D"}), "2027-02-02T12:00:00+08:00, false"),
            (json!({"for": "PT2H", "after_expiry": true}), "2027-02-01T14:00:00+08:00, true"),
            (json!({"until": "2027-02-01T12:03:00.5+08:00"}), "2027-02-01T12:03:01+08:00, false"),
            (json!({"for": "P366D"}), "2028-02-02T12:00:00+08:00, false"),
            (json!({"for": "P366DT1S"}), "for: must be at most a year ahead"),
            (json!({"until": "2027-02-01T12:02:59+08:00"}), "until: must be at least 5 minutes ahead"),
            (json!({"for": "PT1M"}), "for: must be at least 5 minutes ahead"),
            (json!({"for": "-P1D"}), "for: must be a duration of ISO 8601 such as P1D or PT2H"),
            (json!({"for": "1 day"}), "for: must be a duration of ISO 8601 such as P1D or PT2H"),
            (json!({"for": "P999999Y"}), "for: must be a duration of ISO 8601 such as P1D or PT2H"),
            (json!({"for": 1}), "for: must be a string, not a number"),
            (json!({}), "for: is required, or until"),
            (json!({"for": "P1D", "until": "x"}), "until: must not stand beside for: one of them"),
            (json!({"for": "P1D", "after_expiry": 1}), "after_expiry: must be true or false, not a number"),
            (
                json!({"for": "P1D", "days": 1}),
                "days: is not a known field; known here: for, until, after_expiry",
            ),
        ];
        for (body, expected) in rows {
            assert_eq!(check(body.clone()), expected, "{body}");
        }
    }
}
