//! Who is who: a user of the mini program, a follower of the service account, and what they accepted.

pub mod follower;
pub mod ledger;
pub mod user;
