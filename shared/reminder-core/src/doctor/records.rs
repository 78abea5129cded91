//! Records that cannot be read: nobody handles them, so that their users are told nothing. They are met where the doctor
//! looks anyway, in what is due and in what rests; what is due and unreadable stays first there for ever.

use super::finding::Finding;
use crate::app::AppError;
use crate::table::TableError;

/// They are named up to here.
const NAMED_MAX: usize = 10;

/// What could not be read, by what it is and the id of its reminder: an openid says who somebody is.
#[derive(Debug, Default)]
pub(super) struct Unreadable(Vec<String>);

impl Unreadable {
    /// What was read; none if it cannot be, which is noted. `id`: of the reminder it is about; empty: of none.
    ///
    /// # Errors
    /// Any other trouble of the table.
    pub(super) fn or_read<T>(
        &mut self,
        read: Result<T, TableError>,
        id: &str,
    ) -> Result<Option<T>, AppError> {
        match read {
            Ok(read) => Ok(Some(read)),
            Err(TableError::Corrupt { kind, column }) => {
                let name = match (kind, id) {
                    (_, "") => format!("a {kind} ({column})"),
                    ("reminder", id) => format!("REMINDER#{id} ({column})"),
                    (kind, id) => format!("the {kind} of REMINDER#{id} ({column})"),
                };
                if !self.0.contains(&name) || id.is_empty() {
                    self.0.push(name);
                }
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn judge(&self) -> Finding {
        let named: Vec<&str> = self.0.iter().take(NAMED_MAX).map(String::as_str).collect();
        match self.0.len() {
            0 => Finding::ok("records", "Every record that was looked at can be read."),
            count => Finding::failed(
                "records",
                format!("{count} records cannot be read: {}.", named.join(", ")),
                "Restore them from a backup (docs/operations.md, Restore the table), or delete them if nobody is owed anything; then run push.redrive with \"since\".",
            ),
        }
    }
}
