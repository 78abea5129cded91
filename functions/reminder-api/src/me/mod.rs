//! The user themselves.

pub mod forget;
pub mod qrcode;
pub mod show;
