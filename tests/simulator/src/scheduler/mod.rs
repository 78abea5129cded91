//! EventBridge Scheduler: schedules with memory, stricter than the emulators (docs/aws.md §2c, §4).
//!
//! [`definition`] says what a schedule may be, [`expression`] when it fires, [`schedules`] keeps them, [`firing`]
//! fires them, and [`rest`] speaks the wire. Delivery to the target is Lambda's asynchronous invocation: accepted
//! is success for Scheduler, whatever the function makes of it.

mod definition;
mod expression;
mod firing;
mod groups;
mod misfire;
mod options;
mod rest;
mod schedules;

pub use misfire::Misfire;
pub use options::{PastSchedules, SchedulerOptions};
pub(crate) use rest::{OPERATIONS, operation};
pub use schedules::{ScheduleView, Scheduler};
