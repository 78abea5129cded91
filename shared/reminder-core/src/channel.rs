//! The ways a push can reach somebody, and all that sets one apart from another; how its message is made and sent is
//! `delivery::message`.

use std::fmt;

use serde::{Deserialize, Serialize};
use strum::VariantNames;

use crate::account::Account;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Channel {
    /// 服务号模板消息: any number, but only to a follower. The only one with an idempotency key.
    ServiceTemplate,
    /// 小程序订阅消息: one accepted prompt is one message.
    MiniSubscription,
    /// 服务号订阅通知: one accepted prompt in an article is one message; no follow needed.
    ServiceNotification,
}

/// What a user must have done before a channel reaches them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Follow the service account.
    Follow,
    /// Accept a prompt of the template's.
    Accept,
}

/// What WeChat takes of a message on a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageLimits {
    /// Characters of a value that are shown; the rest is cut without an error.
    pub value_chars_max: Option<usize>,
    /// Keywords of a template.
    pub keywords_max: Option<usize>,
}

/// Since 2023 the service account shows 20 characters of a value (docs/wechat.md §10.2).
const SERVICE_TEMPLATE_VALUE_CHARS_MAX: usize = 20;
/// A template for subscriptions is composed of at most five keywords (docs/wechat.md §9.5).
const SUBSCRIPTION_KEYWORDS_MAX: usize = 5;

impl Channel {
    pub const ALL: [Self; 3] = [Self::ServiceTemplate, Self::MiniSubscription, Self::ServiceNotification];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::ServiceTemplate => "service_template",
            Self::MiniSubscription => "mini_subscription",
            Self::ServiceNotification => "service_notification",
        }
    }

    /// One letter, for what is stored.
    pub(crate) fn code(self) -> char {
        match self {
            Self::ServiceTemplate => 't',
            Self::MiniSubscription => 'm',
            Self::ServiceNotification => 'n',
        }
    }

    /// The one with this letter.
    pub(crate) fn of_code(code: char) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.code() == code)
    }

    /// The account that sends.
    pub fn account(self) -> Account {
        match self {
            Self::MiniSubscription => Account::MiniProgram,
            Self::ServiceTemplate | Self::ServiceNotification => Account::ServiceAccount,
        }
    }

    pub fn need(self) -> Need {
        match self {
            Self::ServiceTemplate => Need::Follow,
            Self::MiniSubscription | Self::ServiceNotification => Need::Accept,
        }
    }

    pub fn limits(self) -> MessageLimits {
        match self.need() {
            Need::Follow => {
                MessageLimits { value_chars_max: Some(SERVICE_TEMPLATE_VALUE_CHARS_MAX), keywords_max: None }
            }
            Need::Accept => {
                MessageLimits { value_chars_max: None, keywords_max: Some(SUBSCRIPTION_KEYWORDS_MAX) }
            }
        }
    }

    /// Whether WeChat drops a repeat of the same message by itself (`client_msg_id`, docs/wechat.md §10.1).
    pub fn is_idempotent(self) -> bool {
        self == Self::ServiceTemplate
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
