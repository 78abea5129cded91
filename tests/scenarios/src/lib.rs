//! What runs longer than a scene: a random walk through the world, watched by checkers, and herds of pushes due at once.
//!
//! The scenes themselves are the test binary in `main.rs`; the examples run what is here for as long as one likes.

pub mod herd;
pub mod mishap;
pub mod nine;
pub mod real_time;
pub mod receiver;
pub mod walk;
