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
pub use fit::Part;
pub use text::{clean, is_printable};

/// A key of a template's data, as WeChat writes it: type prefix and number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Keyword {
    pub kind: KeywordType,
    pub number: u16,
}

impl Keyword {
    /// `None` if the name is not a known type followed by a number (`thing1`, `character_string3`).
    pub fn parse(name: &str) -> Option<Self> {
        let digits = name.len() - name.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        let (prefix, number) = name.split_at(name.len() - digits);
        let kind = KeywordType::ALL.into_iter().find(|kind| kind.prefix() == prefix)?;
        if number.starts_with('0') {
            return None;
        }
        Some(Self { kind, number: number.parse().ok()? })
    }
}

impl fmt::Display for Keyword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.kind.prefix(), self.number)
    }
}

/// The types of docs/wechat.md §9.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeywordType {
    Thing,
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
    Const,
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

impl KeywordType {
    pub const ALL: [Self; 14] = [
        Self::Thing,
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
        Self::Const,
    ];

    pub fn prefix(self) -> &'static str {
        match self {
            Self::Thing => "thing",
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
            Self::Const => "const",
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
            Self::Thing => 20,
            Self::Number | Self::Letter | Self::CharacterString => 32,
            Self::Symbol | Self::Phrase => 5,
            // Two moments with year and seconds and a `~`: the longest the grammar can make.
            Self::Time | Self::Date => 43,
            Self::Amount => 10,
            Self::PhoneNumber => 17,
            Self::CarNumber => 8,
            Self::Name if value.chars().any(text::is_cjk) => 10,
            Self::Name => 20,
            // Not documented: the most that any other text may have.
            Self::Enum | Self::Const => 32,
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
            Self::Thing | Self::Enum | Self::Const => true,
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
            Self::Phrase => chars.all(text::is_cjk),
        }
    }

    fn form(self) -> &'static str {
        match self {
            Self::Thing | Self::Enum | Self::Const => "text",
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
