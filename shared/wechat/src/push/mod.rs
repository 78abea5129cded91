//! What WeChat pushes: messages of users and events, typed (docs/wechat.md §2 and §3).

mod event;
mod identity;
mod incoming;
mod message;

pub use event::{DeliveryOutcome, Event, SentResult, SubscribeChoice, SubscribeStatus};
pub use incoming::{Content, Incoming};
pub use message::Message;
