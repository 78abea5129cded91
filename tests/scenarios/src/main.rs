//! End-to-end tests: scenes played in the simulated world, by people with verbs, in simulated time.

#![cfg(test)]

mod budget;
mod callback;
mod crashes;
mod dispatch;
mod doctor;
mod faults;
mod following;
mod imports;
mod logs;
mod operations;
mod recorded_events;
mod register;
mod scene;
mod settings;
mod story;
