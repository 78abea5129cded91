//! The ways a push can reach somebody.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::account::Account;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// 服务号模板消息: any number, but only to a follower. The only one with an idempotency key.
    ServiceTemplate,
    /// 小程序订阅消息: one accepted prompt is one message.
    MiniSubscription,
    /// 服务号订阅通知: one accepted prompt in an article is one message; no follow needed.
    ServiceNotification,
}

impl Channel {
    pub const ALL: [Self; 3] = [Self::ServiceTemplate, Self::MiniSubscription, Self::ServiceNotification];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::ServiceTemplate => "service_template",
            Self::MiniSubscription => "mini_subscription",
            Self::ServiceNotification => "service_notification",
        }
    }

    /// The account that sends.
    pub fn account(self) -> Account {
        match self {
            Self::MiniSubscription => Account::MiniProgram,
            Self::ServiceTemplate | Self::ServiceNotification => Account::ServiceAccount,
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
