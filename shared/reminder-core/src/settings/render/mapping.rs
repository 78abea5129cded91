//! Whether a pattern can ever fill a keyword: checked once, when the settings are written.

use super::{Pattern, PatternError, Placeholder, Placeholders};
use crate::json::error::{Rule, RuleCode};
use crate::settings::keyword::{Keyword, KeywordType, ValueError, clean, is_printable};

/// Why a mapping of the settings is refused; texts follow the name of the field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    #[error(transparent)]
    Pattern(#[from] PatternError),
    #[error("must not use {{{placeholder}}}: {kind} takes {takes}")]
    Placeholder { placeholder: &'static str, kind: &'static str, takes: String },
    #[error("{0}")]
    Literal(ValueError),
    #[error("with its placeholders filled in, {0}")]
    Filled(ValueError),
}

impl MappingError {
    /// The rule that is broken.
    pub(crate) fn in_words(&self) -> Rule {
        let said = RuleCode::Placeholder.says(self.to_string());
        match self {
            Self::Pattern(error) => error.in_words(),
            Self::Placeholder { placeholder, takes, .. } => {
                said.with("placeholder", *placeholder).with("known", takes.as_str())
            }
            Self::Literal(rule) => rule.told_by(said),
            Self::Filled(rule) => rule.told_by(said.with("filled", true)),
        }
    }
}

/// The pattern, if whatever an item may hold can go through it: every placeholder suits the keyword's type,
/// and the words around them leave room for the longest date and at least a little of the user's text.
pub fn check_mapping(
    keyword: &Keyword,
    text: &str,
    chars_max: Option<usize>,
) -> Result<Pattern<Placeholder>, MappingError> {
    let pattern = Pattern::<Placeholder>::parse(text)?;
    let kind = keyword.kind;
    if let Some(stranger) = pattern.placeholders().find(|placeholder| !suits(*placeholder, kind)) {
        let placeholder = stranger.name();
        return Err(MappingError::Placeholder { placeholder, kind: kind.prefix(), takes: takes(kind) });
    }
    let literals = pattern.fill(|_| String::new());
    if !literals.chars().all(is_printable) {
        return Err(MappingError::Literal(ValueError::Unprintable));
    }
    let example = clean(&pattern.fill(|placeholder| example(placeholder, kind)));
    match kind.check_within(&example, chars_max) {
        Ok(()) => Ok(pattern),
        Err(rule) if pattern.placeholders().next().is_none() => Err(MappingError::Literal(rule)),
        Err(rule) => Err(MappingError::Filled(rule)),
    }
}

/// A value of the placeholder that fits the type: the longest date and count of days, a short word.
pub(super) fn example(placeholder: Placeholder, kind: KeywordType) -> String {
    let text = match (placeholder, kind) {
        (Placeholder::DaysLeft, _) => "10958",
        (Placeholder::ExpiresAt, KeywordType::CharacterString) => "2027-12-31 23:59",
        (Placeholder::ExpiresAt, _) => "2027年12月31日 23:59",
        (Placeholder::ExpiresOn, KeywordType::CharacterString) => "2027-12-31",
        (Placeholder::ExpiresOn, _) => "2027年12月31日",
        (_, KeywordType::Letter | KeywordType::CharacterString | KeywordType::CarNumber) => "AB",
        (_, KeywordType::PhoneNumber) => "12",
        (_, _) => "护照",
    };
    text.to_owned()
}

/// A title goes where words go; a note only where there is also a word for its being empty.
fn suits(placeholder: Placeholder, kind: KeywordType) -> bool {
    use KeywordType as K;
    match placeholder {
        Placeholder::Title => matches!(
            kind,
            K::Thing
                | K::ShortThing
                | K::Text
                | K::CharacterString
                | K::Name
                | K::Phrase
                | K::Letter
                | K::PhoneNumber
                | K::CarNumber
        ),
        Placeholder::Note => {
            matches!(kind, K::Thing | K::ShortThing | K::Text | K::CharacterString | K::Name | K::Phrase)
        }
        Placeholder::ExpiresAt => {
            matches!(kind, K::Thing | K::Text | K::CharacterString | K::Date | K::Time)
        }
        // A `time` has one, which a day has not.
        Placeholder::ExpiresOn => matches!(kind, K::Thing | K::Text | K::CharacterString | K::Date),
        Placeholder::DaysLeft => {
            matches!(kind, K::Thing | K::ShortThing | K::Text | K::CharacterString | K::Number)
        }
    }
}

fn takes(kind: KeywordType) -> String {
    let known = Placeholder::KNOWN.iter().filter(|placeholder| suits(**placeholder, kind));
    let names = known.map(|placeholder| format!("{{{}}}", placeholder.name())).collect::<Vec<_>>();
    if names.is_empty() { "fixed text only".to_owned() } else { names.join(", ") }
}
