//! Who follows the service account, which mini-program user that is, and how all of it is forgotten. What a user accepted
//! is in `consent`.
//!
//! Events come late, twice and in any order: every step may be repeated, and the time of the event decides, not that of
//! its arrival.

pub mod bind;
pub mod block;
pub mod code;
mod draft;
pub mod erase;
pub mod export;
pub mod follow;
pub mod forget;
pub mod links;
pub mod login;
pub mod missed;
pub mod profile;
mod remains;
pub mod sync;
mod ticket;
mod user_info;
