//! Which of the two languages a story is told in.

use clap::ValueEnum;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Language {
    #[default]
    #[value(name = "en")]
    English,
    #[value(name = "zh")]
    Chinese,
}

impl Language {
    /// Of a locale, such as `zh_CN.UTF-8`.
    pub fn of_locale(locale: &str) -> Self {
        if locale.starts_with("zh") { Self::Chinese } else { Self::English }
    }

    pub(crate) fn either<T>(self, english: T, chinese: T) -> T {
        match self {
            Self::English => english,
            Self::Chinese => chinese,
        }
    }
}

/// To the width of a column: a Chinese character takes two places.
pub(crate) fn padded(text: &str, width: usize) -> String {
    let wide = |character: char| if character >= '\u{2e80}' { 2 } else { 1 };
    let taken: usize = text.chars().map(wide).sum();
    format!("{text}{}", " ".repeat(width.saturating_sub(taken)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_is_spoken_where_the_locale_is_chinese() {
        for (locale, language) in [
            ("zh_CN.UTF-8", Language::Chinese),
            ("zh-Hans", Language::Chinese),
            ("en_US.UTF-8", Language::English),
            ("C", Language::English),
            ("", Language::English),
        ] {
            assert_eq!(Language::of_locale(locale), language, "{locale}");
        }
    }

    #[test]
    fn a_column_is_as_wide_in_both_languages() {
        for (text, expected) in [("–", "–    "), ("服务", "服务 "), ("service", "service"), ("push", "push ")]
        {
            assert_eq!(padded(text, 5), expected);
        }
    }
}
