//! The platform as the rest of this world has it: one handle on all that is remembered.

use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;

use super::accounts::{Account, AccountName, Accounts};
use super::api;
use super::pushes::Callback;
use super::refusals::Refusal;
use super::sends::SendRecord;
use super::state::State;
use super::templates::Template;
use super::users::{self, PersonView, UserView};
use crate::faults::Faults;
use crate::sabotage::Sabotage;
use crate::timeline::{Timeline, pause};

/// What kind of world this is.
#[derive(Debug, Clone)]
pub struct Options {
    /// `false`: the owner has only a mini program.
    pub service_account: bool,
    /// All ids, secrets and codes are made from this.
    pub random_seed: u64,
    /// How often a push is delivered at most (docs/wechat.md §1.7 leaves 3 or 4 open).
    pub deliveries: u32,
    /// A message is under way so long, in real time; another one to the same user meanwhile is refused (43108).
    pub sends_take: Duration,
    pub sabotage: Option<Sabotage>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            service_account: true,
            random_seed: 0,
            deliveries: 3,
            sends_take: Duration::ZERO,
            sabotage: None,
        }
    }
}

/// The platform; cheap to clone, all clones are the same one.
#[derive(Clone)]
pub struct Platform {
    pub(super) shared: Arc<Shared>,
}

pub(super) struct Shared {
    pub(super) timeline: Timeline,
    pub(super) faults: Faults,
    pub(super) deliveries: u32,
    sends_take: Duration,
    pub(super) client: reqwest::Client,
    state: Mutex<State>,
}

impl Platform {
    pub fn new(timeline: Timeline, faults: Faults, options: Options) -> Self {
        let mut state = State::new(options.random_seed, options.service_account);
        state.sabotage = options.sabotage;
        let state = Mutex::new(state);
        let (deliveries, sends_take) = (options.deliveries.max(1), options.sends_take);
        let client = loopback_client();
        Self { shared: Arc::new(Shared { timeline, faults, deliveries, sends_take, client, state }) }
    }

    /// Both accounts with all their secrets, as they are now.
    pub fn accounts(&self) -> Accounts {
        self.state().accounts.clone()
    }

    /// The operator changes something in an account's console. `false` if there is no such account.
    pub fn change_account(&self, name: AccountName, change: impl FnOnce(&mut Account)) -> bool {
        self.state().accounts.get_mut(name).map(change).is_some()
    }

    /// The accounts join one Open Platform account, as far as this user goes: from now on they have a unionid.
    /// `false` if nobody has that name.
    pub fn gives_unionid(&self, name: &str) -> bool {
        let mut state = self.state();
        let unionid = format!("o{}", state.random.url_safe(27));
        let Some(index) = state.users.named(name) else { return false };
        state.users.get_mut(index).unionid.get_or_insert(unionid);
        true
    }

    /// What the QR codes made so far say, oldest first: whoever scans a drawn one reads this.
    pub fn qr_code_urls(&self) -> Vec<String> {
        self.state().qrcodes.urls()
    }

    /// The file behind a media_id, whosever and however old.
    pub fn media_file(&self, media_id: &str) -> Option<Bytes> {
        self.state().media.bytes(media_id).cloned()
    }

    /// Every access token of the account dies now. Answers how many there were.
    pub fn revoke_tokens(&self, name: AccountName) -> usize {
        let now = self.shared.timeline.now();
        self.state().tokens.revoke(name, now)
    }

    /// Pushes go to `{base_url}/mini-program` and `{base_url}/service-account`.
    pub fn send_callbacks_to(&self, base_url: String) {
        self.state().pushes.callback_url = Some(base_url.trim_end_matches('/').to_owned());
    }

    /// Adds a message template, or replaces the one of that account and id.
    pub fn add_template(&self, template: Template) {
        self.state().templates.put(template);
    }

    /// The message templates of both accounts.
    pub fn templates(&self) -> Vec<Template> {
        self.state().templates.all().to_vec()
    }

