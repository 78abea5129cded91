//! Texts of the settings with placeholders in braces: `到期：{expires_at}`. A brace is written `{{` or `}}`.

use crate::json::error::{Rule, RuleCode};

/// A text cut at its placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern<P> {
    pieces: Vec<Piece<P>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece<P> {
    Literal(String),
    Placeholder(P),
}

/// A closed set of names that may stand in braces.
pub trait Placeholders: Copy + 'static {
    const KNOWN: &'static [Self];

    fn name(self) -> &'static str;
}

/// What a template's data may be made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Placeholder {
    Title,
    Note,
    ExpiresAt,
    /// The day alone.
    ExpiresOn,
    DaysLeft,
}

impl Placeholders for Placeholder {
    const KNOWN: &'static [Self] =
        &[Self::Title, Self::Note, Self::ExpiresAt, Self::ExpiresOn, Self::DaysLeft];

    fn name(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Note => "note",
            Self::ExpiresAt => "expires_at",
            Self::ExpiresOn => "expires_on",
            Self::DaysLeft => "days_left",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    #[error("uses {{{name}}}, which is no placeholder; known here: {known} (a brace itself is written {{{{)")]
    Unknown { name: String, known: String },
    #[error("has a {{ that is never closed (a brace itself is written {{{{)")]
    Unclosed,
}

impl PatternError {
    /// The rule that is broken.
    pub(crate) fn in_words(&self) -> Rule {
        let said = RuleCode::Placeholder.says(self.to_string());
        match self {
            Self::Unknown { name, known } => {
                said.with("placeholder", name.as_str()).with("known", known.as_str())
            }
            Self::Unclosed => said.with("rule", "unclosed"),
        }
    }
}

impl<P: Placeholders> Pattern<P> {
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(brace) = rest.find(['{', '}']) {
            literal.push_str(&rest[..brace]);
            let (found, after) = rest[brace..].split_at(1);
            if let Some(after_pair) = after.strip_prefix(found) {
                literal.push_str(found);
                rest = after_pair;
            } else if found == "}" {
                literal.push('}');
                rest = after;
            } else {
                let (name, after_name) = after.split_once('}').ok_or(PatternError::Unclosed)?;
                if !literal.is_empty() {
                    pieces.push(Piece::Literal(std::mem::take(&mut literal)));
                }
                pieces.push(Piece::Placeholder(named(name)?));
                rest = after_name;
            }
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            pieces.push(Piece::Literal(literal));
        }
        Ok(Self { pieces })
    }

    pub fn pieces(&self) -> &[Piece<P>] {
        &self.pieces
    }

    pub fn placeholders(&self) -> impl Iterator<Item = P> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Placeholder(placeholder) => Some(*placeholder),
            Piece::Literal(_) => None,
        })
    }

    /// The text with every placeholder replaced.
    pub fn fill(&self, text_of: impl Fn(P) -> String) -> String {
        let text = |piece: &Piece<P>| match piece {
            Piece::Literal(text) => text.clone(),
            Piece::Placeholder(placeholder) => text_of(*placeholder),
        };
        self.pieces.iter().map(text).collect()
    }
}

fn named<P: Placeholders>(name: &str) -> Result<P, PatternError> {
    P::KNOWN.iter().copied().find(|known| known.name() == name).ok_or_else(|| {
        let known = P::KNOWN.iter().map(|known| format!("{{{}}}", known.name())).collect::<Vec<_>>();
        PatternError::Unknown { name: name.chars().take(40).collect(), known: known.join(", ") }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, filled: Result<&str, &str>) {
        let result = Pattern::<Placeholder>::parse(text)
            .map(|pattern| pattern.fill(|placeholder| format!("<{placeholder:?}>")))
            .map_err(|error| error.to_string());
        assert_eq!(result.as_deref().map_err(String::as_str), filled, "{text}");
    }

    #[test]
    fn patterns_are_cut_at_their_placeholders() {
        check("", Ok(""));
        check("到期", Ok("到期"));
        check("{title}", Ok("<Title>"));
        check("还剩{days_left}天：{title}", Ok("还剩<DaysLeft>天：<Title>"));
        check("{{title}} } {{{note}}}", Ok("{title} } {<Note>}"));
        check("{title", Err("has a { that is never closed (a brace itself is written {{)"));
        check(
            "{titel}",
            Err(
                "uses {titel}, which is no placeholder; known here: {title}, {note}, {expires_at}, {expires_on}, {days_left} (a brace itself is written {{)",
            ),
        );
    }
}
