//! JSON documents of owners and users, read strictly: every fault is named, with its path.

pub mod error;
pub mod fields;
