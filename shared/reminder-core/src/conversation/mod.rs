//! What users write and open, and what is answered.

pub mod media;
pub mod reply;
pub mod seen;
