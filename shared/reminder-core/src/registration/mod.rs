//! What users keep: saved, listed, and how well it is covered.

pub mod around;
pub mod coverage;
mod error;
mod finished;
pub mod list;
pub mod save;
