//! What of settings that were taken may be a slip of the pen, a line each.

use serde_json::Value;

use crate::language::Language;
use crate::words::Word;

pub(crate) fn warnings(answer: &Value, language: Language) -> impl Iterator<Item = String> {
    answer["warnings"].as_array().into_iter().flatten().map(move |warning| {
        let [field, message] = ["field", "message"].map(|part| warning[part].as_str().unwrap_or_default());
        language.say(Word::Warning, &[&field, &message])
    })
}
