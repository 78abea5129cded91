//! What a message is called whose own words WeChat refuses as not allowed (45168, 40249).

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::Template;
use super::render::{Expires, Values, render};
use crate::json::error::FieldErrors;
use crate::json::fields::Field;

/// As many as a message shows of a value.
const CHARS_MAX: usize = 20;

pub(super) const DEFAULT: &str = "您有一项即将到期";

/// It must fit wherever the title of an item may stand: nobody looks when it is needed.
pub(super) fn read(
    field: &Field<'_>,
    templates: Option<&BTreeMap<String, Template>>,
    errors: &mut FieldErrors,
) -> Option<String> {
    let title = field.text_of(1..=CHARS_MAX, errors)?;
    let any = Date::constant(2027, 1, 1);
    let values = Values { title, note: "", expires: Expires::With(any), today: any };
    for (name, template) in templates.into_iter().flatten() {
        for (channel, own) in template.configured() {
            let misfits = render(&own.data, &values).err().unwrap_or_default();
            for misfit in misfits.iter().filter(|misfit| misfit.field == "title") {
                errors.at(&field.path, misfit.in_words(&format!("{name}.{channel}")));
            }
        }
    }
    Some(title.to_owned())
}
