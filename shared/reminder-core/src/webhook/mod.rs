//! What the owner's own backend is told: what became of pushes and reminders, and who follows. Off, unless the settings
//! name a webhook.
//!
//! An event is an item of its own beside the user whom it is about, written in one transaction with what happened, and
//! stands in the index `due` until it is told: so no crash loses it, and nothing waits for the receiver. Dispatch is woken
//! for it a minute later with ids only. Whoever is forgotten takes their events along.

pub mod client;
pub mod event;
pub mod outbox;
mod owed;
mod patience;
pub mod signature;
pub mod tell;
