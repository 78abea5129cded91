//! The user's reminders.

pub mod delete;
pub mod done;
pub mod list;
pub mod register;
pub mod renew;
pub mod reopen;
pub mod show;
pub mod snooze;
