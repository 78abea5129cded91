//! What users write to customer service, the conversations they open, and what is answered by the rules of the settings.
//! Reminders are not sent here: that is `delivery`.
//!
//! A reply cannot be made idempotent at WeChat, so the intention is stored before it is sent, and what may have been sent
//! is never sent again.

mod failure;
pub mod media;
pub mod reply;
pub mod seen;
