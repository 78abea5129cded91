//! Calls per API and day, and the operator's few chances to start a day anew (docs/wechat.md §5.4).

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::accounts::AccountName;
use super::calendar::{china_day, china_month};
use super::refusals::Refusal;

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
    cleared: BTreeMap<AccountName, ((i16, i8), u32)>,
}

impl Quotas {
    /// A limit other than the usual one, so that a test can reach it.
    pub(crate) fn limit(&mut self, account: AccountName, path: &str, per_day: u32) {
        self.limits.insert((account, path.to_owned()), per_day);
    }

    /// Counts one call. Refused calls count too, beyond the limit they do not.
    pub(crate) fn spend(
        &mut self,
        account: AccountName,
        path: &str,
        usual_limit: u32,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let Usage { daily_limit, used } = self.usage(account, path, usual_limit, now);
        if used >= daily_limit {
            return Err(Refusal::of(45009));
        }
        self.used.insert((account, path.to_owned()), (china_day(now), used + 1));
        Ok(())
    }

    pub(crate) fn usage(&self, account: AccountName, path: &str, usual_limit: u32, now: Timestamp) -> Usage {
        let key = (account, path.to_owned());
        let today = |(day, used): &(i64, u32)| if *day == china_day(now) { *used } else { 0 };
        Usage {
            daily_limit: self.limits.get(&key).copied().unwrap_or(usual_limit),
            used: self.used.get(&key).map_or(0, today),
        }
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
