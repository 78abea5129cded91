//! How small things are stored: an item is paid for by the kilobyte, and every write of it again.

/// Milliseconds as seconds, with no more digits than it takes.
pub(crate) fn seconds(milliseconds: i64) -> String {
    let sign = if milliseconds < 0 { "-" } else { "" };
    let (whole, rest) = (milliseconds.unsigned_abs() / 1000, milliseconds.unsigned_abs() % 1000);
    match rest {
        0 => format!("{sign}{whole}"),
        _ => format!("{sign}{whole}.{}", format!("{rest:03}").trim_end_matches('0')),
    }
}

/// And back.
pub(crate) fn milliseconds(seconds: &str) -> Option<i64> {
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    let rest: i64 = if fraction.is_empty() { 0 } else { format!("{fraction:0<3}").parse().ok()? };
    let whole_ms = whole.parse::<i64>().ok()?.checked_mul(1000)?;
    Some(if whole.starts_with('-') { whole_ms - rest } else { whole_ms + rest })
}

/// A count that need not be stored.
pub(crate) fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// A moment as epoch seconds, with a fraction only where there is one: our clock tells milliseconds.
pub(crate) mod instant {
    use jiff::Timestamp;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::cast_precision_loss, reason = "milliseconds of the next thousands of years are exact")]
    pub(crate) fn serialize<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        match at.as_millisecond() {
            whole if whole % 1000 == 0 => serializer.serialize_i64(whole / 1000),
            broken => serializer.serialize_f64(broken as f64 / 1000.0),
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "a moment of a century is far from the end of i64")]
    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        let seconds = f64::deserialize(deserializer)?;
        Timestamp::from_millisecond((seconds * 1000.0).round() as i64).map_err(D::Error::custom)
    }
}

/// The same where there may be none.
pub(crate) mod maybe_instant {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    struct Instant(#[serde(with = "super::instant")] Timestamp);

    #[expect(clippy::ref_option, reason = "what serde hands over")]
    pub(crate) fn serialize<S: Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
        at.map(Instant).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        Ok(Option::<Instant>::deserialize(deserializer)?.map(|Instant(at)| at))
    }
}

/// A channel as its letter.
pub(crate) mod channel {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::channel::Channel;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "what serde hands over")]
    pub(crate) fn serialize<S: Serializer>(channel: &Channel, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_char(channel.code())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Channel, D::Error> {
        let code = char::deserialize(deserializer)?;
        Channel::of_code(code).ok_or_else(|| D::Error::custom("an unknown channel"))
    }
}

/// Several, letter by letter.
pub(crate) mod channels {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::channel::Channel;

    pub(crate) fn serialize<S: Serializer>(channels: &[Channel], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&channels.iter().map(|channel| channel.code()).collect::<String>())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Channel>, D::Error> {
        let codes = String::deserialize(deserializer)?;
        let channels = codes.chars().map(Channel::of_code).collect::<Option<_>>();
        channels.ok_or_else(|| D::Error::custom("an unknown channel"))
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde::{Deserialize, Serialize};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Kept {
        #[serde(with = "super::instant")]
        at: Timestamp,
        #[serde(default, with = "super::maybe_instant", skip_serializing_if = "Option::is_none")]
        then: Option<Timestamp>,
    }

    #[test]
    fn a_moment_is_stored_to_the_millisecond_and_no_longer_than_it_must_be() {
        let rows = [
            ("2027-01-12T01:00:00Z", None, r#"{"at":1799715600}"#),
            ("2027-01-12T01:00:00.467Z", None, r#"{"at":1799715600.467}"#),
            ("1969-12-31T23:59:59.5Z", None, r#"{"at":-0.5}"#),
            (
                "2057-01-12T01:00:00Z",
                Some("2027-01-12T01:00:00.001Z"),
                r#"{"at":2746486800,"then":1799715600.001}"#,
            ),
        ];
        for (at, then, expected) in rows {
            let parse = |text: &str| text.parse().expect("an instant");
            let kept = Kept { at: parse(at), then: then.map(parse) };
            let stored = serde_json::to_string(&kept).expect("JSON");
            assert_eq!(stored, expected);
            assert_eq!(serde_json::from_str::<Kept>(&stored).expect("as stored"), kept, "{stored}");
        }
    }
}
