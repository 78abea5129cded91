//! How a timeline is stored: a text per entry, since every write of the item is paid for by its size.
//!
//! ```text
//! 1799715600 r                     registered; the first moment in epoch seconds
//! 0 1p172800                       push 1 planned, for so much later; all other moments count from the one before
//! 172800.467 1ctf                  push 1 claimed: t the service account's template message, f the user follows
//! 0.3 1st3248682510344192866       taken as; behind a tab, how that is known
//! 2 1dt                            delivered
//! 0 2xskipped told already         anything else in words: the event, a detail, behind a tab WeChat's own words
//! ```

use jiff::Timestamp;
use wechat::MsgId;

use super::entry::{Entry, What, Why};
use crate::channel::Channel;
use crate::stored::{milliseconds, seconds};

pub(super) fn write(entries: &[Entry]) -> Vec<String> {
    let mut before = 0;
    let mut texts = Vec::with_capacity(entries.len());
    for entry in entries {
        let at = entry.at.as_millisecond();
        texts.push(write_one(entry, at - before));
        before = at;
    }
    texts
}

/// None: one of them is no entry.
pub(super) fn read(texts: &[String]) -> Option<Vec<Entry>> {
    let mut before = 0;
    let mut entries = Vec::with_capacity(texts.len());
    for text in texts {
        let entry = read_one(text, before)?;
        before = entry.at.as_millisecond();
        entries.push(entry);
    }
    Some(entries)
}

fn write_one(entry: &Entry, after: i64) -> String {
    let push = entry.push.map(|push| push.to_string()).unwrap_or_default();
    let what = match &entry.what {
        What::Registered => "r".to_owned(),
        What::Planned { fires_at } => {
            format!("p{}", seconds(fires_at.as_millisecond() - entry.at.as_millisecond()))
        }
        What::Claimed { channel, why } => {
            let why = match why {
                Why::Follows => "f".to_owned(),
                Why::Accepts(left) => format!("a{left}"),
                Why::Words(words) => format!("={words}"),
            };
            format!("c{}{why}", channel.code())
        }
        What::Sent { channel, msgid, how } if how.is_empty() => {
            format!("s{}{}", channel.code(), msgid.as_str())
        }
        What::Sent { channel, msgid, how } => format!("s{}{}\t{how}", channel.code(), msgid.as_str()),
        What::Delivered { channel } => format!("d{}", channel.code()),
        What::Other { event, detail, errmsg } if errmsg.is_empty() && !detail.contains('\t') => {
            format!("x{} {detail}", <&str>::from(event))
        }
        What::Other { event, detail, errmsg } => {
            format!("x{} {}\t{errmsg}", <&str>::from(event), detail.replace('\t', " "))
        }
    };
    format!("{} {push}{what}", seconds(after))
}

fn read_one(text: &str, before: i64) -> Option<Entry> {
    let (after, rest) = text.split_once(' ')?;
    let at = Timestamp::from_millisecond(before.checked_add(milliseconds(after)?)?).ok()?;
    let digits = rest.find(|c: char| !c.is_ascii_digit())?;
    let (push, what) = rest.split_at(digits);
    let push = if push.is_empty() { None } else { Some(push.parse().ok()?) };
    Some(Entry { at, push, what: read_what(what, at)? })
}

fn read_what(text: &str, at: Timestamp) -> Option<What> {
    let mut chars = text.chars();
    let code = chars.next()?;
    let rest = chars.as_str();
    if matches!(code, 'r' | 'p' | 'x') {
        return Some(match code {
            'r' => What::Registered,
            'p' => {
                let fires_at = at.as_millisecond().checked_add(milliseconds(rest)?)?;
                What::Planned { fires_at: Timestamp::from_millisecond(fires_at).ok()? }
            }
            _ => {
                let (event, said) = rest.split_once(' ')?;
                let (detail, errmsg) = said.split_once('\t').unwrap_or((said, ""));
                let [detail, errmsg] = [detail, errmsg].map(str::to_owned);
                What::Other { event: event.parse().ok()?, detail, errmsg }
            }
        });
    }
    let channel = Channel::of_code(chars.next()?)?;
    let rest = chars.as_str();
    Some(match code {
        'c' => What::Claimed { channel, why: read_why(rest)? },
        's' => {
            let (msgid, how) = rest.split_once('\t').unwrap_or((rest, ""));
            What::Sent { channel, msgid: MsgId::from(msgid), how: how.to_owned() }
        }
        'd' => What::Delivered { channel },
        _ => return None,
    })
}

