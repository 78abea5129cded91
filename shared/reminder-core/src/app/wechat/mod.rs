//! WeChat as the product calls it.

pub mod quota;
pub mod templates;
pub mod tokens;
