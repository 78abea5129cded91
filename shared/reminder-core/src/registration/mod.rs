//! What users keep: saved, listed, and how well it is covered.

pub mod coverage;
pub mod list;
pub mod save;
