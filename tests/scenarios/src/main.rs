//! End-to-end tests: scenes played in the simulated world, by people with verbs, in simulated time.

#![cfg(test)]

mod binding;
mod budget;
mod callback;
mod callback_keys;
mod citations;
mod conformance;
mod crashes;
mod dispatch;
mod disturbances;
mod doctor;
mod faults;
mod five_seconds;
mod following;
mod herds;
mod imports;
mod logs;
mod lost_answers;
mod operations;
mod recorded_events;
mod refusals;
mod register;
mod renewals;
mod replies;
mod roles;
mod scene;
mod settings;
mod story;
mod structure;
mod template;
mod verbs;
mod walks;
mod wire;
