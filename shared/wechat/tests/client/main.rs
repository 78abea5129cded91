//! The API client against a real server on loopback.

mod calls;
mod outcomes;
mod server;
