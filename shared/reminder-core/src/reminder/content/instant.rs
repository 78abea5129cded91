//! Instants as requests write them: RFC 3339 with an offset, and nothing of what else the parser knows.

use jiff::{SignedDuration, Timestamp};

use crate::json::error::{FieldErrors, Rule};
use crate::json::fields::Field;

/// A phone's clock and ours may differ by so much.
pub const CLOCKS_DIFFER_BY: SignedDuration = SignedDuration::from_mins(2);

pub fn read(field: &Field<'_>, errors: &mut FieldErrors) -> Option<Timestamp> {
    let text = field.text(errors)?;
    let instant = if is_rfc_3339(text) { text.parse().ok() } else { None };
    if instant.is_none() {
        errors.at(
            &field.path,
            Rule::format(
                "instant",
                "must be an instant of RFC 3339 with its offset, such as 2027-03-01T00:00:00+08:00",
            ),
        );
    }
    instant
}

/// `YYYY-MM-DDTHH:MM:SS[.fraction](Z|±HH:MM)`; whether the digits make a date and a fraction is the parser's to say.
fn is_rfc_3339(text: &str) -> bool {
    let has_shape = |text: &str, shape: &str| {
        text.len() == shape.len()
            && text.bytes().zip(shape.bytes()).all(|(byte, wanted)| match wanted {
                b'0' => byte.is_ascii_digit(),
                b'T' => byte.eq_ignore_ascii_case(&b'T'),
                _ => byte == wanted,
            })
    };
    let Some((local, rest)) = text.split_at_checked("0000-00-00T00:00:00".len()) else { return false };
    let offset = match rest.strip_prefix('.') {
        Some(fraction) => fraction.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => rest,
    };
    has_shape(local, "0000-00-00T00:00:00")
        && (offset.eq_ignore_ascii_case("Z") || has_shape(offset, "+00:00") || has_shape(offset, "-00:00"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(text: &str, instant: Option<&str>) {
        let mut errors = FieldErrors::default();
        let found = read(&Field::document(&json!(text)), &mut errors);
        assert_eq!(found.map(|instant| instant.to_string()).as_deref(), instant, "{text}");
        assert_eq!(errors.is_empty(), instant.is_some());
    }

    #[test]
    fn instants_are_rfc_3339_with_an_offset() {
        check("2027-03-01T00:00:00+08:00", Some("2027-02-28T16:00:00Z"));
        check("2027-03-01T00:00:00Z", Some("2027-03-01T00:00:00Z"));
        check("2027-03-01t00:00:00.250z", Some("2027-03-01T00:00:00.25Z"));
        check("2027-03-01T00:00:00-03:30", Some("2027-03-01T03:30:00Z"));
        for text in [
            "",
            "2027-03-01",
            "2027-03-01T00:00:00",
            "2027-03-01 00:00:00Z",
            "2027-03-01T00:00Z",
            "20270301T000000Z",
            "2027-02-29T00:00:00Z",
            "2027-03-01T24:00:00Z",
            "2027-03-01T00:00:00.Z",
            "2027-03-01T00:00:00.+08:00",
            "2027-03-01T00:00:00+08:00[Asia/Shanghai]",
            "2027-03-01T00:00:00+0800",
            "+002027-03-01T00:00:00Z",
            "2027年3月1日",
        ] {
            check(text, None);
        }
    }
}
