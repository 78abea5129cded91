//! Who follows the service account, which mini-program user that is, and how all of it is forgotten.

pub mod bind;
pub mod follow;
pub mod forget;
pub mod login;
pub mod sync;
