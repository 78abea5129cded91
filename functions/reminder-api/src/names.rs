//! The closed sets of words in answers, as the description shows them: those of the core, so that neither can be forgotten.
//! More of them may come; a client shows a word it does not know as it is.

use std::borrow::Cow;

use strum::VariantNames;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

macro_rules! names {
    ($($(#[doc = $doc:literal])+ $name:ident of $set:ty;)+) => {$(
        $(#[doc = $doc])+
        pub(crate) struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let names = ObjectBuilder::new()
                    .schema_type(Type::String)
                    .description(Some([$($doc.trim()),+].join(" ")))
                    .enum_values(Some(<$set>::VARIANTS.iter().copied()));
                names.into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($name))
            }
        }
    )+};
}

names! {
    /// A way to tell somebody.
    ChannelName of reminder_core::channel::Channel;
    /// Whether a reminder is still to be told.
    ReminderState of reminder_core::reminder::Lifecycle;
    /// `scheduled` `sending` `retrying`, and final: `sent` (WeChat took it) `delivered` (receipt) `unknown`
    /// `undeliverable` `skipped` `cancelled`.
    PushState of reminder_core::reminder::PushState;
    /// What can happen to a reminder.
    EventName of reminder_core::reminder::EventName;
    /// What to ask of the user.
    AskName of reminder_core::registration::coverage::Ask;
    /// A way to follow the service account.
    FollowWay of reminder_core::settings::ways_to_follow::Way;
    /// A kind of rule that a field of a request breaks.
    RuleCode of reminder_core::json::error::RuleCode;
}
