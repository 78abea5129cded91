//! Everything the platform remembers, in one place and behind one lock.
//!
//! Handlers and verbs are plain functions over this and the present instant; what they cause is put down in
//! `pushes` and leaves once the lock is free.

use super::accounts::{AccountName, Accounts};
use super::codes::JsCodes;
use super::media::MediaStore;
use super::pushes::Pushes;
use super::qrcodes::QrCodes;
use super::quotas::Quotas;
use super::random::Random;
use super::sends::Sends;
use super::templates::Templates;
use super::tokens::Tokens;
use super::users::Users;
use crate::sabotage::Sabotage;

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) random: Random,
    pub(crate) accounts: Accounts,
    pub(crate) users: Users,
    pub(crate) codes: JsCodes,
    pub(crate) tokens: Tokens,
    pub(crate) templates: Templates,
    pub(crate) qrcodes: QrCodes,
    pub(crate) media: MediaStore,
    pub(crate) quotas: Quotas,
    pub(crate) sends: Sends,
    pub(crate) pushes: Pushes,
    /// Openids per page of `user/get`.
    pub(crate) followers_per_page: usize,
    pub(crate) sabotage: Option<Sabotage>,
    /// Every session_key that was handed out.
    pub(crate) session_keys: Vec<String>,
}

/// As many as `user/get` gives at once (docs/wechat.md §7.3).
const FOLLOWERS_PER_PAGE: usize = 10_000;

impl State {
    pub(crate) fn new(seed: u64, with_service_account: bool) -> Self {
        let mut random = Random::new(seed);
        let accounts = Accounts::made_up(&mut random, with_service_account);
        Self {
            random,
            accounts,
            users: Users::default(),
            codes: JsCodes::default(),
            tokens: Tokens::default(),
            templates: Templates::default(),
            qrcodes: QrCodes::default(),
            media: MediaStore::default(),
            quotas: Quotas::default(),
            sends: Sends::default(),
            pushes: Pushes::default(),
            followers_per_page: FOLLOWERS_PER_PAGE,
            sabotage: None,
            session_keys: Vec::new(),
        }
    }

    pub(crate) fn account_names(&self) -> Vec<AccountName> {
        AccountName::ALL.into_iter().filter(|name| self.accounts.get(*name).is_some()).collect()
    }
}
