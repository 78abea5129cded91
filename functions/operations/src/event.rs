//! What operators may ask for: `{"operation": NAME, …}` read strictly, every fault named at once.

use jiff::Timestamp;
use reminder_core::delivery::arming::Cause;
use reminder_core::delivery::redrive::Again;
use reminder_core::doctor::Language;
use reminder_core::json::error::{FieldError, FieldErrors, Rule, RuleCode};
use reminder_core::json::fields::{Field, Fields};
use reminder_core::random;
use serde_json::Value;
use wechat::OpenId;

/// The operations and their fields, as a person would write them.
pub(crate) const OPERATIONS: [&str; 19] = [
    r#"{"operation": "settings.get"}"#,
    r#"{"operation": "settings.put", "settings": {…}, "if_version"?: 3}"#,
    r#"{"operation": "settings.history"}"#,
    r#"{"operation": "settings.restore", "version": 2, "if_version"?: 3}"#,
    r#"{"operation": "doctor", "language"?: "zh"}"#,
    r#"{"operation": "followers.sync", "next_openid"?: "…", "seconds"?: 240}"#,
    r#"{"operation": "templates.list"}"#,
    r#"{"operation": "quota.show"}"#,
    r#"{"operation": "reminder.show", "openid": "…", "id": "…"}"#,
    r#"{"operation": "push.redrive", "openid": "…", "id": "…", "again"?: true, "even_unknown"?: true}"#,
    r#"{"operation": "push.redrive", "since": "2027-01-30T00:00:00+08:00", "again"?: true, "even_unknown"?: true}"#,
    r#"{"operation": "push.redrive", "template": "…", "again": true, "even_unknown"?: true}"#,
    r#"{"operation": "push.test", "openid": "…", "template": "…"}"#,
    r#"{"operation": "stats", "days"?: 7}"#,
    r#"{"operation": "arrivals.show", "since"?: "2027-01-10T00:00:00+08:00"}"#,
    r#"{"operation": "user.show", "openid": "…"}"#,
    r#"{"operation": "user.find", "reminder": "…"}"#,
    r#"{"operation": "user.forget", "openid": "…"}"#,
    r#"{"operation": "user.export", "openid": "…"}"#,
];

/// The function has 300 seconds; the last batch begins before these are over.
const SYNC_SECONDS: i64 = 240;
const TEXT_CHARS_MAX: usize = 128;
/// What is final is kept for half a year; what is deleted goes sooner.
const STATS_DAYS_MAX: i64 = 90;
const STATS_DAYS: i64 = 7;
/// Nobody puts settings more often.
const VERSION_MAX: i64 = 1_000_000_000;

pub(crate) enum Operation {
    SettingsGet,
    SettingsPut { settings: Value, if_version: Option<u64> },
    SettingsHistory,
    SettingsRestore { version: u64, if_version: Option<u64> },
    Doctor { language: Language },
    FollowersSync { next_openid: Option<OpenId>, seconds: i64 },
    TemplatesList,
    QuotaShow,
    ReminderShow { openid: OpenId, id: String },
    PushRedrive(Redrive),
    PushTest { openid: OpenId, template: String },
    Stats { days: i64 },
    ArrivalsShow { since: Option<Timestamp> },
    UserShow { openid: OpenId },
    UserFind { reminder: String },
    UserForget { openid: OpenId },
    UserExport { openid: OpenId },
}

pub(crate) enum Redrive {
    One {
        openid: OpenId,
        id: String,
        again: Again,
    },
    Since(Timestamp),
    /// All that rests so.
    Resting {
        cause: Cause,
        even_unknown: bool,
    },
}

impl Operation {
    pub(crate) fn read(event: &Value) -> Result<Self, Vec<FieldError>> {
        let mut errors = FieldErrors::default();
        let operation = Field::document(event).object(&mut errors).and_then(|mut fields| {
            let operation = read(&mut fields, &mut errors)?;
            fields.close(&mut errors);
            Some(operation)
        });
        errors.into_result(operation)
    }
}

