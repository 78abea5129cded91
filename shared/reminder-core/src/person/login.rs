//! A login as its token states it: of whom, and of which of their profiles.
//!
//! Somebody who was forgotten and logs in again has another profile. The token of the first is good for nothing then, and
//! neither are its reminders the second's.

use wechat::OpenId;

use crate::person::user::User;
use crate::reminder::Reminder;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// In the mini program.
    pub openid: OpenId,
    /// When the profile was made, in milliseconds since 1970.
    pub profile: i64,
}

/// The profile of a login is gone: whoever it was has to log in again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the profile of this login is gone: log in again")]
pub struct ProfileGone;

impl Login {
    pub fn of(user: &User) -> Self {
        Self { openid: user.openid.clone(), profile: user.created_at.as_millisecond() }
    }

    /// Whether this is the user who logged in, with the profile they had then.
    pub fn is_of(&self, user: &User) -> bool {
        *self == Self::of(user)
    }

    /// Whether the reminder was made with this profile, and not with one before it.
    pub fn owns(&self, reminder: &Reminder) -> bool {
        self.profile <= reminder.created_at.as_millisecond()
    }
}
