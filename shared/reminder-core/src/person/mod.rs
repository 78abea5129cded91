//! Who is who: a user of the mini program, a follower of the service account, and what they accepted. How the two are
//! found to be one person is in `following`.
//!
//! The same person has an openid in each account, and nothing in one openid tells the other.

pub mod follower;
pub mod ledger;
pub mod login;
pub mod tombstone;
pub mod user;
