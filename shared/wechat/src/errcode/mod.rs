//! WeChat's error codes, by what the caller should do about them (docs/wechat.md §13.2).
//!
//! A code means the same at every endpoint, with one exception: at the token endpoint a refused credential is
//! a matter of configuration ([`ErrCode::class_at_token_endpoint`]).

mod class;
mod named;
mod table;

use std::fmt;

pub use class::ErrClass;
use table::{Both, Row, TABLE};

/// The `errcode` of an answer; 0 when the answer has none.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ErrCode(pub i64);

impl ErrCode {
    /// What to do about it.
    pub fn class(self) -> ErrClass {
        self.row().map_or(ErrClass::Unknown, |row| row.class)
    }

    /// What to do about it when the token endpoint said it: there, no newer access_token will help.
    pub fn class_at_token_endpoint(self) -> ErrClass {
        match self.class() {
            ErrClass::Token => ErrClass::Config,
            class => class,
        }
    }

    /// What it means, in a few words.
    pub fn meaning(self) -> &'static str {
        self.both_meanings().0
    }

    /// The same in Chinese.
    pub fn meaning_in_chinese(self) -> &'static str {
        self.both_meanings().1
    }

    /// What an operator can do about it, in plain words.
    pub fn advice(self) -> &'static str {
        self.both_advices().0
    }

    /// The same in Chinese.
    pub fn advice_in_chinese(self) -> &'static str {
        self.both_advices().1
    }

    fn both_meanings(self) -> Both {
        self.row().map_or(("a code that is not in the table", "表里没有的错误码"), |row| row.meaning)
    }

    fn both_advices(self) -> Both {
        self.row().map_or(
            (
                "Look the code up in WeChat's documentation; its rid finds the call.",
                "查微信的文档；用 rid 能查到这次调用。",
            ),
            |row| row.advice,
        )
    }

    fn row(self) -> Option<&'static Row> {
        let after = TABLE.partition_point(|row| row.first <= self.0);
        TABLE[..after].last().filter(|row| self.0 <= row.last)
    }
}

impl fmt::Display for ErrCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for ErrCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ErrCode({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_in_order_without_overlap() {
        for row in TABLE {
            assert!(row.first <= row.last, "{}", row.first);
        }
        for pair in TABLE.windows(2) {
            assert!(pair[0].last < pair[1].first, "{} and {}", pair[0].first, pair[1].first);
        }
    }

    #[test]
    fn codes_between_the_rows_are_unknown() {
        for code in [-2, 1, 40000, 40038, 9_001_001, i64::MAX, i64::MIN] {
            assert_eq!(ErrCode(code).class(), ErrClass::Unknown, "{code}");
        }
    }

    #[test]
    fn credential_refused_at_the_token_endpoint_is_configuration() {
        assert_eq!(ErrCode::INVALID_CREDENTIAL.class(), ErrClass::Token);
        assert_eq!(ErrCode::INVALID_CREDENTIAL.class_at_token_endpoint(), ErrClass::Config);
        assert_eq!(ErrCode::MINUTE_QUOTA_REACHED.class_at_token_endpoint(), ErrClass::Rate);
    }
}
