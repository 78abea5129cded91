//! The four functions, by the names of their crates.

use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::stack::{ACCOUNT, REGION, STACK};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FunctionName {
    WechatCallback,
    ReminderApi,
    ReminderDispatch,
    Operations,
}

impl FunctionName {
    pub const ALL: [Self; 4] =
        [Self::WechatCallback, Self::ReminderApi, Self::ReminderDispatch, Self::Operations];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::WechatCallback => "wechat-callback",
            Self::ReminderApi => "reminder-api",
            Self::ReminderDispatch => "reminder-dispatch",
            Self::Operations => "operations",
        }
    }

    pub fn arn(self) -> String {
        format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{}", self.as_str())
    }

    /// By its ARN, with or without the name of an alias behind it.
    pub fn from_arn(arn: &str) -> Option<Self> {
        let name = arn.strip_prefix(&format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:"))?;
        Self::from_name(name)
    }

    /// By its name, with or without the stack's before it and that of an alias behind it.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.split(':').next().unwrap_or_default();
        let name = name.strip_prefix(STACK).and_then(|rest| rest.strip_prefix('-')).unwrap_or(name);
        Self::ALL.into_iter().find(|function| function.as_str() == name)
    }

    /// After this much real time an invocation is ended, as configured for the deployed function.
    pub fn timeout(self) -> Duration {
        Duration::from_secs(match self {
            Self::WechatCallback => 6,
            Self::ReminderApi => 10,
            Self::ReminderDispatch => 30,
            Self::Operations => 300,
        })
    }
}

impl Serialize for FunctionName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
