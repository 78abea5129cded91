//! The world outside in one process: WeChat, Scheduler, DynamoDB, Lambda hosting.

pub mod faults;
pub mod timeline;
pub mod wechat;
