//! What users keep: saved, listed, and how well it is covered.

pub mod around;
pub mod coverage;
pub mod end;
mod error;
mod finished;
pub mod list;
pub(crate) mod plan;
pub mod preferences;
pub mod save;
pub mod snooze;
