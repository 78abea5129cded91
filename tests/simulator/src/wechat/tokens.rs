//! Access tokens of both endpoints, kept apart from each other (docs/wechat.md §5.1).
//!
//! `/cgi-bin/token` issues a new one at every call and leaves the previous one five minutes. `stable_token`
//! hands everybody the same one until its last five minutes.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::accounts::AccountName;
use super::calendar::china_day;
use super::random::Random;
use super::refusals::Refusal;

const LIFE: SignedDuration = SignedDuration::from_secs(7200);
/// How long a token of `/cgi-bin/token` outlives its successor; and the age at which a stable one is replaced.
const OVERLAP: SignedDuration = SignedDuration::from_secs(300);
const FORCED_AT_MOST_EVERY: SignedDuration = SignedDuration::from_secs(30);
const FORCED_PER_DAY: u32 = 20;

const TOKEN_LENGTH: usize = 157;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Endpoint {
    Token,
    Stable,
}

#[derive(Debug)]
struct AccessToken {
    value: String,
    account: AccountName,
    endpoint: Endpoint,
    expires_at: Timestamp,
    /// Earlier than `expires_at` when it was replaced or revoked.
    dies_at: Timestamp,
}

/// A token as an answer carries it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Issued {
    pub(crate) access_token: String,
    pub(crate) expires_in: i64,
}

#[derive(Debug, Default)]
pub(crate) struct Tokens {
    issued: Vec<AccessToken>,
    forced: BTreeMap<AccountName, Forced>,
}

#[derive(Debug)]
struct Forced {
    last: Timestamp,
    day: i64,
    times: u32,
}

impl Tokens {
    /// `/cgi-bin/token`: always a new one.
    pub(crate) fn rotate(&mut self, account: AccountName, now: Timestamp, random: &mut Random) -> Issued {
        self.cut_short(account, Endpoint::Token, now + OVERLAP);
        self.issue(account, Endpoint::Token, now, random)
    }

    /// `stable_token` in normal mode: the one in force, with what remains of it.
    pub(crate) fn stable(&mut self, account: AccountName, now: Timestamp, random: &mut Random) -> Issued {
        let current = self.issued.iter().rev().find(|token| {
            token.account == account && token.endpoint == Endpoint::Stable && token.dies_at > now
        });
        match current {
            Some(token) if token.expires_at.duration_since(now) >= OVERLAP => Issued {
                access_token: token.value.clone(),
                expires_in: token.expires_at.duration_since(now).as_secs(),
            },
            _ => self.issue(account, Endpoint::Stable, now, random),
        }
    }

    /// `stable_token` with `force_refresh`: a new one, and the old one is dead. Called again too soon it
    /// refreshes nothing.
    pub(crate) fn force(
        &mut self,
        account: AccountName,
        now: Timestamp,
        random: &mut Random,
    ) -> Result<Issued, Refusal> {
        let day = china_day(now);
        let times = match self.forced.get(&account) {
            Some(forced) if now.duration_since(forced.last) < FORCED_AT_MOST_EVERY => {
                return Ok(self.stable(account, now, random));
            }
            Some(forced) if forced.day == day => forced.times,
            _ => 0,
        };
        if times >= FORCED_PER_DAY {
            return Err(Refusal::of(45009));
        }
        self.forced.insert(account, Forced { last: now, day, times: times + 1 });
        self.cut_short(account, Endpoint::Stable, now);
        Ok(self.issue(account, Endpoint::Stable, now, random))
    }

