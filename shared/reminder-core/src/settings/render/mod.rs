//! The values of one message: a template's data filled with an item, as the user's phone will show them.
//!
//! Used twice with the same code: when an item is saved, to refuse what WeChat would refuse (docs/design.md §8),
//! and when its push is sent. Nothing is left for WeChat to cut: what is too long ends in `…` here.
//!
//! Dates are calendar dates in the user's zone. An item that expires at midnight expires *on that day*: its
//! `date` shows the day alone and never slips to the day before; at any other time of day the time is shown. One that
//! expires with the end of a day has no time; where a `time` needs one, it is the day's last minute.

mod mapping;
mod pattern;

use jiff::civil::{Date, DateTime, Time, time};

use crate::json::error::{Rule, RuleCode};
use crate::settings::keyword::{Keyword, KeywordType, Part, ValueError, clean};
pub use mapping::{MappingError, check_mapping};
pub use pattern::{Pattern, PatternError, Piece, Placeholder, Placeholders};

/// What stands for a note that is empty: WeChat refuses empty values.
const EMPTY_NOTE: &str = "无";
/// The same for a `character_string`, which takes no Chinese.
const EMPTY_NOTE_ASCII: &str = "-";
/// The time of what expires with its day: `24:00` is none for WeChat, and `00:00` would be a day too early.
const LAST_MINUTE: Time = time(23, 59, 0, 0);

/// What one channel's template is filled with: its keywords in order, and how many characters of each
/// value that channel shows (`None`: as many as the keyword's type takes).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageData {
    pub entries: Vec<(Keyword, Pattern<Placeholder>)>,
    pub value_chars_max: Option<usize>,
}

impl MessageData {
    /// What is always the same in keywords that take one of WeChat's values.
    pub fn fixed(&self) -> impl Iterator<Item = (String, &str)> {
        self.entries.iter().filter_map(|(keyword, pattern)| match pattern.pieces() {
            [Piece::Literal(text)] if keyword.kind.has_fixed_values() => {
                Some((keyword.to_string(), text.as_str()))
            }
            _ => None,
        })
    }
}

/// The item a message speaks of.
#[derive(Debug, Clone)]
pub struct Values<'a> {
    pub title: &'a str,
    pub note: &'a str,
    /// By the user's calendar.
    pub expires: Expires,
    /// There, when the message is sent; `{days_left}` counts from here.
    pub today: Date,
}

/// When an item expires, by its user's calendar and clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expires {
    At(DateTime),
    /// With the end of this day.
    With(Date),
}

impl Expires {
    pub fn day(self) -> Date {
        match self {
            Self::At(at) => at.date(),
            Self::With(day) => day,
        }
    }
}

/// A field of the item that does not fit a keyword of the template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// As in the request: `title`, `note` or `expires_at`.
    pub field: &'static str,
    pub keyword: Keyword,
    pub rule: ValueError,
}

impl Misfit {
    pub fn in_words(&self, message: &str) -> Rule {
        let (keyword, rule) = (self.keyword.to_string(), &self.rule);
        let said = RuleCode::DoesNotFit.says(format!("{rule}, to be shown as {keyword} of {message}"));
        rule.told_by(said.with("keyword", keyword))
    }
}

/// Keyword names and values in the template's order, or every field that does not fit.
pub fn render(data: &MessageData, values: &Values<'_>) -> Result<Vec<(String, String)>, Vec<Misfit>> {
    let mut rendered = Vec::new();
    let mut misfits = Vec::new();
    for (keyword, pattern) in &data.entries {
        match fill(keyword.kind, pattern, data.value_chars_max, |placeholder| {
            text_of(placeholder, keyword.kind, values)
        }) {
            Ok(value) => rendered.push((keyword.to_string(), value)),
            Err(rule) => misfits.extend(blame(keyword, pattern, data.value_chars_max, values, rule)),
        }
    }
    if misfits.is_empty() { Ok(rendered) } else { Err(misfits) }
}