    /// The owner deletes a message template in the console. `false` if there was none.
    pub fn delete_template(&self, name: AccountName, template_id: &str) -> bool {
        self.state().templates.delete(name, template_id)
    }

    /// An API's calls per day, where a test wants to reach the limit.
    pub fn limit_calls(&self, name: AccountName, path: &str, per_day: u32) {
        self.state().quotas.limit(name, path, per_day);
    }

    /// An API's calls per minute; WeChat's own limit is written nowhere.
    pub fn limit_calls_per_minute(&self, name: AccountName, path: &str, per_minute: u32) {
        self.state().quotas.limit_minute(name, path, per_minute);
    }

    /// Openids per page of `user/get`, where a test wants to see the second page.
    pub fn page_followers_by(&self, openids: usize) {
        self.state().followers_per_page = openids.max(1);
    }

    /// One API request as it came off the wire, for `api.weixin.qq.com` and `mp.weixin.qq.com` alike.
    /// Faults are met before this.
    pub async fn answer(&self, request: http::Request<Bytes>, caller_ip: IpAddr) -> http::Response<Bytes> {
        let recipient = match self.shared.sends_take {
            Duration::ZERO => None,
            _ => api::recipient(&request),
        };
        let Some(recipient) = recipient else {
            return self.change(|state, now| api::answer(state, request, caller_ip, now));
        };
        if !self.state().sends.begins(&recipient) {
            return self.refusal(request.uri().path(), 43108);
        }
        pause(self.shared.sends_take).await;
        self.change(|state, now| {
            state.sends.ends(&recipient);
            api::answer(state, request, caller_ip, now)
        })
    }

    /// The account as which the request would send a message, if it is a request to send and its token is good.
    pub(crate) fn sends_as(&self, request: &http::Request<Bytes>) -> Option<AccountName> {
        let now = self.shared.timeline.now();
        api::sends_as(&self.state(), request, now)
    }

    /// The refusal that a planned fault asks for, as WeChat would write it on this path.
    pub fn refusal(&self, path: &str, errcode: i64) -> http::Response<Bytes> {
        let now = self.shared.timeline.now();
        api::refuse(&mut self.state(), path, &Refusal::of(errcode), now)
    }

    /// Everybody, as the console page shows them.
    pub fn users(&self) -> Vec<UserView> {
        self.state().users.all().iter().map(users::User::view).collect()
    }

    /// Everybody in short, as a list of many shows them.
    pub(crate) fn people(&self) -> Vec<PersonView> {
        self.state().users.all().iter().map(users::User::in_short).collect()
    }

    /// Every message anybody asked to send, accepted or not.
    pub fn sends(&self) -> Vec<SendRecord> {
        self.state().sends.log().to_vec()
    }

    /// How many messages are on phones.
    pub fn reached(&self) -> usize {
        self.state().sends.log().iter().filter(|send| send.reached).count()
    }

    /// Everything secret that the platform ever told the product: access tokens and session keys.
    pub fn secrets_told(&self) -> Vec<String> {
        let state = self.state();
        state.tokens.all_issued().chain(state.session_keys.iter().cloned()).collect()
    }

    /// Every push that left, oldest first.
    pub fn callbacks(&self) -> Vec<Callback> {
        self.state().pushes.left().to_vec()
    }

    /// Lets `change` happen at the present instant, and puts the pushes it causes on the timeline.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut State, Timestamp) -> T) -> T {
        let now = self.shared.timeline.now();
        let (outcome, pushes) = {
            let mut state = self.state();
            (change(&mut state, now), state.pushes.take_about_to_leave())
        };
        for push in pushes {
            self.shared.timeline.at(push.due, self.clone().depart(push));
        }
        self.shared.timeline.touched();
        outcome
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Platform").finish_non_exhaustive()
    }
}

/// Pushes stay on this machine: no proxy, no TLS roots, no connection kept from one delivery to the next.
pub(crate) fn loopback_client() -> reqwest::Client {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring speaks the default protocol versions")
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .pool_max_idle_per_host(0)
        .build()
        .expect("these settings make a client")
}