fn read_why(text: &str) -> Option<Why> {
    Some(match text.split_at_checked(1)? {
        ("f", "") => Why::Follows,
        ("a", left) => Why::Accepts(left.parse().ok()?),
        ("=", words) => Why::Words(words.to_owned()),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use strum::VariantNames;

    use super::*;
    use crate::reminder::EventName;

    fn at(millisecond: i64) -> Timestamp {
        Timestamp::from_millisecond(millisecond).expect("a moment")
    }

    fn other(event: EventName, detail: &str, errmsg: &str) -> What {
        What::Other { event, detail: detail.to_owned(), errmsg: errmsg.to_owned() }
    }

    fn event_name() -> impl Strategy<Value = &'static str> {
        prop::sample::select(EventName::VARIANTS)
    }

    #[test]
    fn what_happens_to_every_push_takes_a_few_letters() {
        let (channel, msgid) = (Channel::ServiceTemplate, MsgId::from("3248682510344192866"));
        let claimed = |why| What::Claimed { channel, why };
        let rows = [
            (None, What::Registered, "r"),
            (Some(1), What::Planned { fires_at: at(1_799_888_400_120) }, "1p172800"),
            (Some(1), claimed(Why::Follows), "1ctf"),
            (Some(2), claimed(Why::Accepts(3)), "2cta3"),
            (Some(3), claimed(Why::from("next channel")), "3ct=next channel"),
            (
                Some(1),
                What::Sent { channel, msgid: msgid.clone(), how: String::new() },
                "1st3248682510344192866",
            ),
            (
                Some(1),
                What::Sent { channel, msgid, how: "found".to_owned() },
                "1st3248682510344192866\tfound",
            ),
            (Some(1), What::Delivered { channel: Channel::MiniSubscription }, "1dm"),
            (None, other(EventName::Renewed, "revision 2", ""), "xrenewed revision 2"),
            (None, other(EventName::Done, "", ""), "xdone "),
            (
                Some(1),
                other(EventName::Refused, "43004 …", "require subscribe"),
                "1xrefused 43004 …\trequire subscribe",
            ),
        ];
        let entry = |(push, what, _): &(Option<u8>, What, &str)| Entry {
            at: at(1_799_715_600_120),
            push: *push,
            what: what.clone(),
        };
        let entries: Vec<Entry> = rows.iter().map(entry).collect();
        let texts: Vec<String> = rows
            .iter()
            .enumerate()
            .map(|(n, (.., text))| format!("{} {text}", if n == 0 { "1799715600.12" } else { "0" }))
            .collect();
        assert_eq!(write(&entries), texts);
        assert_eq!(read(&texts), Some(entries));
    }

    #[test]
    fn what_is_no_timeline_is_not_read_as_one() {
        for text in [
            "", "r", "x r", "0 ", "0 1", "0 1c", "0 1cz", "0 1ctq", "0 1cta", "0 q", "0 p", "0.x r",
            "0 xdone", "0 xdont ",
        ] {
            assert_eq!(read(&[text.to_owned()]), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_timeline_is_read_as_it_was_stored(
            entries in prop::collection::vec(
                (-99_999_999_i64..9_999_999_999_999, prop::option::of(1_u8..4), event_name(), "[^\\t]{0,9}", ".{0,9}"),
                0..70,
            ),
        ) {
            let entries: Vec<Entry> = entries
                .into_iter()
                .map(|(millisecond, push, event, detail, errmsg)| {
                    Entry { at: at(millisecond), push, what: other(event.parse().expect("a name"), &detail, &errmsg) }
                })
                .collect();
            prop_assert_eq!(read(&write(&entries)), Some(entries));
        }
    }
}
