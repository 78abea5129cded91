//! Half of a surrogate pair, `"\\ud83d"` without its other half: JSON can write it down, no text can hold it. Some phones'
//! keyboards leave one when an emoji is cut in two. It is marked here, so that its field is named like any other fault.

/// A noncharacter of Unicode, which no text that people write has.
const MARK: char = '\u{fdd0}';
const MARK_ESCAPED: &str = "\\ufdd0";

pub(super) fn is_in(text: &str) -> bool {
    text.contains(MARK)
}

/// The document with a mark for every half pair in it, if it has one.
pub fn marked(document: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(document).ok()?;
    let mut marked = String::with_capacity(text.len());
    let mut found = false;
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        marked.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = match (unit(rest), rest.get(6..).and_then(unit)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
            (Some(0xD800..=0xDFFF), _) => {
                found = true;
                marked.push_str(MARK_ESCAPED);
                rest = &rest[6..];
                continue;
            }
            (Some(_), _) => 6,
            // Another escape, of which the second character may be a backslash.
            (None, _) => rest.chars().take(2).map(char::len_utf8).sum(),
        };
        marked.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    marked.push_str(rest);
    found.then_some(marked)
}

/// The code unit that the text begins with, written `\uXXXX`.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    u16::from_str_radix(digits, 16).ok().filter(|_| is_hex)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_pair_is_marked_and_a_whole_one_is_not() {
        let rows = [
            (r#"{"title":"\ud83d\ude00"}"#, None),
            (r#"{"title":"\ud83d"}"#, Some(r#"{"title":"\ufdd0"}"#)),
            (r#"{"title":"\ude00 a"}"#, Some(r#"{"title":"\ufdd0 a"}"#)),
            (r#"{"title":"\ud83d\ud83d\ude00"}"#, Some(r#"{"title":"\ufdd0\ud83d\ude00"}"#)),
            (r#"{"title":"\uD83D\n\u4e00"}"#, Some(r#"{"title":"\ufdd0\n\u4e00"}"#)),
            // A backslash and six characters.
            (r#"{"title":"\\ud83d"}"#, None),
            (r#"{"title":"\\\ud83d"}"#, Some(r#"{"title":"\\\ufdd0"}"#)),
            (r#"{"title":"护照\"#, None),
            (r#"{"title":"\u+83d"}"#, None),
            (r#"{"title":"\护"}"#, None),
        ];
        for (document, wanted) in rows {
            assert_eq!(marked(document.as_bytes()).as_deref(), wanted, "{document}");
        }
        assert_eq!(marked(b"\xff"), None);
    }
}
