//! The world outside in one process: WeChat, Scheduler, DynamoDB, SSM and Lambda hosting.
//!
//! [`world::World`] puts it together, [`command_line`] makes a program of it. A function's request goes
//! through the sandbox's own address ([`inside`]) and the [`gate`], where it is written into the
//! [`journal`] and meets its fault ([`faults`]), to its service: [`wechat`], [`dynamodb`], [`scheduler`] or
//! [`ssm`]; [`units`] is what DynamoDB charges for it. [`timeline`] is the one clock and the one queue; [`lambda`] runs the functions of [`functions`].
//!
//! It shares no code with the product's own view of WeChat, and nothing of the product depends on it.

pub mod addresses;
pub mod aws;
pub mod command_line;
mod control;
mod crashes;
mod disturbances;
pub mod dynamodb;
mod environment;
pub mod failure;
mod fault;
pub mod faults;
pub mod functions;
mod gate;
pub mod iam;
mod inside;
mod instant;
pub mod journal;
pub mod lambda;
pub mod language;
mod listen;
pub mod logs;
pub mod options;
pub mod people;
pub mod rate;
pub mod sabotage;
pub mod scheduler;
pub mod settings;
pub mod ssm;
pub mod stack;
pub mod story;
mod tasks;
pub mod template;
pub mod timeline;
pub mod units;
pub mod wechat;
pub mod world;
