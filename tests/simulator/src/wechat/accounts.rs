//! The two accounts of this world and what their consoles are set to. Everything in here is made up.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::random::Random;

/// Which of the two accounts, by the word the control API and the secrets use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountName {
    MiniProgram,
    ServiceAccount,
}

impl AccountName {
    pub const ALL: [Self; 2] = [Self::MiniProgram, Self::ServiceAccount];

    /// The path of this account's callback.
    pub(crate) fn callback_path(self) -> &'static str {
        match self {
            Self::MiniProgram => "/mini-program",
            Self::ServiceAccount => "/service-account",
        }
    }

    pub(crate) const fn in_words(self) -> &'static str {
        match self {
            Self::MiniProgram => "mini_program",
            Self::ServiceAccount => "service_account",
        }
    }
}

/// How pushes are protected (docs/wechat.md §1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    Plaintext,
    Compatible,
    Secure,
}

/// How pushes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    Xml,
    Json,
}

/// How documents have been seen to differ from the pages that describe them (docs/wechat.md §14.19).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Oddity {
    /// What a user typed has a raw control byte in it, and one that is no UTF-8.
    OddBytes,
    /// In JSON a `List` of one entry is a list all the same.
    ListOfOne,
    /// In JSON every `CreateTime` is a number.
    CreateTimeNumber,
    /// JSON comes under `text/xml`.
    JsonAsTextXml,
}

/// One account as its console shows it.
#[derive(Debug, Clone)]
pub struct Account {
    pub appid: String,
    pub app_secret: String,
    /// `gh_` and 12 hex digits: `ToUserName` of every push.
    pub original_id: String,
    pub callback_token: String,
    pub encoding_aes_key: String,
    /// The whole URL that was entered; `None`: where this world's callbacks go.
    pub callback_url: Option<String>,
    pub mode: Mode,
    pub format: Format,
    /// Who may fetch access tokens; `None`: anybody.
    pub ip_whitelist: Option<Vec<IpAddr>>,
    /// Pages of the released mini program; `None`: every page exists.
    pub released_pages: Option<Vec<String>>,
    /// Words that no message of this account may have.
    pub forbidden_words: Vec<String>,
    /// How far `user/info` lags behind follows and unfollows (docs/wechat.md §16).
    pub user_info_lag_s: i64,
    /// In which ways its documents are not as the pages say.
    pub oddities: Vec<Oddity>,
}

impl Account {
    fn made_up(random: &mut Random, format: Format) -> Self {
        Self {
            appid: format!("wx{}", random.hex(16)),
            app_secret: random.hex(32),
            original_id: format!("gh_{}", random.hex(12)),
            callback_token: random.letters_and_digits(24),
            encoding_aes_key: random.letters_and_digits(43),
            callback_url: None,
            mode: Mode::Secure,
            format,
            ip_whitelist: None,
            released_pages: None,
            forbidden_words: Vec::new(),
            user_info_lag_s: 0,
            oddities: Vec::new(),
        }
    }

    /// Whether a card may point at `page`: relative, without scheme or leading slash, and released.
    pub(crate) fn has_page(&self, page: &str) -> bool {
        let path = page.split('?').next().unwrap_or_default();
        let well_formed = !path.is_empty() && !path.starts_with('/') && !path.contains("://");
        let released = |pages: &Vec<String>| pages.iter().any(|released| released == path);
        well_formed && self.released_pages.as_ref().is_none_or(released)
    }
}

/// Both accounts; a world without a service account has one.
#[derive(Debug, Clone)]
pub struct Accounts {
    pub mini_program: Account,
    pub service_account: Option<Account>,
}

impl Accounts {
    /// The usual formats: JSON for the mini program, XML for the service account (docs/wechat.md §1.1).
    pub(crate) fn made_up(random: &mut Random, with_service_account: bool) -> Self {
        Self {
            mini_program: Account::made_up(random, Format::Json),
            service_account: with_service_account.then(|| Account::made_up(random, Format::Xml)),
        }
    }

    pub fn get(&self, name: AccountName) -> Option<&Account> {
        match name {
            AccountName::MiniProgram => Some(&self.mini_program),
            AccountName::ServiceAccount => self.service_account.as_ref(),
        }
    }

    pub(crate) fn get_mut(&mut self, name: AccountName) -> Option<&mut Account> {
        match name {
            AccountName::MiniProgram => Some(&mut self.mini_program),
            AccountName::ServiceAccount => self.service_account.as_mut(),
        }
    }

    pub(crate) fn by_appid(&self, appid: &str) -> Option<(AccountName, &Account)> {
        AccountName::ALL
            .into_iter()
            .filter_map(|name| Some((name, self.get(name)?)))
            .find(|(_, account)| account.appid == appid)
    }
}
