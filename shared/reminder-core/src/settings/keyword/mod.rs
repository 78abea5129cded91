//! The typed keywords of WeChat's message templates (`thing1`, `date2`, …) and what fits them.
//!
//! WeChat refuses a mini-program message whole (47003) when one value breaks its keyword's type, so
//! values are checked when an item is saved, not when it is due. Where the platform's page leaves room
//! for reading, the narrower reading is taken: what passes here passes there.

mod date_time;
mod fit;
mod text;

use std::fmt;

use date_time::{is_date, is_time};

use crate::json::error::Rule;
pub use fit::Part;
pub use text::{clean, is_printable};

/// A key of a template's data, as WeChat writes it: type prefix and number, or in historic templates and test accounts
/// whatever somebody called it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Keyword {
    pub kind: KeywordType,
    name: String,
}

const NAME_CHARS_MAX: usize = 32;

impl Keyword {
    /// `None` if no template can call it so.
    pub fn parse(name: &str) -> Option<Self> {
        let is_part = |c: char| text::is_printable(c) && !c.is_whitespace() && !matches!(c, '{' | '}' | '.');
        let is_name = (1..=NAME_CHARS_MAX).contains(&name.chars().count()) && name.chars().all(is_part);
        is_name.then(|| Self { kind: kind_of(name), name: name.to_owned() })
    }

    /// Of historic templates, whose names are free and known.
    fn is_historic(&self) -> bool {
        let number = self.name.strip_prefix("keyword").map(|number| number.parse::<u16>());
        matches!(self.name.as_str(), "first" | "remark") || matches!(number, Some(Ok(_)))
    }

    /// Its type is not known here: it may be new at WeChat, or a slip of the pen.
    pub fn is_strange(&self) -> bool {
        self.kind == KeywordType::Text && !self.is_historic()
    }
}

/// By a known type and a number (`thing1`, `character_string3`); anything else is text.
fn kind_of(name: &str) -> KeywordType {
    let prefix = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = &name[prefix.len()..];
    let is_number = !number.starts_with('0') && number.parse::<u16>().is_ok();
    let known = KeywordType::NAMED.into_iter().find(|kind| kind.prefix() == prefix && is_number);
    known.unwrap_or(KeywordType::Text)
}

impl fmt::Display for Keyword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// The types of docs/wechat.md §9.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeywordType {
    Thing,
    ShortThing,
    Number,
    Letter,
    Symbol,
    CharacterString,
    Time,
    Date,
    Amount,
    PhoneNumber,
    CarNumber,
    Name,
    Phrase,
    /// One of the values WeChat lists for the template; which ones, only WeChat knows.
    Enum,
    /// As [`KeywordType::Enum`].
    EnumString,
    /// As [`KeywordType::Enum`].
    Const,
    /// Of a name that says nothing of its type.
    Text,
}

/// The rule a value breaks, in words that follow the name of a field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    #[error("must not be empty (WeChat shows no emoji and no control characters, so they do not count)")]
    Empty,
    #[error("must be at most {max} characters; this one has {count}")]
    TooLong { max: usize, count: usize },
    #[error("must not contain emoji, line breaks or control characters")]
    Unprintable,
    #[error("must be {0}")]
    Form(&'static str),
}

impl ValueError {
    /// For programs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong { .. } => "too_long",
            Self::Unprintable => "unprintable",
            Self::Form(_) => "form",
        }
    }

    /// The rule with what a program needs to say the same.
    pub fn told_by(&self, rule: Rule) -> Rule {
        let rule = rule.with("rule", self.name());
        match self {
            Self::TooLong { max, count } => rule.with("max", *max).with("found", *count),
            Self::Form(form) => rule.with("wanted", *form),
            Self::Empty | Self::Unprintable => rule,
        }
    }
}

impl KeywordType {
    /// Those that a name can say.
    pub const NAMED: [Self; 16] = [
        Self::Thing,
        Self::ShortThing,
        Self::Number,
        Self::Letter,
        Self::Symbol,
        Self::CharacterString,
        Self::Time,
        Self::Date,
        Self::Amount,
        Self::PhoneNumber,
        Self::CarNumber,
        Self::Name,
        Self::Phrase,
        Self::Enum,
        Self::EnumString,
        Self::Const,
    ];

