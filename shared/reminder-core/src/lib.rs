//! The product: who is who, what is due, which channel, what happened.
//!
//! It knows DynamoDB, EventBridge Scheduler, the parameter store and the `wechat` crate. It knows nothing of HTTP
//! status codes, Lambda or a web framework: the functions translate.
//!
//! From the ground up; what stands above does not know what stands below:
//!
//! | where | what |
//! | --- | --- |
//! | [`account`] [`channel`] [`clock`] `jitter` [`random`] `stored` | the ground: which account, which channel, what time, which chance, and how that is stored |
//! | [`json`] | documents of owners and users, read strictly |
//! | [`aws`] | where AWS is, through which client, and what its errors say |
//! | [`table`] | the one table: versioned items, their keys, writes that know whether they won |
//! | [`settings`] | the operator's document and its store, keywords, rendering, ways to follow |
//! | [`receipt`] | what WeChat says became of a message, and where that is kept |
//! | [`reminder`] | what the user made: content, pushes, timeline, the pure transitions, the schedules they ask for |
//! | [`person`] | user, follower, and the ledger of what they accepted |
//! | [`reach`] | whether a channel reaches a user with a push |
//! | [`schedules`] | EventBridge Scheduler, and what dispatch is woken with |
//! | [`app`] | the context of every use case: secrets, health, metrics, log, and WeChat as we call it |
//! | [`webhook`] | what the owner's own backend is told, and how |
//! | [`scheduling`] | a reminder is written and dispatch scheduled for what it waits for: the one place that does either |
//! | [`following`] | login, follow, bind, forget, sync: who follows, and which user that is |
//! | [`consent`] | accepted and refused prompts, into the ledgers |
//! | [`registration`] | a reminder is saved and listed, and how many of its pushes reach the user |
//! | [`delivery`] | what is due: read → plan → attempt → send → settle, and receipts, sweep, redrive |
//! | [`conversation`] | what users write and open, and what is answered |
//! | [`arrivals`] | what has reached a new stack: callbacks, and users who logged in |
//! | [`doctor`] | what operators are told about everything around the code |

pub mod account;
pub mod app;
pub mod arrivals;
pub mod aws;
#[cfg(test)]
mod cases;
pub mod channel;
pub mod clock;
pub mod consent;
pub mod conversation;
pub mod delivery;
pub mod doctor;
pub mod following;
mod jitter;
pub mod json;
pub mod person;
pub mod random;
pub mod reach;
pub mod receipt;
pub mod registration;
pub mod reminder;
pub mod schedules;
pub mod scheduling;
pub mod settings;
pub mod stats;
mod stored;
pub mod table;
pub mod webhook;

pub use crate::app::{App, AppError};
