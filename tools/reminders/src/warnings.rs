//! What of settings that were taken may be a slip of the pen, a line each.

use serde_json::Value;

use crate::faults;
use crate::language::Language;
use crate::words::Word;

pub(crate) fn warnings(answer: &Value, language: Language) -> impl Iterator<Item = String> {
    answer["warnings"]
        .as_array()
        .into_iter()
        .flatten()
        .map(move |warning| language.say(Word::Warning, &[&faults::told(warning, language)]))
}
