//! Who is who: a user of the mini program, a follower of the service account, what they accepted, and what one user may
//! make in a day. How the two are found to be one person is in `following`.
//!
//! The same person has an openid in each account, and nothing in one openid tells the other.

pub mod allowance;
pub mod follower;
pub mod ledger;
pub mod link;
pub mod linking;
pub mod login;
pub mod tombstone;
pub mod user;
