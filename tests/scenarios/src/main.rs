//! End-to-end tests: scenes played in the simulated world, by people with verbs, in simulated time.

#![cfg(test)]

mod binding;
mod budget;
mod callback;
mod callback_keys;
mod citations;
mod conformance;
mod crashes;
mod credits;
mod dispatch;
mod disturbances;
mod doctor;
mod faults;
mod five_seconds;
mod following;
mod forgetting;
mod forgotten;
mod herds;
mod imports;
mod logs;
mod lost_answers;
mod odd_documents;
mod odd_receipts;
mod odd_requests;
mod operations;
mod patience;
mod recorded_events;
mod refusals;
mod refused_messages;
mod register;
mod renewals;
mod replies;
mod resting;
mod roles;
mod scene;
mod schedules;
mod settings;
mod story;
mod structure;
mod template;
mod users;
mod verbs;
mod walks;
mod wire;
