//! How AWS is reached: where it is, through which client, and what its errors say.

mod clients;
pub mod environment;
pub mod http;

pub(crate) use clients::{Clients, reason};
