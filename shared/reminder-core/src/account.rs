//! The two accounts the product speaks for.

use std::fmt;

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Account {
    MiniProgram,
    ServiceAccount,
}

impl Account {
    pub const ALL: [Self; 2] = [Self::MiniProgram, Self::ServiceAccount];

    /// The word used in keys, settings, logs and the control API.
    pub fn name(self) -> &'static str {
        match self {
            Self::MiniProgram => "mini_program",
            Self::ServiceAccount => "service_account",
        }
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
