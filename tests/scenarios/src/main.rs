//! End-to-end tests: scenes played in the simulated world, by people with verbs, in simulated time.

#![cfg(test)]

mod budget;
mod callback;
mod crashes;
mod dispatch;
mod faults;
mod following;
mod herds;
mod imports;
mod register;
mod scene;
mod settings;
mod story;
mod walks;
