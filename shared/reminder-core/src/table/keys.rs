//! The keys of the one table. The picture:
//!
//! ```text
//! pk                         sk                 holds
//! USER#<mini openid>         PROFILE            who the user is, follow flag, credits
//! USER#<mini openid>         REMINDER#<id>      item, pushes, timeline
//! USER#<mini openid>         TICKET#<scene_str> which bind tickets are theirs
//! USER#<mini openid>         EVENT#<id>         what the owner's backend is still to be told about them
//! FOLLOWER#<service openid>  PROFILE            follow flag and time, credits of its own channel
//! UNION#<unionid>            LINK               both openids of one person
//! FORGOTTEN#<account>#<openid>
//!                            TOMBSTONE          since when they are forgotten, and what is still to be deleted
//! RECEIPT#<account>#<openid> <msgid>            outcome of a send, and the push if known
//! UNKNOWN#<account>#<openid> CLAIM#<attempt>    an attempt nobody knows the outcome of
//! SEEN#<account>#<digest>    SEEN               a callback that was acted on
//! BIND#<scene_str>           TICKET             which user a QR code belongs to
//! ALLOWANCE#<hash>           DAY                what a user has made today, by a hash of the openid
//! TOKEN#<appid>              ACCESS_TOKEN       the credential, shared by all environments
//! MEDIA#<account>#<picture>  MEDIA              an uploaded picture's media id, or that there is none
//! HEALTH#<account>           HEALTH             last accepted, last refused and why
//! MINUTES#<account>          HOUR#<n>           in which minutes callbacks reached us
//! SETTINGS                   DOCUMENT           the settings document
//! SETTINGS                   KEPT#<nn>          a document that was replaced, in the place of its version
//! ARMING                     <job>              how far a job has come that arms what rests
//! ```

use sha2::{Digest, Sha256};
use wechat::{AppId, OpenId, UnionId};

use crate::account::Account;
use crate::random;

/// Primary key of an item.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Key {
    pub pk: String,
    pub sk: String,
}

impl Key {
    fn new(pk: String, sk: impl Into<String>) -> Self {
        Self { pk, sk: sk.into() }
    }
}

/// Prints the kind only: openids and tickets are in the rest.
impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = self.pk.split('#').next().unwrap_or_default();
        let part = self.sk.split('#').next().unwrap_or_default();
        write!(f, "{kind}/{}", if part.len() > 16 { "…" } else { part })
    }
}

/// What the index `due` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Due {
    /// Something about a reminder of this user, by its id.
    Reminder(OpenId, String),
    /// What of this user's rests.
    User(OpenId),
    /// What the owner's backend is to be told about this user, by the event's id.
    Event(OpenId, String),
    /// WeChat is still to be asked about this follower.
    Follower(OpenId),
    /// The next page of a job that arms what rests.
    Arming(String),
    /// What is left of somebody who was forgotten, by their openid in this account.
    Forgotten(Account, OpenId),
}

impl Key {
    /// What there is to look at under this key.
    pub fn due(&self) -> Option<Due> {
        if self.pk == ARMING {
            return Some(Due::Arming(self.sk.clone()));
        }
        let (kind, rest) = self.pk.split_once('#')?;
        match (kind, self.sk.as_str()) {
            ("USER", PROFILE) => Some(Due::User(OpenId::from(rest))),
            ("USER", sk) => {
                let openid = OpenId::from(rest);
                match sk.strip_prefix(EVENT) {
                    Some(id) => Some(Due::Event(openid, id.to_owned())),
                    None => Some(Due::Reminder(openid, sk.strip_prefix(REMINDER)?.to_owned())),
                }
            }
            ("FOLLOWER", PROFILE) => Some(Due::Follower(OpenId::from(rest))),
            ("FORGOTTEN", TOMBSTONE) => {
                let (account, openid) = rest.split_once('#')?;
                let account = Account::ALL.into_iter().find(|one| one.name() == account)?;
                Some(Due::Forgotten(account, OpenId::from(openid)))
            }
            _ => None,
        }
    }

    /// The openid of a user.
    pub fn user(&self) -> Option<OpenId> {
        match self.due()? {
            Due::User(openid) => Some(openid),
            _ => None,
        }
    }

    /// The openid of a user, and the id of an event about them.
    pub fn event(&self) -> Option<(OpenId, String)> {
        match self.due()? {
            Due::Event(openid, id) => Some((openid, id)),
            _ => None,
        }
    }

