//! Makes a value fit its keyword by shortening what may be shortened.

use super::{KeywordType, ValueError, clean};

/// A part of a value. Only free text, the user's own words, is ever cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    Fixed(String),
    Free(String),
}

impl Part {
    fn text(&self) -> &str {
        match self {
            Self::Fixed(text) | Self::Free(text) => text,
        }
    }
}

impl KeywordType {
    /// The value as it can be sent: line breaks collapsed, emoji dropped, and, where the type is free
    /// text, shortened to what WeChat takes. What comes back always passes [`KeywordType::check`].
    pub fn fit(self, value: &str) -> Result<String, ValueError> {
        self.fit_parts(vec![Part::Free(value.to_owned())], None)
    }

    /// As [`KeywordType::fit`] for a value made of parts, of which the channel shows only `chars_max`
    /// characters. The last free part is cut first, so that a date behind a long title stays whole.
    pub fn fit_parts(self, mut parts: Vec<Part>, chars_max: Option<usize>) -> Result<String, ValueError> {
        for part in &mut parts {
            if let Part::Free(text) = part {
                *text = clean(text);
                if text.is_empty() {
                    return Err(ValueError::Empty);
                }
            }
        }
        if let Some(ellipsis) = self.ellipsis() {
            for n in (0..parts.len()).rev() {
                let value = joined(&parts);
                let max = self.length_max(&value).min(chars_max.unwrap_or(usize::MAX));
                let excess = value.chars().count().saturating_sub(max);
                if let Part::Free(text) = &mut parts[n] {
                    *text = shortened(text, text.chars().count().saturating_sub(excess).max(1), ellipsis);
                }
            }
        }
        let value = joined(&parts);
        self.check_within(&value, chars_max)?;
        Ok(value)
    }

    /// [`KeywordType::check`], and no longer than the channel shows.
    pub fn check_within(self, value: &str, chars_max: Option<usize>) -> Result<(), ValueError> {
        self.check(value)?;
        let count = value.chars().count();
        match chars_max {
            Some(max) if count > max => Err(ValueError::TooLong { max, count }),
            _ => Ok(()),
        }
    }

    /// What stands for the part cut off; `None` where a part of the value would be another value.
    /// `…` may count as Chinese punctuation, which a `character_string` does not take.
    fn ellipsis(self) -> Option<&'static str> {
        match self {
            Self::Thing | Self::ShortThing | Self::Text | Self::Name => Some("…"),
            Self::CharacterString => Some("..."),
            _ => None,
        }
    }
}

fn joined(parts: &[Part]) -> String {
    clean(&parts.iter().map(Part::text).collect::<String>())
}

/// `text` if it is short enough, else its beginning and the ellipsis, together at most `max` characters.
fn shortened(text: &str, max: usize, ellipsis: &str) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let kept = text.chars().take(max.saturating_sub(ellipsis.chars().count())).collect::<String>();
    format!("{}{ellipsis}", kept.trim_end()).chars().take(max).collect()
}