    /// WeChat takes what its own list for the template has, and nothing else.
    pub fn has_fixed_values(self) -> bool {
        matches!(self, Self::Enum | Self::EnumString | Self::Const)
    }

    pub fn prefix(self) -> &'static str {
        match self {
            Self::Thing => "thing",
            Self::ShortThing => "short_thing",
            Self::Number => "number",
            Self::Letter => "letter",
            Self::Symbol => "symbol",
            Self::CharacterString => "character_string",
            Self::Time => "time",
            Self::Date => "date",
            Self::Amount => "amount",
            Self::PhoneNumber => "phone_number",
            Self::CarNumber => "car_number",
            Self::Name => "name",
            Self::Phrase => "phrase",
            Self::Enum => "enum",
            Self::EnumString => "enum_string",
            Self::Const => "const",
            Self::Text => "text",
        }
    }

    /// Whether WeChat takes this value for a keyword of this type.
    pub fn check(self, value: &str) -> Result<(), ValueError> {
        if value.trim().is_empty() {
            return Err(ValueError::Empty);
        }
        if !value.chars().all(text::is_printable) {
            return Err(ValueError::Unprintable);
        }
        if !self.has_form_of(value) {
            return Err(ValueError::Form(self.form()));
        }
        let (max, count) = (self.length_max(value), self.length(value));
        if count > max { Err(ValueError::TooLong { max, count }) } else { Ok(()) }
    }

    /// The longest value of this type, in what [`KeywordType::length`] counts.
    fn length_max(self, value: &str) -> usize {
        match self {
            Self::Thing | Self::Const | Self::Text => 20,
            Self::Number | Self::Letter | Self::CharacterString => 32,
            Self::ShortThing | Self::Symbol | Self::Phrase => 5,
            // Two moments with year and seconds and a `~`: the longest the grammar can make.
            Self::Time | Self::Date => 43,
            Self::Amount => 10,
            Self::PhoneNumber => 17,
            Self::CarNumber => 8,
            Self::Name if value.chars().any(text::is_han) => 10,
            Self::Name => 20,
            // Not documented: the most that any other text may have.
            Self::Enum | Self::EnumString => 32,
        }
    }

    /// Digits for numbers and amounts, Unicode scalar values for everything else.
    fn length(self, value: &str) -> usize {
        match self {
            Self::Number | Self::Amount => value.chars().filter(char::is_ascii_digit).count(),
            _ => value.chars().count(),
        }
    }

    fn has_form_of(self, value: &str) -> bool {
        let mut chars = value.chars();
        match self {
            Self::Thing | Self::ShortThing | Self::Enum | Self::EnumString | Self::Const | Self::Text => true,
            Self::Number => text::is_decimal(value),
            Self::Letter => chars.all(|c| c.is_ascii_alphabetic()),
            Self::Symbol => chars.all(text::is_symbol),
            Self::CharacterString => chars.all(|c| c.is_ascii_graphic() || c == ' '),
            Self::Time => is_time(value),
            Self::Date => is_date(value),
            Self::Amount => text::is_amount(value),
            Self::PhoneNumber => text::is_phone_number(value),
            Self::CarNumber => text::is_car_number(value),
            Self::Name => chars.all(text::is_in_names),
            Self::Phrase => chars.all(text::is_han),
        }
    }

    fn form(self) -> &'static str {
        match self {
            Self::Thing | Self::ShortThing | Self::Enum | Self::EnumString | Self::Const | Self::Text => {
                "text"
            }
            Self::Number => "digits, decimals allowed (such as 12 or 12.5)",
            Self::Letter => "letters A to Z only",
            Self::Symbol => "symbols only, neither letters, digits nor Chinese",
            Self::CharacterString => "letters, digits and symbols of ASCII only, no Chinese",
            Self::Time => "a time such as 15:01 or 2019年10月1日 15:01, or two of them joined by ~",
            Self::Date => "a date such as 2019年10月1日 or 2018-01-01, or two of them joined by ~",
            Self::Amount => "an amount such as ￥100.05 or 100元",
            Self::PhoneNumber => "a phone number of digits and symbols (such as +86-0766-66888866)",
            Self::CarNumber => "a licence plate: letters and digits, first and last may be Chinese",
            Self::Name => "a name of Chinese characters, or of letters and symbols, without digits",
            Self::Phrase => "Chinese characters only",
        }
    }
}

#[cfg(test)]
mod tests;
