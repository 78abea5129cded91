//! Calls per API and day, and the operator's few chances to start a day anew (docs/wechat.md §5.4).

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::accounts::AccountName;
use super::calendar::{china_day, china_month};
use super::refusals::Refusal;

/// Where docs/wechat.md names no limit.
const USUAL: u32 = 1_000_000;

/// Calls per day as in docs/wechat.md §4, §7–§10, unless a test says otherwise.
pub(crate) const LIMITS: &[(&str, u32)] = &[
    ("/cgi-bin/token", 2000),
    ("/cgi-bin/stable_token", 500_000),
    ("/cgi-bin/message/subscribe/send", 10_000_000),
    ("/cgi-bin/message/subscribe/bizsend", 100_000),
    ("/cgi-bin/message/template/send", 100_000),
    ("/cgi-bin/message/custom/send", 500_000),
    ("/cgi-bin/message/custom/typing", USUAL),
    ("/cgi-bin/message/custom/business/typing", USUAL),
    ("/cgi-bin/media/upload", 100_000),
    ("/cgi-bin/media/get", 200_000),
    ("/cgi-bin/user/info", 5_000_000),
    ("/cgi-bin/user/info/batchget", 5_000_000),
    ("/cgi-bin/user/get", 500),
    ("/cgi-bin/qrcode/create", 100_000),
    ("/wxaapi/newtmpl/gettemplate", USUAL),
    ("/cgi-bin/template/get_all_private_template", USUAL),
    ("/cgi-bin/getcallbackip", USUAL),
    ("/cgi-bin/get_api_domain_ip", USUAL),
    ("/cgi-bin/callback/check", USUAL),
    ("/cgi-bin/openapi/quota/get", USUAL),
    ("/cgi-bin/clear_quota", USUAL),
];

/// `clear_quota` and `clear_quota/v2` together.
const CLEARS_PER_MONTH: u32 = 10;

/// What `openapi/quota/get` tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) daily_limit: u32,
    pub(crate) used: u32,
}

#[derive(Debug, Default)]
pub(crate) struct Quotas {
    limits: BTreeMap<(AccountName, String), u32>,
    used: BTreeMap<(AccountName, String), (i64, u32)>,
    /// Calls a minute, where WeChat's unwritten limit is played (docs/wechat.md §5.4).
    per_minute: BTreeMap<(AccountName, String), u32>,
    in_minute: BTreeMap<(AccountName, String), (i64, u32)>,
    cleared: BTreeMap<AccountName, ((i16, i8), u32)>,
}

impl Quotas {
    /// A limit other than the usual one, so that a test can reach it.
    pub(crate) fn limit(&mut self, account: AccountName, path: &str, per_day: u32) {
        self.limits.insert((account, path.to_owned()), per_day);
    }

    /// No more calls than this in a minute: the others are told to be slower.
    pub(crate) fn limit_minute(&mut self, account: AccountName, path: &str, per_minute: u32) {
        self.per_minute.insert((account, path.to_owned()), per_minute);
    }

    fn spend_in_minute(&mut self, account: AccountName, path: &str, now: Timestamp) -> Result<(), Refusal> {
        let key = (account, path.to_owned());
        let Some(limit) = self.per_minute.get(&key) else { return Ok(()) };
        let minute = now.as_second().div_euclid(60);
        let used = self.in_minute.entry(key).or_insert((minute, 0));
        if used.0 != minute {
            *used = (minute, 0);
        }
        if used.1 >= *limit {
            return Err(Refusal::of(45011));
        }
        used.1 += 1;
        Ok(())
    }

    /// Counts one call. Refused calls count too, beyond the limit they do not.
    pub(crate) fn spend(&mut self, account: AccountName, path: &str, now: Timestamp) -> Result<(), Refusal> {
        let Usage { daily_limit, used } = self.usage(account, path, now).ok_or_else(|| Refusal::of(40066))?;
        if used >= daily_limit {
            return Err(Refusal::of(45009));
        }
        self.spend_in_minute(account, path, now)?;
        self.used.insert((account, path.to_owned()), (china_day(now), used + 1));
        Ok(())
    }

    /// Nothing for a path without a limit, which is no API.
    pub(crate) fn usage(&self, account: AccountName, path: &str, now: Timestamp) -> Option<Usage> {
        let (_, usual) = LIMITS.iter().find(|(known, _)| *known == path)?;
        let key = (account, path.to_owned());
        let today = |(day, used): &(i64, u32)| if *day == china_day(now) { *used } else { 0 };
        Some(Usage {
            daily_limit: self.limits.get(&key).copied().unwrap_or(*usual),
            used: self.used.get(&key).map_or(0, today),
        })
    }

    pub(crate) fn clear(&mut self, account: AccountName, now: Timestamp) -> Result<(), Refusal> {
        let month = china_month(now);
        let entry = self.cleared.entry(account).or_insert((month, 0));
        if entry.0 != month {
            *entry = (month, 0);
        }
        if entry.1 >= CLEARS_PER_MONTH {
            return Err(Refusal::of(48006));
        }
        entry.1 += 1;
        self.used.retain(|(owner, _), _| *owner != account);
        Ok(())
    }
}
