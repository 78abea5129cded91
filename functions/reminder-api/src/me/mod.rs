//! The user themselves.

pub mod change;
pub mod forget;
pub mod preferences;
pub mod qrcode;
pub mod show;