    /// The openid and the id of a reminder.
    pub fn reminder(&self) -> Option<(OpenId, String)> {
        match self.due()? {
            Due::Reminder(openid, id) => Some((openid, id)),
            _ => None,
        }
    }
}

const PROFILE: &str = "PROFILE";
const TOMBSTONE: &str = "TOMBSTONE";
pub const REMINDER: &str = "REMINDER#";

/// Between these sort keys of a user's partition stand their profile and their reminders, and nothing else.
pub const PROFILE_AND_REMINDERS: (&str, &str) = (PROFILE, "REMINDER#~");

pub fn user_partition(openid: &OpenId) -> String {
    format!("USER#{}", openid.as_str())
}

pub fn user(openid: &OpenId) -> Key {
    Key::new(user_partition(openid), PROFILE)
}

pub fn reminder(openid: &OpenId, id: &str) -> Key {
    Key::new(user_partition(openid), format!("{REMINDER}{id}"))
}

pub fn follower(openid: &OpenId) -> Key {
    Key::new(format!("FOLLOWER#{}", openid.as_str()), PROFILE)
}

pub const EVENT: &str = "EVENT#";

pub fn event(openid: &OpenId, id: &str) -> Key {
    Key::new(user_partition(openid), format!("{EVENT}{id}"))
}

pub const TICKET: &str = "TICKET#";

pub fn ticket_of_user(openid: &OpenId, scene_str: &str) -> Key {
    Key::new(user_partition(openid), format!("{TICKET}{scene_str}"))
}

pub fn tombstone(account: Account, openid: &OpenId) -> Key {
    Key::new(format!("FORGOTTEN#{account}#{}", openid.as_str()), TOMBSTONE)
}

pub fn union(unionid: &UnionId) -> Key {
    Key::new(format!("UNION#{}", unionid.as_str()), "LINK")
}

pub fn receipt_partition(account: Account, openid: &OpenId) -> String {
    format!("RECEIPT#{account}#{}", openid.as_str())
}

pub fn receipt(account: Account, openid: &OpenId, msgid: &str) -> Key {
    Key::new(receipt_partition(account, openid), msgid)
}

pub const CLAIM: &str = "CLAIM#";

pub fn unknown_partition(account: Account, openid: &OpenId) -> String {
    format!("UNKNOWN#{account}#{}", openid.as_str())
}

pub fn unknown(account: Account, openid: &OpenId, attempt: &str) -> Key {
    Key::new(unknown_partition(account, openid), format!("{CLAIM}{attempt}"))
}

pub fn seen(account: Account, identity: &str) -> Key {
    Key::new(format!("SEEN#{account}#{identity}"), "SEEN")
}

pub fn bind_ticket(scene_str: &str) -> Key {
    Key::new(format!("BIND#{scene_str}"), "TICKET")
}

/// By a hash, because it outlives a user who asks to be forgotten: forgetting gives no new allowance.
pub fn allowance(openid: &OpenId) -> Key {
    let hash = Sha256::digest(format!("allowance {}", openid.as_str()));
    Key::new(format!("ALLOWANCE#{}", random::base32(&hash, 32)), "DAY")
}

pub fn token(appid: &AppId) -> Key {
    Key::new(format!("TOKEN#{}", appid.as_str()), "ACCESS_TOKEN")
}

pub fn media(account: Account, picture: &str) -> Key {
    Key::new(format!("MEDIA#{account}#{picture}"), "MEDIA")
}

pub fn health(account: Account) -> Key {
    Key::new(format!("HEALTH#{account}"), "HEALTH")
}

pub fn minutes_partition(account: Account) -> String {
    format!("MINUTES#{account}")
}

/// Hours since 1970.
pub fn hour(hour: i64) -> String {
    format!("HOUR#{hour:08}")
}

pub fn minutes(account: Account, of_hour: i64) -> Key {
    Key::new(minutes_partition(account), hour(of_hour))
}

/// The partition of all jobs: there are few.
pub const ARMING: &str = "ARMING";

pub fn arming(job: &str) -> Key {
    Key::new(ARMING.to_owned(), job)
}

/// The partition of the settings, which `operations` alone may write.
pub const SETTINGS: &str = "SETTINGS";

pub fn settings() -> Key {
    Key::new(SETTINGS.to_owned(), "DOCUMENT")
}

/// What all replaced settings begin with.
pub const KEPT: &str = "KEPT#";

/// One of the places for settings that were replaced.
pub fn kept_settings(place: u64) -> Key {
    Key::new(SETTINGS.to_owned(), format!("{KEPT}{place:02}"))
}
