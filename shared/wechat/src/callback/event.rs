//! What can happen at an account (docs/wechat.md §2.2, §3, §3.1, §10.4, §11.1).
//!
//! The name decides first, before any other field is looked at: `unsubscribe` may carry an EventKey of another
//! trade. Names compare without regard to case, because WeChat itself writes both `SCAN` and `subscribe`.

use std::fmt;

use super::receipt::{DeliveryOutcome, msgid};
use super::subscription::{SentResult, SubscribeChoice, choices, sent_results};
use crate::document::Fields;
use crate::{MsgId, OpenId};

/// What WeChat puts before the scene of a code that made somebody follow.
const FOLLOWED_BY_QRCODE: &str = "qrscene_";

/// What tells of a punishment, or of one that may come.
const PUNISHMENTS: [&str; 3] = ["wxa_punish_event", "wxa_illegal_record", "wxa_appeal_record"];

/// How many characters a scene may have (docs/wechat.md §8).
const MAX_SCENE: usize = 64;

/// Something that happened.
///
/// `Debug` shows the name and outcomes only: scenes are bearer tickets and `session_from` is the user's text.
#[derive(Clone, PartialEq, Eq)]
pub enum Event {
    /// Somebody followed the service account.
    Subscribe {
        /// The scene of the code that was scanned; `None` when they came another way.
        scene: Option<String>,
        /// The ticket of that code.
        ticket: Option<String>,
    },
    /// Somebody unfollowed: their data has to go.
    Unsubscribe,
    /// A follower scanned a code of the account.
    Scan {
        /// The code's scene, without prefix.
        scene: String,
        /// The ticket of that code.
        ticket: Option<String>,
    },
    /// A follower's place, where the account asks for it.
    Location {
        /// Degrees as text.
        latitude: String,
        /// Degrees as text.
        longitude: String,
        /// Metres as text.
        precision: String,
    },
    /// A menu entry was tapped.
    Click {
        /// The entry's key.
        event_key: String,
    },
    /// A menu entry that opens a page was tapped.
    View {
        /// The page.
        url: String,
    },
    /// What became of a template message.
    TemplateSendJobFinish {
        /// The id that the send was answered with; `None` when the receipt names no message.
        msgid: Option<MsgId>,
        /// What became of it.
        outcome: DeliveryOutcome,
    },
    /// Somebody answered the prompt for subscription messages.
    SubscribeMsgPopup(Vec<SubscribeChoice>),
    /// Somebody changed an answer in the settings; WeChat tells of refusals only.
    SubscribeMsgChange(Vec<SubscribeChoice>),
    /// What became of subscription messages.
    SubscribeMsgSent(Vec<SentResult>),
    /// Somebody opened the mini program's customer session.
    UserEnterTempsession {
        /// The button's `session-from`: text that any client can make up, empty when the button has none.
        session_from: String,
    },
    /// Somebody took back one permission or one kind of data (docs/wechat.md §2.2). They stay a user.
    UserAuthorizationRevoke {
        /// Which, by WeChat's number: `7` is the camera. Empty when it is not said.
        revoke_info: String,
        /// Whether it is a plug-in's data.
        of_plugin: bool,
    },
    /// Somebody closed their account.
    UserAuthorizationCancellation {
        /// Whose data; the sender's when it is not named.
        openid: Option<OpenId>,
    },
    /// WeChat punished the account, took note of a breach of its rules, or decided on an appeal (docs/wechat.md §14.16).
    Punished {
        /// By which event.
        event: &'static str,
    },
    /// An event that is not known here.
    Other {
        /// Its name as it came.
        event: String,
    },
}

