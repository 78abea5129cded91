//! JSON documents of owners and users, read strictly: every fault is named, with its path. No document's fields are here,
//! only how any is read.
//!
//! An unknown field is a fault, and a reader goes on after one, so that all are named at once.

pub mod chinese;
pub mod error;
pub mod fields;
pub mod surrogates;
