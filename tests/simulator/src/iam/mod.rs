//! IAM, as far as the functions' own roles go: what a request needs, and what the template's roles grant.

mod needed;
mod role;

pub(crate) use needed::{denied, needed};
pub use role::{Permission, Role, Roles};
