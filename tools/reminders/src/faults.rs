//! What is wrong with a field of a document, in the person's language: in Chinese made of the fault's code and parameters,
//! and of a code that this version does not know in the words it came with.

use reminder_core::json::chinese;
use serde_json::Value;

use crate::language::Language;

/// `timezone: is required`.
pub(crate) fn told(fault: &Value, language: Language) -> String {
    let text = |name: &str| fault[name].as_str().unwrap_or_default();
    let (field, message) = (text("field"), text("message"));
    match language {
        Language::English => format!("{field}: {message}"),
        Language::Chinese => {
            let none = serde_json::Map::new();
            let told = chinese::fault(text("code"), fault["params"].as_object().unwrap_or(&none));
            let field = if field.is_empty() { "文档" } else { field };
            format!("{field}：{}", told.as_deref().unwrap_or(message))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn faults_are_told_in_the_persons_language_and_unknown_ones_as_they_came() {
        let range = json!({"field": "days", "code": "range", "params": {"min": 1, "max": 90, "found": 0}, "message": "must be 1 to 90; this one is 0"});
        let newer = json!({"field": "days", "code": "of_next_year", "params": {}, "message": "must be new"});
        let whole = json!({"field": "", "code": "more_faults", "params": {"shown": 100}, "message": "has more faults"});
        for (fault, english, chinese) in [
            (&range, "days: must be 1 to 90; this one is 0", "days：应在 1 至 90 之间，现在是 0"),
            (&newer, "days: must be new", "days：must be new"),
            (&whole, ": has more faults", "文档：还有更多错误，只列出前 100 个"),
        ] {
            assert_eq!(told(fault, Language::English), english);
            assert_eq!(told(fault, Language::Chinese), chinese);
        }
    }
}
