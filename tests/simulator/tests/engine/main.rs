//! The simulated world without its WeChat: time, storage, schedules, hosting, faults, control.

mod control;
mod disturbances;
mod faults;
mod freezing;
mod function_urls;
mod retries;
mod scheduler;
mod sdk;
mod starting;
mod support;
mod sweeps;
mod table;
mod units;
