//! What can happen to a reminder, by the words that answers, logs and stored entries have for it.

use strum::{EnumString, IntoStaticStr, VariantNames};

/// The words are part of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, EnumString, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum EventName {
    /// It was kept.
    Registered,
    /// A push is to come.
    Planned,
    /// Its instant had passed, or another one told it already.
    Skipped,
    /// A run of dispatch sends it by a channel.
    Claimed,
    /// WeChat took the message.
    Sent,
    /// WeChat's receipt says that it arrived.
    Delivered,
    /// WeChat did not take it on this channel; the next one is tried.
    Refused,
    /// It is tried again.
    Retrying,
    /// It goes at another time: quiet hours, or an earlier push goes first.
    Postponed,
    /// Nobody heard how an attempt ended; that is being found out.
    Unresolved,
    /// Nobody can say any more whether WeChat sent it.
    Unknown,
    /// The run that was sending it did not come back.
    Abandoned,
    /// WeChat's receipt says that the user refuses the account's messages.
    Blocked,
    /// WeChat's receipt says that it failed.
    Failed,
    /// Nothing is left to try.
    Undeliverable,
    /// One that rested is to come again.
    Armed,
    /// One more was asked for.
    Snoozed,
    Renewed,
    /// The next round begins.
    Repeated,
    Done,
    Reopened,
    Deleted,
    /// The owner's backend was told.
    Webhook,
}
