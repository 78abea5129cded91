//! Why a reminder is not saved.

use thiserror::Error;

use crate::app::AppError;
use crate::json::error::FieldError;
use crate::schedules::ScheduleError;
use crate::table::TableError;

/// A person's cupboards, with room; it keeps one request able to read them all (docs/design.md §5).
pub(super) const ACTIVE_REMINDERS_MAX: usize = 200;

#[derive(Debug, Error)]
pub enum RegistrationError {
    #[error("the reminder is not valid")]
    Invalid(Vec<FieldError>),
    #[error("this Idempotency-Key was used with another body")]
    KeyReused,
    #[error("there are {ACTIVE_REMINDERS_MAX} active reminders already")]
    TooMany,
    #[error("there is no such reminder")]
    NotFound,
    /// Carries the current revision.
    #[error("the reminder is at revision {0} by now")]
    RevisionMismatch(u64),
    #[error("the reminder is done")]
    Done,
    #[error(transparent)]
    App(#[from] AppError),
}

macro_rules! through_core {
    ($($error:ty),*) => {$(
        impl From<$error> for RegistrationError {
            fn from(error: $error) -> Self {
                Self::App(error.into())
            }
        }
    )*};
}
through_core!(
    TableError,
    ScheduleError,
    crate::settings::store::SettingsError,
    crate::app::secrets::SecretsError
);
