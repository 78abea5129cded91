//! Which callbacks were acted on: dedupe of what is not idempotent, such as an automatic reply.
//!
//! The intention is recorded before the act: who comes later, after a crash, knows what may have been sent already and
//! does not send it again.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::account::Account;
use crate::app::{App, AppError};
use crate::random;
use crate::table::{Change, Creation, IndexEntries, Item, Record, keys};

/// WeChat repeats a callback after five seconds, and we answer within four.
const LEASE: SignedDuration = SignedDuration::from_millis(4_500);
/// Repeats end within half a minute; the rest is for a clock that is off.
const KEPT: SignedDuration = SignedDuration::from_hours(6);
/// 160 bits.
const DIGEST_CHARS: usize = 32;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    account: Account,
    /// What distinguishes the callback from every other of this account, as a digest: it names its sender.
    identity: String,
    /// The reply that is being sent; all before it are settled.
    step: usize,
    /// Until when somebody is at it; none when all is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    leased_until: Option<Timestamp>,
    seen_at: Timestamp,
}

impl Item for Seen {
    const KIND: &'static str = "seen callback";

    fn key(&self) -> keys::Key {
        keys::seen(self.account, &self.identity)
    }

    fn indexed(&self) -> IndexEntries {
        IndexEntries { ttl: Some(self.seen_at + KEPT), ..IndexEntries::default() }
    }
}

/// A callback that nobody but this run acts on.
#[derive(Debug)]
pub struct Held {
    stored: Record<Seen>,
}

impl Held {
    /// The first reply that was certainly not sent yet.
    pub fn step(&self) -> usize {
        self.stored.item.step
    }

    /// Records the intention to send reply `step`.
    pub async fn go_on_to(self, app: &App, step: usize) -> Result<Self, AppError> {
        let until = app.now() + LEASE;
        let (stored, ()) = app
            .table
            .update(self.stored, |seen: &mut Seen| {
                seen.step = step;
                seen.leased_until = Some(until);
                Change::Write(())
            })
            .await?;
        Ok(Self { stored })
    }

    pub async fn finish(self, app: &App) -> Result<(), AppError> {
        app.table
            .update(self.stored, |seen: &mut Seen| {
                seen.step = usize::MAX;
                seen.leased_until = None;
                Change::Write(())
            })
            .await?;
        Ok(())
    }
}

fn digest(identity: &str) -> String {
    random::base32(&Sha256::digest(identity), DIGEST_CHARS)
}

/// Takes the callback for this run; `None` when it was acted on, or somebody is at it.
pub async fn hold(app: &App, account: Account, identity: &str) -> Result<Option<Held>, AppError> {
    let now = app.now();
    let new =
        Seen { account, identity: digest(identity), step: 0, leased_until: Some(now + LEASE), seen_at: now };
    let stored = match app.table.create(new).await? {
        Creation::New(stored) => return Ok(Some(Held { stored })),
        Creation::Exists(stored) => stored,
    };
    let (stored, taken) = app
        .table
        .update(stored, |seen: &mut Seen| match seen.leased_until {
            // Whoever was at it did not come back, and the reply it was at may have been sent.
            Some(until) if until <= now => {
                seen.step += 1;
                seen.leased_until = Some(now + LEASE);
                Change::Write(true)
            }
            _ => Change::Keep(false),
        })
        .await?;
    Ok(taken.then_some(Held { stored }))
}
