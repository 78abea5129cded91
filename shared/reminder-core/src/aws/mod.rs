//! How AWS is reached: where it is, through which client, and what its errors say. What is asked of it is in `table`,
//! `schedules` and `app::secrets`.
//!
//! The SDK's own HTTP client and default configuration are not used: they would cost more at start than everything else.

mod clients;
pub mod environment;
pub mod http;

pub(crate) use clients::{Clients, reason};