fn fill(
    kind: KeywordType,
    pattern: &Pattern<Placeholder>,
    chars_max: Option<usize>,
    text_of: impl Fn(Placeholder) -> String,
) -> Result<String, ValueError> {
    let part = |piece: &Piece<Placeholder>| match piece {
        Piece::Literal(text) => Part::Fixed(text.clone()),
        Piece::Placeholder(placeholder) if is_free(*placeholder) => Part::Free(text_of(*placeholder)),
        Piece::Placeholder(placeholder) => Part::Fixed(text_of(*placeholder)),
    };
    kind.fit_parts(pattern.pieces().iter().map(part).collect(), chars_max)
}

/// Which fields of the item are the cause: those that do not fit even if all the others hold sample values.
fn blame(
    keyword: &Keyword,
    pattern: &Pattern<Placeholder>,
    chars_max: Option<usize>,
    values: &Values<'_>,
    rule: ValueError,
) -> Vec<Misfit> {
    let mut misfits = Vec::<Misfit>::new();
    for suspect in pattern.placeholders() {
        let alone = fill(keyword.kind, pattern, chars_max, |placeholder| {
            if placeholder == suspect {
                text_of(placeholder, keyword.kind, values)
            } else {
                mapping::example(placeholder, keyword.kind)
            }
        });
        if let Err(rule) = alone {
            misfits.push(Misfit { field: field_of(suspect), keyword: keyword.clone(), rule });
        }
    }
    if misfits.is_empty() {
        let field = pattern.placeholders().find(|p| is_free(*p)).map_or("expires_at", field_of);
        misfits.push(Misfit { field, keyword: keyword.clone(), rule });
    }
    misfits
}

fn field_of(placeholder: Placeholder) -> &'static str {
    match placeholder {
        Placeholder::Title => "title",
        Placeholder::Note => "note",
        Placeholder::ExpiresAt | Placeholder::ExpiresOn | Placeholder::DaysLeft => "expires_at",
    }
}

/// Whether these are the user's own words.
fn is_free(placeholder: Placeholder) -> bool {
    matches!(placeholder, Placeholder::Title | Placeholder::Note)
}

fn text_of(placeholder: Placeholder, kind: KeywordType, values: &Values<'_>) -> String {
    match placeholder {
        Placeholder::Title => clean(values.title),
        Placeholder::Note => match clean(values.note) {
            note if !note.is_empty() => note,
            _ if kind == KeywordType::CharacterString => EMPTY_NOTE_ASCII.to_owned(),
            _ => EMPTY_NOTE.to_owned(),
        },
        Placeholder::ExpiresAt => expiry_text(kind, values.expires),
        Placeholder::ExpiresOn => day_text(kind, values.expires.day()),
        Placeholder::DaysLeft => days_left(values).to_string(),
    }
}

/// `2027年3月1日`, with ` 18:30` unless it is midnight or the whole day; a `time` always has its time.
fn expiry_text(kind: KeywordType, expires: Expires) -> String {
    let day = day_text(kind, expires.day());
    let clock = match expires {
        Expires::At(at) => at.time(),
        Expires::With(_) => LAST_MINUTE,
    };
    let is_day_alone = matches!(expires, Expires::With(_)) || clock == Time::midnight();
    match is_day_alone && kind != KeywordType::Time {
        true => day,
        false => format!("{day} {}", clock.strftime("%H:%M")),
    }
}

/// No Chinese where the type takes none.
fn day_text(kind: KeywordType, day: Date) -> String {
    match kind {
        KeywordType::CharacterString => day.strftime("%Y-%m-%d").to_string(),
        _ => day.strftime("%Y年%-m月%-d日").to_string(),
    }
}

/// Calendar days in the user's zone: 1 on the evening before an item expires at midnight, 0 on its day.
fn days_left(values: &Values<'_>) -> i64 {
    (values.expires.day().duration_since(values.today).as_hours() / 24).max(0)
}

#[cfg(test)]
mod tests;