fn read(fields: &mut Fields<'_>, errors: &mut FieldErrors) -> Option<Operation> {
    let name = fields.required("operation", errors)?;
    Some(match name.text(errors)? {
        "settings.get" => Operation::SettingsGet,
        "settings.put" => {
            let settings = fields.required("settings", errors).map(|field| field.value.clone());
            let if_version = version(fields.optional("if_version"), errors)?;
            Operation::SettingsPut { settings: settings?, if_version }
        }
        "settings.history" => Operation::SettingsHistory,
        "settings.restore" => {
            let wanted = fields.required("version", errors);
            let (wanted, if_version) =
                (version(wanted, errors)?, version(fields.optional("if_version"), errors)?);
            Operation::SettingsRestore { version: wanted?, if_version }
        }
        "doctor" => Operation::Doctor { language: language(fields.optional("language"), errors)? },
        "followers.sync" => Operation::FollowersSync {
            next_openid: match fields.optional("next_openid") {
                Some(field) => Some(OpenId::from(field.text_of(1..=TEXT_CHARS_MAX, errors)?)),
                None => None,
            },
            seconds: match fields.optional("seconds") {
                Some(field) => field.integer(0..=SYNC_SECONDS, errors)?,
                None => SYNC_SECONDS,
            },
        },
        "templates.list" => Operation::TemplatesList,
        "quota.show" => Operation::QuotaShow,
        "reminder.show" => {
            let (openid, id) = one(fields, errors)?;
            Operation::ReminderShow { openid, id }
        }
        "push.redrive" => Operation::PushRedrive(redrive(fields, errors)?),
        "push.test" => {
            let openid = openid(fields, errors);
            let template = fields.required("template", errors)?.text_of(1..=TEXT_CHARS_MAX, errors)?;
            Operation::PushTest { openid: openid?, template: template.to_owned() }
        }
        "stats" => Operation::Stats {
            days: match fields.optional("days") {
                Some(field) => field.integer(1..=STATS_DAYS_MAX, errors)?,
                None => STATS_DAYS,
            },
        },
        "arrivals.show" => Operation::ArrivalsShow { since: since(fields, errors)? },
        "user.show" => Operation::UserShow { openid: openid(fields, errors)? },
        "user.find" => Operation::UserFind { reminder: reminder(fields, errors)? },
        "user.forget" => Operation::UserForget { openid: openid(fields, errors)? },
        "user.export" => Operation::UserExport { openid: openid(fields, errors)? },
        _ => {
            errors.at("operation", RuleCode::OneOf.says("must be one of the operations"));
            return None;
        }
    })
}

/// In which a report is answered: programs that say nothing get the same one for ever.
fn language(field: Option<Field<'_>>, errors: &mut FieldErrors) -> Option<Language> {
    match field {
        Some(field) => field.word(&[("en", Language::English), ("zh", Language::Chinese)], errors),
        None => Some(Language::English),
    }
}

/// Of the settings; none is 0.
#[expect(clippy::option_option, reason = "not given is no fault")]
fn version(field: Option<Field<'_>>, errors: &mut FieldErrors) -> Option<Option<u64>> {
    match field {
        Some(field) => Some(u64::try_from(field.integer(0..=VERSION_MAX, errors)?).ok()),
        None => Some(None),
    }
}

#[expect(clippy::option_option, reason = "not given is no fault")]
fn since(fields: &mut Fields<'_>, errors: &mut FieldErrors) -> Option<Option<Timestamp>> {
    match fields.optional("since") {
        Some(field) => instant(&field, errors).map(Some),
        None => Some(None),
    }
}

/// One reminder, what is due since, or what rests.
fn redrive(fields: &mut Fields<'_>, errors: &mut FieldErrors) -> Option<Redrive> {
    let since = fields.optional("since").map(|field| instant(&field, errors));
    let template = fields.optional("template").map(|field| field.text_of(1..=TEXT_CHARS_MAX, errors));
    let again = boolean(fields, "again", errors)?;
    let even_unknown = boolean(fields, "even_unknown", errors)?;
    if even_unknown && !again {
        errors.at("even_unknown", RuleCode::Conflict.says("goes with \"again\": true").with("with", "again"));
    }
    if template.is_some() && !again {
        errors.at("template", RuleCode::Conflict.says("goes with \"again\": true").with("with", "again"));
    }
    if since.is_some() && template.is_some() {
        errors.at(
            "template",
            RuleCode::Conflict
                .says("goes without \"since\": one of the two says what rests")
                .with("with", "since"),
        );
    }
    if since.is_some() || template.is_some() {
        for name in ["openid", "id"] {
            if fields.optional(name).is_some() {
                errors.at(
                    name,
                    RuleCode::Conflict
                        .says("names one reminder; it goes without \"since\" and \"template\"")
                        .with("with", ["since", "template"].as_slice()),
                );
            }
        }
    }
    let cause = match (since, template) {
        (Some(since), _) if !again => return Some(Redrive::Since(since?)),
        (Some(since), _) => Cause::Since { since: since? },
        (None, Some(template)) => Cause::Template { template: template?.to_owned() },
        (None, None) => {
            let again = match (again, even_unknown) {
                (false, _) => Again::No,
                (true, false) => Again::NotSent,
                (true, true) => Again::EvenUnknown,
            };
            let (openid, id) = one(fields, errors)?;
            return Some(Redrive::One { openid, id, again });
        }
    };
    Some(Redrive::Resting { cause, even_unknown })
}

/// False where it is not said.
fn boolean(fields: &mut Fields<'_>, name: &'static str, errors: &mut FieldErrors) -> Option<bool> {
    match fields.optional(name) {
        Some(field) => field.boolean(errors),
        None => Some(false),
    }
}

