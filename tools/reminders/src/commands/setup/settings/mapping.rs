//! From a template of WeChat's to what fills it, by the types of its keywords (docs/wechat.md §9.2). Pure.
//!
//! WeChat wants a value for every keyword and tells only their types, not what people call them: so this is a proposal.

use reminder_core::settings::keyword::{Keyword, KeywordType};
use serde_json::{Map, Value};

const DAYS_LEFT: &str = "还剩{days_left}天";
/// At most five Chinese characters.
const PHRASE: &str = "即将到期";
/// What the title of a fitting template speaks of.
const SPEAKS_OF_EXPIRY: [&str; 4] = ["到期", "过期", "有效期", "提醒"];

/// Why a template cannot tell that something expires.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unfit {
    NoTitle,
    NoExpiry,
    /// This keyword has nothing to say for us.
    Keyword(String),
}

/// The settings' `data`: keyword → text with placeholders.
pub(super) fn proposed(keywords: &[String]) -> Result<Map<String, Value>, Unfit> {
    let mut data = Map::new();
    let (mut things, mut moments) = (0, 0);
    for name in keywords {
        let kind = Keyword::parse(name).map(|keyword| keyword.kind);
        let text = match kind {
            Some(KeywordType::Thing) => {
                things += 1;
                ["{title}", "{note}"].get(things - 1).copied().unwrap_or(DAYS_LEFT)
            }
            Some(KeywordType::Date | KeywordType::Time) => {
                moments += 1;
                "{expires_at}"
            }
            Some(KeywordType::Number | KeywordType::CharacterString) => "{days_left}",
            Some(KeywordType::Phrase) => PHRASE,
            _ => return Err(Unfit::Keyword(name.clone())),
        };
        data.insert(name.clone(), text.into());
    }
    match (things, moments) {
        (0, _) => Err(Unfit::NoTitle),
        (_, 0) => Err(Unfit::NoExpiry),
        _ => Ok(data),
    }
}

/// Less is better: what speaks of expiry, and then what has least to be filled with nothing of the user's.
pub(super) fn rank(title: &str, data: &Map<String, Value>) -> (bool, usize) {
    let words = ["{title}", "{note}", "{expires_at}"];
    let fillers = data.values().filter(|text| !words.iter().any(|word| *text == word)).count();
    let lacks_note = usize::from(!data.values().any(|text| text == "{note}"));
    (!SPEAKS_OF_EXPIRY.iter().any(|word| title.contains(word)), fillers + lacks_note)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(keywords: &[&str]) -> Result<Value, Unfit> {
        let keywords: Vec<String> = keywords.iter().map(|name| (*name).to_owned()).collect();
        proposed(&keywords).map(Value::Object)
    }

    #[test]
    fn keywords_are_filled_by_their_types() {
        for (keywords, data) in [
            (
                &["thing1", "date2", "thing3"][..],
                json!({"thing1": "{title}", "date2": "{expires_at}", "thing3": "{note}"}),
            ),
            (&["time4", "thing9"], json!({"time4": "{expires_at}", "thing9": "{title}"})),
            (
                &["thing1", "number2", "date3", "character_string4", "phrase5"],
                json!({
                    "thing1": "{title}", "number2": "{days_left}", "date3": "{expires_at}",
                    "character_string4": "{days_left}", "phrase5": "即将到期",
                }),
            ),
            (
                &["thing1", "date2", "thing3", "thing4"],
                json!({
                    "thing1": "{title}", "date2": "{expires_at}", "thing3": "{note}",
                    "thing4": "还剩{days_left}天",
                }),
            ),
        ] {
            assert_eq!(of(keywords), Ok(data.clone()), "{keywords:?}");
            let subscription = json!({"template_id": "T", "data": data});
            let settings = json!({
                "timezone": "Asia/Shanghai", "templates": {"expiry": {"mini_subscription": subscription}},
            });
            assert!(
                reminder_core::settings::Settings::parse(&settings).is_ok(),
                "the settings take {keywords:?}"
            );
        }
    }

    #[test]
    fn what_cannot_tell_that_something_expires_is_refused() {
        for (keywords, why) in [
            (&["date1", "number2"][..], Unfit::NoTitle),
            (&["thing1", "thing2"], Unfit::NoExpiry),
            (&[], Unfit::NoTitle),
            (&["thing1", "date2", "amount3"], Unfit::Keyword("amount3".to_owned())),
            (&["first", "keyword1"], Unfit::Keyword("first".to_owned())),
            (&["thing1", "date2", "const3"], Unfit::Keyword("const3".to_owned())),
        ] {
            assert_eq!(of(keywords), Err(why), "{keywords:?}");
        }
    }

    #[test]
    fn best_is_what_speaks_of_expiry_and_has_least_to_be_made_up() {
        let rank_of = |title: &str, keywords: &[&str]| {
            let keywords: Vec<String> = keywords.iter().map(|name| (*name).to_owned()).collect();
            rank(title, &proposed(&keywords).expect("a fitting template"))
        };
        let best = rank_of("到期提醒", &["thing1", "date2", "thing3"]);
        for (title, keywords) in [
            ("到期提醒", &["thing1", "date2"][..]),
            ("到期提醒", &["thing1", "date2", "thing3", "number4"]),
            ("取餐通知", &["thing1", "date2", "thing3"]),
        ] {
            assert!(best < rank_of(title, keywords), "{title} {keywords:?}");
        }
    }
}
