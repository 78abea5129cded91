//! Why a reminder is not saved.

use jiff::SignedDuration;
use thiserror::Error;

use crate::app::AppError;
use crate::json::error::FieldError;
use crate::person::allowance::{ACTIVE_REMINDERS_MAX, SAVED_A_DAY_MAX};
use crate::person::login::ProfileGone;
use crate::reminder::SnoozeError;
use crate::schedules::ScheduleError;
use crate::table::TableError;

#[derive(Debug, Error)]
pub enum RegistrationError {
    #[error("the reminder is not valid")]
    Invalid(Vec<FieldError>),
    #[error("this Idempotency-Key was used with another body")]
    KeyReused,
    #[error("there are {ACTIVE_REMINDERS_MAX} active reminders already")]
    TooMany,
    /// Until this time is over: then the next day begins.
    #[error(
        "{SAVED_A_DAY_MAX} reminders were made or changed today; the next day begins at midnight in China"
    )]
    OverAllowance(SignedDuration),
    #[error("there is no such reminder")]
    NotFound,
    /// Carries the current revision.
    #[error("the reminder is at revision {0} by now")]
    RevisionMismatch(u64),
    #[error("the reminder is done")]
    Done,
    #[error("the reminder has expired")]
    Expired,
    #[error("{0}")]
    TooManySnoozes(SnoozeError),
    #[error(transparent)]
    ProfileGone(#[from] ProfileGone),
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