/// A user of the mini program.
fn openid(fields: &mut Fields<'_>, errors: &mut FieldErrors) -> Option<OpenId> {
    let field = fields.required("openid", errors)?;
    let text = field.text_of(1..=TEXT_CHARS_MAX, errors)?;
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        errors.at(
            &field.path,
            Rule::format("openid", "must be an openid: visible ASCII characters without spaces"),
        );
        return None;
    }
    Some(OpenId::from(text))
}

fn reminder(fields: &mut Fields<'_>, errors: &mut FieldErrors) -> Option<String> {
    let field = fields.required("reminder", errors)?;
    let text = field.text(errors)?;
    if !random::is_id(text) {
        errors.at(
            &field.path,
            Rule::format("id", "must be the id of a reminder: 20 characters of a-z and 2-7"),
        );
        return None;
    }
    Some(text.to_owned())
}

/// A reminder is named by its owner's openid at the mini program and its id.
fn one(fields: &mut Fields<'_>, errors: &mut FieldErrors) -> Option<(OpenId, String)> {
    let mut text =
        |name| fields.required(name, errors)?.text_of(1..=TEXT_CHARS_MAX, errors).map(str::to_owned);
    let (openid, id) = (text("openid"), text("id"));
    Some((OpenId::from(openid?), id?))
}

fn instant(field: &Field<'_>, errors: &mut FieldErrors) -> Option<Timestamp> {
    let parsed = field.text(errors)?.parse().ok();
    if parsed.is_none() {
        errors.at(
            &field.path,
            Rule::format("instant", "must be an instant with offset, such as 2027-01-30T00:00:00+08:00"),
        );
    }
    parsed
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_field_contradicts_is_named_for_programs() {
        let event = json!({"operation": "push.redrive", "since": "2027-01-30T00:00:00+08:00", "template": "a",
            "again": true, "openid": "o"});
        let errors = Operation::read(&event).err().unwrap_or_default();
        let with: Vec<_> =
            errors.iter().map(|error| (error.field.as_str(), &error.rule.params["with"])).collect();
        assert_eq!(with, [("template", &json!("since")), ("openid", &json!(["since", "template"]))]);
    }

    #[test]
    fn a_bad_event_names_every_field_and_its_rule() {
        let faults = |event: Value| {
            let errors = Operation::read(&event).err().unwrap_or_default();
            errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
        };
        for (event, said) in [
            (json!("doctor"), "document must be an object, not a string"),
            (json!({}), "operation is required"),
            (json!({"operation": 7}), "operation must be a string, not a number"),
            (json!({"operation": "burn"}), "operation must be one of the operations"),
            (
                json!({"operation": "doctor", "now": true}),
                "now is not a known field; known here: operation, language",
            ),
            (json!({"operation": "doctor", "language": "fr"}), "language must be one of en, zh"),
            (json!({"operation": "doctor", "language": null}), "language must be a string, not null"),
            (json!({"operation": "settings.put"}), "settings is required"),
            (json!({"operation": "settings.restore"}), "version is required"),
            (
                json!({"operation": "settings.put", "settings": {}, "if_version": "3"}),
                "if_version must be a whole number, not a string",
            ),
            (
                json!({"operation": "reminder.show", "openid": 1}),
                "openid must be a string, not a number; id is required",
            ),
            (
                json!({"operation": "push.redrive", "since": "yesterday"}),
                "since must be an instant with offset, such as 2027-01-30T00:00:00+08:00",
            ),
            (json!({"operation": "push.redrive"}), "openid is required; id is required"),
            (json!({"operation": "user.show"}), "openid is required"),
            (json!({"operation": "push.test"}), "openid is required; template is required"),
            (json!({"operation": "stats", "days": 0}), "days must be 1 to 90; this one is 0"),
            (
                json!({"operation": "user.forget", "openid": "o 1"}),
                "openid must be an openid: visible ASCII characters without spaces",
            ),
            (
                json!({"operation": "user.find", "reminder": "护照"}),
                "reminder must be the id of a reminder: 20 characters of a-z and 2-7",
            ),
            (
                json!({"operation": "push.redrive", "template": "expiry"}),
                "template goes with \"again\": true",
            ),
            (
                json!({"operation": "push.redrive", "since": "2027-01-30T00:00:00+08:00", "even_unknown": true}),
                "even_unknown goes with \"again\": true",
            ),
            (
                json!({"operation": "push.redrive", "since": "2027-01-30T00:00:00+08:00", "template": "a", "again": true}),
                "template goes without \"since\": one of the two says what rests",
            ),
            (
                json!({"operation": "push.redrive", "template": "a", "again": true, "openid": "o", "id": "x"}),
                "openid names one reminder; it goes without \"since\" and \"template\"; \
                 id names one reminder; it goes without \"since\" and \"template\"",
            ),
            (
                json!({"operation": "followers.sync", "seconds": 900}),
                "seconds must be 0 to 240; this one is 900",
            ),
        ] {
            assert_eq!(faults(event), said);
        }
    }
}