impl Event {
    pub(super) fn from_fields(name: &str, fields: &Fields<'_>) -> Self {
        let key = || fields.owned("EventKey");
        let ticket = || fields.string("Ticket");
        let openid = || fields.string("OpenID").and_then(OpenId::of_wechats);
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        if is("subscribe") {
            Self::Subscribe { scene: scene_of_follow(fields), ticket: ticket() }
        } else if is("unsubscribe") {
            Self::Unsubscribe
        } else if is("SCAN") {
            Self::Scan {
                scene: Some(key()).filter(|scene| is_scene(scene)).unwrap_or_default(),
                ticket: ticket(),
            }
        } else if is("user_enter_tempsession") {
            Self::UserEnterTempsession { session_from: fields.owned("SessionFrom") }
        } else if is("TEMPLATESENDJOBFINISH") {
            Self::TemplateSendJobFinish {
                msgid: msgid(fields),
                outcome: DeliveryOutcome::of(&fields.owned("Status")),
            }
        } else if is("subscribe_msg_popup_event") {
            Self::SubscribeMsgPopup(choices(fields))
        } else if is("subscribe_msg_change_event") {
            Self::SubscribeMsgChange(choices(fields))
        } else if is("subscribe_msg_sent_event") {
            Self::SubscribeMsgSent(sent_results(fields))
        } else if is("CLICK") {
            Self::Click { event_key: key() }
        } else if is("VIEW") {
            Self::View { url: key() }
        } else if is("LOCATION") {
            Self::Location {
                latitude: fields.owned("Latitude"),
                longitude: fields.owned("Longitude"),
                precision: fields.owned("Precision"),
            }
        } else if is("user_authorization_revoke") {
            Self::UserAuthorizationRevoke {
                revoke_info: fields.owned("RevokeInfo"),
                of_plugin: ["PluginID", "OpenPID"].iter().any(|name| fields.string(name).is_some()),
            }
        } else if is("user_authorization_cancellation") {
            Self::UserAuthorizationCancellation { openid: openid() }
        } else {
            Self::other(name)
        }
    }

    /// What says all it has to say by its name, also when it names no sender.
    pub(super) fn other(name: &str) -> Self {
        match PUNISHMENTS.iter().find(|known| name.eq_ignore_ascii_case(known)) {
            Some(event) => Self::Punished { event },
            None => Self::Other { event: name.to_owned() },
        }
    }

    /// The name, in the platform's spelling; fit for logs.
    pub fn name(&self) -> &str {
        match self {
            Self::Subscribe { .. } => "subscribe",
            Self::Unsubscribe => "unsubscribe",
            Self::Scan { .. } => "SCAN",
            Self::Location { .. } => "LOCATION",
            Self::Click { .. } => "CLICK",
            Self::View { .. } => "VIEW",
            Self::TemplateSendJobFinish { .. } => "TEMPLATESENDJOBFINISH",
            Self::SubscribeMsgPopup(_) => "subscribe_msg_popup_event",
            Self::SubscribeMsgChange(_) => "subscribe_msg_change_event",
            Self::SubscribeMsgSent(_) => "subscribe_msg_sent_event",
            Self::UserEnterTempsession { .. } => "user_enter_tempsession",
            Self::UserAuthorizationRevoke { .. } => "user_authorization_revoke",
            Self::UserAuthorizationCancellation { .. } => "user_authorization_cancellation",
            Self::Punished { event } => event,
            Self::Other { event } => event,
        }
    }

    /// Whether the user sees a passive reply to it (docs/wechat.md §2.3); the others are answered `success`.
    pub(crate) fn takes_reply(&self) -> bool {
        matches!(
            self,
            Self::Subscribe { .. }
                | Self::Scan { .. }
                | Self::Location { .. }
                | Self::Click { .. }
                | Self::Other { .. }
        )
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TemplateSendJobFinish { msgid, outcome } => f
                .debug_struct("TemplateSendJobFinish")
                .field("msgid", msgid)
                .field("outcome", outcome)
                .finish(),
            Self::SubscribeMsgPopup(choices) => f.debug_tuple("SubscribeMsgPopup").field(choices).finish(),
            Self::SubscribeMsgChange(choices) => f.debug_tuple("SubscribeMsgChange").field(choices).finish(),
            Self::SubscribeMsgSent(results) => f.debug_tuple("SubscribeMsgSent").field(results).finish(),
            other => write!(f, "Event({:?})", other.name()),
        }
    }
}

/// The prefix is stripped exactly once: a scene of our own may begin with anything.
fn scene_of_follow(fields: &Fields<'_>) -> Option<String> {
    let scene = fields.text("EventKey")?.strip_prefix(FOLLOWED_BY_QRCODE)?;
    is_scene(scene).then(|| scene.to_owned())
}

/// A scene has 64 characters at most (docs/wechat.md §8); it becomes part of a database key.
fn is_scene(scene: &str) -> bool {
    (1..=MAX_SCENE).contains(&scene.chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn event_debug_never_shows_a_scene_or_what_a_user_wrote() {
        let event = Event::Subscribe { scene: Some("bind:secret".into()), ticket: Some("gQH4".into()) };
        assert_eq!(format!("{event:?}"), "Event(\"subscribe\")");
    }
}
