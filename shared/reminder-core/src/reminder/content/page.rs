//! The page that a message opens: inside our own mini program, whatever the client says.

use crate::json::error::{FieldErrors, Rule, RuleCode};
use crate::json::fields::Field;
use crate::random::ID_CHARS;

/// The longest path that WeChat's own card of a mini program carries.
const PAGE_CHARS_MAX: usize = 1024;
/// Stands for the reminder's own id, which nobody knows before it is made.
pub(super) const OWN_ID: &str = "{reminder_id}";

/// An empty one is none.
pub(super) fn read(field: &Field<'_>, errors: &mut FieldErrors) -> Option<String> {
    let page = field.text_of(0..=PAGE_CHARS_MAX, errors).filter(|page| !page.is_empty())?;
    let path = page.split('?').next().unwrap_or_default();
    let filled = page.replace(OWN_ID, &"x".repeat(ID_CHARS));
    let rule = if filled.chars().count() > PAGE_CHARS_MAX {
        RuleCode::Length
            .says("must be at most 1024 characters with the reminder's id filled in")
            .with("max", PAGE_CHARS_MAX)
    } else if page.chars().any(char::is_control) {
        RuleCode::Characters.says("must not contain control characters")
    } else if path.contains(':') {
        Rule::format("page", "must not have a scheme or host, only a path such as pages/item/item?id=42")
    } else if path.starts_with(['/', '\\']) || path.is_empty() {
        Rule::format("page", "must be a path such as pages/item/item?id=42, without / in front")
    } else {
        return Some(page.to_owned());
    };
    errors.at(&field.path, rule);
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_page_is_a_relative_path_with_query() {
        let is_page =
            |page: &str| read(&Field::document(&json!(page)), &mut FieldErrors::default()).is_some();
        for page in [
            "pages/item/item",
            "pages/item/item?id=42&from=push:1",
            "index?u=https%3A//a/b",
            &"x".repeat(1024),
        ] {
            assert!(is_page(page), "{page}");
        }
        let mut errors = FieldErrors::default();
        assert_eq!(read(&Field::document(&json!("")), &mut errors), None);
        assert!(errors.into_result(Some(())).is_ok(), "none is wanted");
        for page in [
            "/pages/item",
            "//evil.example/x",
            "\\pages",
            "https://evil.example",
            "weixin:pay",
            "?id=42",
            "pages/item\n",
            &"x".repeat(1025),
        ] {
            assert!(!is_page(page), "{page}");
        }
    }
}
