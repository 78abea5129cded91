//! Where the owner's backend wants to be told of events.

use super::guide::url;
use crate::json::error::FieldErrors;
use crate::json::fields::Field;

/// An address that can be reached from outside, by TLS only: events say who follows and who is reminded.
pub(super) fn read(field: &Field<'_>, errors: &mut FieldErrors) -> Option<String> {
    let mut fields = field.object(errors)?;
    let url = fields.required("url", errors).and_then(|field| url(&field, &["https://"], errors));
    fields.close(errors);
    url
}
