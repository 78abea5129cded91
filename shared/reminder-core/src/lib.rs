//! The product: who is who, what is due, which channel, what happened.
//!
//! It knows DynamoDB, EventBridge Scheduler, the parameter store and the `wechat` crate. It knows nothing of HTTP
//! status codes, Lambda or a web framework: the functions translate.
//!
//! | where | what |
//! | --- | --- |
//! | [`core`] | everything a function works with |
//! | [`environment`] [`clock`] [`random`] | the three things read from outside, each in one place |
//! | [`table`] | the one table: versioned items, keys, receipts |
//! | [`user`] [`follower`] [`credits`] [`reminder`] [`receipt`] | the items, and the pure changes they go through |
//! | [`settings`] [`keyword`] [`render`] [`content`] [`guide`] | what owners and users write, parsed and checked |
//! | [`tokens`] [`secrets`] [`schedules`] [`settings_store`] [`health`] | what is shared between environments |
//! | [`login`] [`subscriptions`] [`register`] [`list`] [`follow`] [`session`] [`receipts`] [`forget`] | use cases |
//! | [`dispatch`] | read → plan → claim → send → settle |
//! | [`doctor`] [`followers_sync`] [`redrive`] [`templates`] [`quota`] | what operators ask for |
//! | [`log`] [`metrics`] | what CloudWatch keeps, and what it counts |
//! | [`aws_http`] | how the SDK reaches AWS |

pub mod account;
pub mod app;
pub mod aws;
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
pub mod receipt;
pub mod registration;
pub mod reminder;
pub mod schedules;
pub mod settings;
pub mod table;

pub use crate::app::{App, AppError};