    /// Every token there ever was.
    pub(crate) fn all_issued(&self) -> impl Iterator<Item = String> + '_ {
        self.issued.iter().map(|token| token.value.clone())
    }

    /// Whose token this is, if it is one that is alive.
    pub(crate) fn account_of(&self, access_token: &str, now: Timestamp) -> Result<AccountName, Refusal> {
        match self.issued.iter().rev().find(|token| token.value == access_token) {
            Some(token) if now < token.dies_at => Ok(token.account),
            Some(token) if token.dies_at < token.expires_at => Err(Refusal::of(40001)),
            Some(_) => Err(Refusal::of(42001)),
            None if access_token.len() == TOKEN_LENGTH => Err(Refusal::of(40001)),
            None => Err(Refusal::of(40014)),
        }
    }

    /// Every token of the account dies now, as when the secret is reset. Answers how many died.
    pub(crate) fn revoke(&mut self, account: AccountName, now: Timestamp) -> usize {
        self.cut_short(account, Endpoint::Token, now) + self.cut_short(account, Endpoint::Stable, now)
    }

    fn cut_short(&mut self, account: AccountName, endpoint: Endpoint, dies_at: Timestamp) -> usize {
        let alive = self.issued.iter_mut().filter(|token| {
            token.account == account && token.endpoint == endpoint && token.dies_at > dies_at
        });
        alive.map(|token| token.dies_at = dies_at).count()
    }

    fn issue(
        &mut self,
        account: AccountName,
        endpoint: Endpoint,
        now: Timestamp,
        random: &mut Random,
    ) -> Issued {
        let access_token = format!("81_{}", random.url_safe(TOKEN_LENGTH - 3));
        let expires_at = now + LIFE;
        self.issued.push(AccessToken {
            value: access_token.clone(),
            account,
            endpoint,
            expires_at,
            dies_at: expires_at,
        });
        Issued { access_token, expires_in: LIFE.as_secs() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: AccountName = AccountName::MiniProgram;

    fn second(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).expect("a valid instant")
    }

    fn errcode(tokens: &Tokens, token: &Issued, now: i64) -> i64 {
        tokens.account_of(&token.access_token, second(now)).map_or_else(|refusal| refusal.errcode, |_| 0)
    }

    #[test]
    fn a_stable_token_is_the_same_for_everybody_until_its_last_five_minutes() {
        let (mut tokens, mut random) = (Tokens::default(), Random::new(1));
        let first = tokens.stable(ACCOUNT, second(0), &mut random);
        assert_eq!(first.expires_in, 7200);
        let later = tokens.stable(ACCOUNT, second(6900), &mut random);
        assert_eq!(later, Issued { access_token: first.access_token.clone(), expires_in: 300 });
        let next = tokens.stable(ACCOUNT, second(6901), &mut random);
        assert_ne!(next.access_token, first.access_token);
        assert_eq!(next.expires_in, 7200);
        assert_eq!(errcode(&tokens, &first, 7199), 0, "both live during the overlap");
        assert_eq!(errcode(&tokens, &first, 7200), 42001);
        assert_eq!(errcode(&tokens, &next, 7200), 0);
    }

    #[test]
    fn a_forced_refresh_kills_the_old_token_but_not_more_often_than_every_thirty_seconds() {
        let (mut tokens, mut random) = (Tokens::default(), Random::new(1));
        let first = tokens.stable(ACCOUNT, second(0), &mut random);
        let forced = tokens.force(ACCOUNT, second(1), &mut random).expect("the first of the day");
        assert_eq!(errcode(&tokens, &first, 1), 40001);
        let again = tokens.force(ACCOUNT, second(30), &mut random).expect("answered, not refreshed");
        assert_eq!(again.access_token, forced.access_token);
        for n in 1..20 {
            tokens.force(ACCOUNT, second(1 + 30 * n), &mut random).expect("twenty a day");
        }
        assert_eq!(tokens.force(ACCOUNT, second(601), &mut random).map_err(|r| r.errcode), Err(45009));
        let tomorrow = tokens.force(ACCOUNT, second(601 + 86_400), &mut random);
        assert!(tomorrow.is_ok());
    }

    #[test]
    fn a_rotated_token_leaves_its_predecessor_five_minutes_and_the_stable_one_alone() {
        let (mut tokens, mut random) = (Tokens::default(), Random::new(1));
        let stable = tokens.stable(ACCOUNT, second(0), &mut random);
        let first = tokens.rotate(ACCOUNT, second(0), &mut random);
        let second_one = tokens.rotate(ACCOUNT, second(100), &mut random);
        assert_ne!(first.access_token, second_one.access_token);
        assert_eq!(errcode(&tokens, &first, 399), 0);
        assert_eq!(errcode(&tokens, &first, 400), 40001);
        assert_eq!(errcode(&tokens, &second_one, 400), 0);
        assert_eq!(errcode(&tokens, &stable, 400), 0);
    }

    #[test]
    fn a_revoked_token_is_not_the_latest_and_a_made_up_one_is_not_valid() {
        let (mut tokens, mut random) = (Tokens::default(), Random::new(1));
        let token = tokens.stable(ACCOUNT, second(0), &mut random);
        assert_eq!(tokens.revoke(ACCOUNT, second(10)), 1);
        assert_eq!(errcode(&tokens, &token, 10), 40001);
        assert_ne!(tokens.stable(ACCOUNT, second(10), &mut random).access_token, token.access_token);
        assert_eq!(tokens.account_of("nonsense", second(0)).map_err(|r| r.errcode), Err(40014));
        assert_eq!(tokens.account_of(&"x".repeat(157), second(0)).map_err(|r| r.errcode), Err(40001));
    }
}
