//! What `--answers FILE` says: all that a person would be asked. A secret is named, never written down: by a variable of
//! the environment, or as the next line of standard input.

use std::collections::BTreeMap;

use reminder_core::channel::Channel;
use reminder_core::json::error::{FieldError, FieldErrors, Rule, RuleCode};
use reminder_core::json::fields::{Field, Fields};
use reminder_core::settings::time_zone;
use serde_json::Value;

const TEXT_CHARS_MAX: usize = 2048;
const ENVIRONMENT: &str = "env:";

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Answers {
    pub(super) stack: Option<String>,
    pub(super) region: Option<String>,
    /// Of the template; `ingress` is one of them.
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) mini_program: Option<AccountAnswers>,
    pub(super) service_account: Option<AccountAnswers>,
    pub(super) timezone: Option<String>,
    /// Ids of the templates to use.
    pub(super) templates: BTreeMap<&'static str, String>,
    pub(super) openid: Option<String>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct AccountAnswers {
    pub(super) appid: String,
    /// None: the stack has it already.
    pub(super) app_secret_from: Option<SecretSource>,
    /// By which a mini program opens the account's profile.
    pub(super) original_id: Option<String>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum SecretSource {
    Variable(String),
    StandardInput,
}

impl Answers {
    /// # Errors
    /// Every fault, by its field; never with what stands there.
    pub(super) fn parse(document: &Value) -> Result<Self, Vec<FieldError>> {
        let mut errors = FieldErrors::default();
        let answers = Field::document(document).object(&mut errors).map(|fields| read(fields, &mut errors));
        errors.into_result(answers)
    }
}

fn read(mut fields: Fields<'_>, errors: &mut FieldErrors) -> Answers {
    let mut answers = Answers {
        stack: text(fields.optional("stack"), errors),
        region: text(fields.optional("region"), errors),
        timezone: timezone(fields.optional("timezone"), errors),
        openid: text(fields.optional("openid"), errors),
        ..Answers::default()
    };
    if let Some(parameters) = fields.optional("parameters") {
        for (name, field) in parameters.entries(errors).unwrap_or_default() {
            let value = field.text_of(0..=TEXT_CHARS_MAX, errors).unwrap_or_default();
            answers.parameters.insert(name.to_owned(), value.to_owned());
        }
    }
    if let Some(field) = fields.optional("ingress") {
        let words = ["FunctionUrl", "HttpApi", "Both"].map(|word| (word, word));
        let ingress = field.word(&words, errors).unwrap_or_default();
        answers.parameters.insert("Ingress".to_owned(), ingress.to_owned());
    }
    answers.mini_program = fields.optional("mini_program").and_then(|field| account(&field, errors));
    answers.service_account = fields.optional("service_account").and_then(|field| account(&field, errors));
    if let Some(mut templates) = fields.optional("templates").and_then(|field| field.object(errors)) {
        for channel in Channel::ALL.map(Channel::as_str) {
            let id = text(templates.optional(channel), errors);
            answers.templates.extend(id.map(|id| (channel, id)));
        }
        templates.close(errors);
    }
    fields.close(errors);
    answers
}

fn text(field: Option<Field<'_>>, errors: &mut FieldErrors) -> Option<String> {
    Some(field?.text_of(1..=TEXT_CHARS_MAX, errors)?.to_owned())
}

fn timezone(field: Option<Field<'_>>, errors: &mut FieldErrors) -> Option<String> {
    let zone = time_zone(&field?, errors)?;
    zone.iana_name().map(str::to_owned)
}

fn account(field: &Field<'_>, errors: &mut FieldErrors) -> Option<AccountAnswers> {
    let mut fields = field.object(errors)?;
    let appid = text(fields.required("appid", errors), errors);
    let original_id = text(fields.optional("original_id"), errors);
    let source = fields.optional("app_secret_from");
    let app_secret_from = source.and_then(|field| secret_source(&field, errors));
    if let Some(written) = fields.optional("app_secret") {
        let message = "belongs into no file: say app_secret_from, \"env:NAME\" or \"stdin\"";
        errors.at(&written.path, RuleCode::Misplaced.says(message).with("instead", "app_secret_from"));
    }
    fields.close(errors);
    Some(AccountAnswers { appid: appid?, app_secret_from, original_id })
}

fn secret_source(field: &Field<'_>, errors: &mut FieldErrors) -> Option<SecretSource> {
    match field.text(errors)? {
        "stdin" => Some(SecretSource::StandardInput),
        text => match text.strip_prefix(ENVIRONMENT).filter(|name| !name.is_empty()) {
            Some(name) => Some(SecretSource::Variable(name.to_owned())),
            None => {
                let message = "must be \"env:NAME\", a variable of the environment, or \"stdin\"";
                errors.at(&field.path, Rule::format("source", message));
                None
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn answers_name_secrets_and_hold_none() {
        let answers = Answers::parse(&json!({
            "stack": "reminders", "region": "ap-southeast-1", "ingress": "Both",
            "parameters": {"AlarmEmail": "me@example.com", "VpcSubnetIds": ""},
            "mini_program": {"appid": "wx1", "app_secret_from": "env:SECRET"},
            "service_account": {"appid": "wx2", "app_secret_from": "stdin"},
            "templates": {"mini_subscription": "T1"},
        }))
        .expect("answers");
        let secret_of = |account: &Option<AccountAnswers>| match account {
            Some(AccountAnswers { app_secret_from: Some(SecretSource::Variable(name)), .. }) => name.clone(),
            Some(AccountAnswers { app_secret_from: Some(SecretSource::StandardInput), .. }) => "-".to_owned(),
            _ => String::new(),
        };
        assert_eq!(secret_of(&answers.mini_program), "SECRET");
        assert_eq!(secret_of(&answers.service_account), "-");
        assert_eq!(answers.parameters["Ingress"], "Both");
        assert_eq!(answers.parameters.len(), 3);
        assert_eq!(answers.templates["mini_subscription"], "T1");
        assert_eq!(Answers::parse(&json!({})), Ok(Answers::default()));
    }

    #[test]
    fn faults_are_named_by_their_field_and_quote_no_secret() {
        let secret = "0123456789abcdef0123456789abcdef";
        for (account, field) in [
            (json!({"appid": "wx1", "app_secret": secret}), "mini_program.app_secret"),
            (json!({"appid": "wx1", "app_secret_from": secret}), "mini_program.app_secret_from"),
            (json!({"appid": "wx1", "app_secret_from": {"value": secret}}), "mini_program.app_secret_from"),
            (json!({"app_secret_from": "stdin"}), "mini_program.appid"),
            (json!({"appid": "wx1", "secret": secret}), "mini_program.secret"),
            (json!(secret), "mini_program"),
        ] {
            let errors = Answers::parse(&json!({ "mini_program": account })).expect_err("a fault");
            assert_eq!(errors.iter().map(|error| error.field.as_str()).collect::<Vec<_>>(), [field]);
            assert!(!format!("{errors:?}").contains(secret), "{errors:?}");
        }
    }
}
