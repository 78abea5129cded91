//! What people read, in both languages: written beside each other where it is known, chosen where it is shown. Logs,
//! alarms and timelines are English.

use std::fmt;

/// One thing in two languages. Its `Display` is English.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// For whoever reads English, and for logs.
    pub english: String,
    /// As a Chinese developer would put it.
    pub chinese: String,
}

impl Said {
    /// What needs no translation: a name, a number, the words of others.
    pub fn verbatim(text: impl Into<String>) -> Self {
        let english = text.into();
        Self { chinese: english.clone(), english }
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.english)
    }
}

/// What says itself in English by `Display`, and in Chinese, too.
pub trait InChinese: fmt::Display {
    /// The same in Chinese.
    fn in_chinese(&self) -> String;

    /// Both.
    fn said(&self) -> Said {
        Said { english: self.to_string(), chinese: self.in_chinese() }
    }
}

/// A [`Said`] of two format strings. Values stand in them by name; those named behind the strings are themselves [`Said`],
/// and come in the language of the string.
///
/// ```
/// # use wechat::{Said, said};
/// let (why, code) = (said!("no answer", "没有应答"), 502);
/// let said = said!("not sent ({code}): {why}", "没发出去（{code}）：{why}", why);
/// assert_eq!(said.english, "not sent (502): no answer");
/// assert_eq!(said.chinese, "没发出去（502）：没有应答");
/// ```
#[macro_export]
macro_rules! said {
    ($english:literal, $chinese:literal $(, $inner:ident)* $(,)?) => {
        $crate::Said {
            english: {
                const { ::std::assert!(!$chinese.is_ascii(), "the second text is not Chinese") };
                $(let $inner = &$inner.english;)*
                ::std::format!($english)
            },
            chinese: {
                $(let $inner = &$inner.chinese;)*
                ::std::format!($chinese)
            },
        }
    };
}
