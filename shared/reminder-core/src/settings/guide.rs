//! What the guide to following the service account may offer.

use crate::json::error::{FieldErrors, Rule};
use crate::json::fields::Field;

/// The limit of a contact button's `session-from` (docs/wechat.md §3).
const SESSION_FROM_CHARS_MAX: usize = 1024;

/// What servers and clients take without complaint.
pub(super) const URL_CHARS_MAX: usize = 2048;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GuideSettings {
    /// An article of the service account that tells readers to follow.
    pub article_url: Option<String>,
    /// The `session-from` of the contact button whose conversation is answered with a way to follow.
    pub contact_session_from: Option<String>,
}

pub(super) fn read(field: &Field<'_>, errors: &mut FieldErrors) -> GuideSettings {
    let Some(mut fields) = field.object(errors) else { return GuideSettings::default() };
    let article_url = fields.optional("article_url").and_then(|field| url(&field, &["https://"], errors));
    let contact_session_from = fields
        .optional("contact_session_from")
        .and_then(|field| field.text_of(1..=SESSION_FROM_CHARS_MAX, errors).map(str::to_owned));
    fields.close(errors);
    GuideSettings { article_url, contact_session_from }
}

/// An address with one of these schemes and a host, without white space.
pub(super) fn url(field: &Field<'_>, schemes: &[&str], errors: &mut FieldErrors) -> Option<String> {
    let text = field.text_of(1..=URL_CHARS_MAX, errors)?;
    if !is_url(text, schemes) {
        let schemes = schemes.join(" or ");
        errors.at(
            &field.path,
            Rule::format(
                "address",
                format!("must be an address that begins with {schemes} and names a host"),
            ),
        );
        return None;
    }
    Some(text.to_owned())
}

pub(super) fn is_url(text: &str, schemes: &[&str]) -> bool {
    let rest = schemes.iter().find_map(|scheme| text.strip_prefix(scheme));
    let is_host = |rest: &str| rest.starts_with(|c: char| c.is_alphanumeric() || c == '[');
    rest.is_some_and(is_host)
        && !text.contains(|c: char| c.is_whitespace() || c.is_control() || "{}\"<>\\".contains(c))
}
