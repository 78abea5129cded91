//! The people of this world, and how each of them stands with the two accounts.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::accounts::AccountName;
use super::calendar::written;
use super::credits::Credits;
use super::qrcodes::Scene;
use super::random::Random;
use super::sessions::{Trigger, Window};

/// A user's place in [`Users`].
pub(crate) type UserIndex = usize;

/// Since when and how somebody follows the service account.
#[derive(Debug, Clone)]
pub(crate) struct Following {
    pub(crate) since: Timestamp,
    pub(crate) scene: &'static str,
    pub(crate) qr_scene: Option<Scene>,
}

/// A chat between a user and an account.
#[derive(Debug, Clone, Default)]
pub(crate) struct Chat {
    pub(crate) window: Option<Window>,
    /// While a human has the chat, messages bypass the callback (docs/wechat.md §3).
    pub(crate) human_until: Option<Timestamp>,
    pub(crate) last_interaction: Option<Timestamp>,
    pub(crate) typing_until: Option<Timestamp>,
}

#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) unionid: Option<String>,
    openids: BTreeMap<AccountName, String>,
    pub(crate) following: Option<Following>,
    /// When that changed last, and what it was before: an answer that lags says this.
    following_before: Option<(Timestamp, Option<Following>)>,
    /// The user refuses the service account's messages.
    pub(crate) blocked: bool,
    /// Template messages that the user switched off, each by itself.
    pub(crate) refused_templates: BTreeSet<String>,
    /// The service account refuses the user.
    pub(crate) blacklisted: bool,
    pub(crate) credits: Credits,
    chats: BTreeMap<AccountName, Chat>,
    pub(crate) inbox: Vec<InboxItem>,
}

/// What reached the phone, in the words of the control API.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InboxItem {
    pub at: String,
    #[serde(rename = "in")]
    pub place: Place,
    pub kind: MessageKind,
    /// The message as it was sent.
    pub body: Value,
}

/// Where on the phone a message appears.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    ServiceNotifications,
    ServiceAccount,
    MiniProgramSession,
}

/// What sort of message it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    Template,
    Subscription,
    Notification,
    Custom,
    Reply,
}

/// A user as their phone on the page shows them.
#[derive(Debug, Clone, Serialize)]
pub struct UserView {
    pub name: String,
    pub unionid: Option<String>,
    pub mini_program_openid: String,
    pub service_account_openid: Option<String>,
    pub followed: bool,
    /// For those who look on; the page shows when by the events.
    #[serde(skip)]
    pub followed_since: Option<Timestamp>,
    pub blocked: bool,
    /// Messages of each template that would still be taken.
    pub credits: BTreeMap<String, u32>,
    pub inbox: Vec<InboxItem>,
}

/// A user as a list of a thousand shows them: no messages, but how many there are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct PersonView {
    pub(crate) name: String,
    mini_program_openid: String,
    service_account_openid: Option<String>,
    followed: bool,
    blocked: bool,
    blacklisted: bool,
    refused_templates: usize,
    credits: u32,
    messages: usize,
}

impl User {
    pub(crate) fn openid(&self, account: AccountName) -> Option<&str> {
        self.openids.get(&account).map(String::as_str)
    }

    pub(crate) fn chat(&mut self, account: AccountName) -> &mut Chat {
        self.chats.entry(account).or_default()
    }

    pub(crate) fn set_following(&mut self, following: Option<Following>, now: Timestamp) {
        self.following_before = Some((now, self.following.take()));
        self.following = following;
    }

    /// As somebody sees it who hears of changes so many seconds late.
    pub(crate) fn following_seen(&self, lag_s: i64, now: Timestamp) -> Option<&Following> {
        match &self.following_before {
            Some((changed_at, before)) if now.as_second() < changed_at.as_second() + lag_s => before.as_ref(),
            _ => self.following.as_ref(),
        }
    }

    /// Opens or lengthens the account's window.
    pub(crate) fn interacts(&mut self, account: AccountName, trigger: Trigger, now: Timestamp) {
        let chat = self.chat(account);
        chat.window = Some(Window::open(chat.window.as_ref(), trigger, now));
        chat.last_interaction = Some(now);
    }

    pub(crate) fn receives(&mut self, at: Timestamp, place: Place, kind: MessageKind, body: Value) {
        self.inbox.push(InboxItem { at: written(at), place, kind, body });
    }

    pub(crate) fn in_short(&self) -> PersonView {
        PersonView {
            name: self.name.clone(),
            mini_program_openid: self.openid(AccountName::MiniProgram).unwrap_or_default().to_owned(),
            service_account_openid: self.openid(AccountName::ServiceAccount).map(str::to_owned),
            followed: self.following.is_some(),
            blocked: self.blocked,
            blacklisted: self.blacklisted,
            refused_templates: self.refused_templates.len(),
            credits: self.credits.counts().values().sum(),
            messages: self.inbox.len(),
        }
    }

    pub(crate) fn view(&self) -> UserView {
        UserView {
            name: self.name.clone(),
            unionid: self.unionid.clone(),
            mini_program_openid: self.openid(AccountName::MiniProgram).unwrap_or_default().to_owned(),
            service_account_openid: self.openid(AccountName::ServiceAccount).map(str::to_owned),
            followed: self.following.is_some(),
            followed_since: self.following.as_ref().map(|following| following.since),
            blocked: self.blocked,
            credits: self.credits.counts(),
            inbox: self.inbox.clone(),
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Users {
    all: Vec<User>,
    by_name: HashMap<String, UserIndex>,
    by_openid: HashMap<String, (AccountName, UserIndex)>,
}

impl Users {
    /// `None` if somebody has that name already.
    pub(crate) fn add(
        &mut self,
        name: &str,
        with_unionid: bool,
        accounts: &[AccountName],
        random: &mut Random,
    ) -> Option<&User> {
        if self.by_name.contains_key(name) {
            return None;
        }
        let index = self.all.len();
        let openids: BTreeMap<_, _> =
            accounts.iter().map(|account| (*account, format!("o{}", random.url_safe(27)))).collect();
        for (account, openid) in &openids {
            self.by_openid.insert(openid.clone(), (*account, index));
        }
        self.by_name.insert(name.to_owned(), index);
        self.all.push(User {
            name: name.to_owned(),
            unionid: with_unionid.then(|| format!("o{}", random.url_safe(27))),
            openids,
            following: None,
            following_before: None,
            blocked: false,
            refused_templates: BTreeSet::new(),
            blacklisted: false,
            credits: Credits::default(),
            chats: BTreeMap::new(),
            inbox: Vec::new(),
        });
        self.all.last()
    }

    pub(crate) fn named(&self, name: &str) -> Option<UserIndex> {
        self.by_name.get(name).copied()
    }

    /// The user with this openid of this very account; an openid of the other one is nobody's.
    pub(crate) fn with_openid(&self, account: AccountName, openid: &str) -> Option<UserIndex> {
        self.by_openid.get(openid).filter(|(owner, _)| *owner == account).map(|(_, index)| *index)
    }

    pub(crate) fn get(&self, index: UserIndex) -> &User {
        &self.all[index]
    }

    pub(crate) fn get_mut(&mut self, index: UserIndex) -> &mut User {
        &mut self.all[index]
    }

    pub(crate) fn all(&self) -> &[User] {
        &self.all
    }
}
