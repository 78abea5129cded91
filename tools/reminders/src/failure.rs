//! Why a command did not do what it was asked for, and with which exit code it ends.

use serde_json::Value;

use crate::faults;
use crate::language::Language;
use crate::words::Word;

/// Everything was fine.
pub const FINE: u8 = 0;
/// The doctor found something, or what was asked for was not done.
pub const FAILED: u8 = 1;
/// The command line, or a file it names, is wrong; nothing was done.
pub const USAGE: u8 = 2;
/// The stack or the local world cannot be reached.
pub const UNREACHABLE: u8 = 3;

#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line, or a file it names.
    Usage(String),
    /// No credentials, no such function, no network.
    Unreachable(String),
    /// The function was reached and broke.
    Broke(String),
    /// The function answered with an `error`.
    Answer(Value),
    /// Nothing was done, by the person's own word.
    NotConfirmed,
    /// Told already, as part of the answer.
    Findings,
}

impl Failure {
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => USAGE,
            Self::Unreachable(_) => UNREACHABLE,
            Self::Broke(_) | Self::Answer(_) | Self::NotConfirmed | Self::Findings => FAILED,
        }
    }

    pub(crate) fn text(&self, language: Language) -> String {
        match self {
            Self::Usage(text) | Self::Unreachable(text) | Self::Broke(text) => text.clone(),
            Self::Answer(answer) => refusal(answer, language),
            Self::NotConfirmed => language.say(Word::NotConfirmed, &[]),
            Self::Findings => String::new(),
        }
    }
}

/// The stack's own words, and every fault it names.
fn refusal(answer: &Value, language: Language) -> String {
    if is_unknown_operation(answer) {
        return language.say(Word::OperationUnknown, &[]);
    }
    let errors = answer["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut lines = vec![match language {
        Language::Chinese if !errors.is_empty() => language.say(Word::FieldsWrong, &[]),
        _ => answer["error"].as_str().unwrap_or_default().to_owned(),
    }];
    for error in errors {
        lines.push(format!("  {}", faults::told(error, language)));
    }
    for name in ["openid", "forgotten_at"] {
        if let Some(value) = answer[name].as_str() {
            lines.push(format!("  {name}: {value}"));
        }
    }
    lines.join("\n")
}

/// The stack is older than this program.
fn is_unknown_operation(answer: &Value) -> bool {
    answer["errors"].as_array().is_some_and(|errors| errors.iter().any(|error| error["field"] == "operation"))
}

/// An error and what caused it, without the addresses and documents that `Debug` would bring along.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn exit_codes_mean_something() {
        for (failure, code) in [
            (Failure::Usage(String::new()), 2),
            (Failure::Unreachable(String::new()), 3),
            (Failure::Broke(String::new()), 1),
            (Failure::Answer(json!({"error": "no"})), 1),
            (Failure::NotConfirmed, 1),
            (Failure::Findings, 1),
        ] {
            assert_eq!(failure.exit_code(), code, "{failure:?}");
        }
    }

    #[test]
    fn refusals_are_told_with_every_fault() {
        for (answer, said) in [
            (json!({"error": "no"}), "no"),
            (
                json!({"error": "bad", "errors": [{"field": "timezone", "message": "is required"}]}),
                "bad\n  timezone: is required",
            ),
            (
                json!({"error": "gone", "forgotten_at": "2027-01-01T00:00:00Z"}),
                "gone\n  forgotten_at: 2027-01-01T00:00:00Z",
            ),
            (
                json!({"error": "bad", "errors": [{"field": "operation", "message": "must be one of the operations"}]}),
                "the stack does not know this operation yet: deploy the version that this program is of",
            ),
        ] {
            assert_eq!(Failure::Answer(answer).text(Language::English), said);
        }
        let answer = json!({"error": "bad", "errors": [{"field": "timezone", "code": "required", "params": {}, "message": "is required"}]});
        assert_eq!(
            Failure::Answer(answer).text(Language::Chinese),
            "以下字段有误，什么都没做：\n  timezone：必填"
        );
    }
}
