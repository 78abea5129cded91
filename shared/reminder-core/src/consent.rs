//! Accepted and refused prompts, from WeChat's events and from the mini program's own reports, into the ledgers.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

use jiff::Timestamp;
use thiserror::Error;
use wechat::{OpenId, SubscribeChoice, SubscribeStatus, TemplateId};

use crate::account::Account;
use crate::app::{App, AppError};
use crate::following::profile::{self, Occasion};
use crate::json::error::{FieldError, FieldErrors, RuleCode};
use crate::person::follower::Follower;
use crate::person::ledger::{Ledger, Source};
use crate::person::login::{Login, ProfileGone};
use crate::person::user::{KEPT, User};
use crate::random;
use crate::scheduling;
use crate::settings::{CreditSource, Settings};
use crate::table::{Change, Item, Record, TableError, keys};

/// `wx.requestSubscribeMessage` takes five templates at most (docs/wechat.md §9.4): an object of more than these is
/// not what it answered.
pub const RESULTS_MAX: usize = 20;
/// How often a follower may be linked with somebody else while their accept is written down; then it waits on their side.
const LINKS_MAX: usize = 3;

/// Why a report was not taken.
#[derive(Debug, Error)]
pub enum ReportError {
    #[error("the report is not valid")]
    Invalid(Vec<FieldError>),
    #[error(transparent)]
    ProfileGone(#[from] ProfileGone),
    #[error(transparent)]
    App(#[from] AppError),
}

impl From<TableError> for ReportError {
    fn from(error: TableError) -> Self {
        match error {
            TableError::Gone(User::KIND) => Self::ProfileGone(ProfileGone),
            error => Self::App(error.into()),
        }
    }
}

/// WeChat says what a user chose in a prompt. `identity` is that of the callback.
pub async fn popup(
    app: &App,
    account: Account,
    openid: &OpenId,
    identity: &str,
    choices: &[SubscribeChoice],
    at: Timestamp,
) -> Result<(), AppError> {
    let now = app.now();
    let settings = app.settings_if_any().await?;
    if settings.as_ref().is_some_and(|settings| settings.credit_source == CreditSource::Client) {
        return Ok(());
    }
    let accepted = AtomicU32::new(0);
    change_ledgers(app, account, openid, at, |ledgers| {
        let mut changed = false;
        let mut counted = 0;
        for choice in choices {
            let template_id = &choice.template_id;
            let long_term = is_long_term(settings.as_deref(), account, template_id);
            match choice.status {
                SubscribeStatus::Accept => {
                    let cause = format!("{identity}#{}", template_id.as_str());
                    let is_new = ledger(ledgers, template_id).accept(&cause, at, long_term, now);
                    counted += u32::from(is_new);
                    changed |= is_new;
                }
                // A one-time prompt refused takes nothing back; a long-term one does.
                SubscribeStatus::Reject if long_term => {
                    changed |= ledger(ledgers, template_id).refuse(at);
                }
                _ => {}
            }
        }
        // Set, not added to: a change that lost its race is applied again.
        accepted.store(counted, Ordering::Relaxed);
        changed
    })
    .await?;
    app.metrics.credits_accepted(accepted.into_inner(), now);
    Ok(())
}

/// WeChat says that a user took their consent back. A long-term subscription that is switched on again is one; nothing is
/// given by switching on a template of single messages.
pub async fn refused(
    app: &App,
    account: Account,
    openid: &OpenId,
    choices: &[SubscribeChoice],
    at: Timestamp,
) -> Result<(), AppError> {
    let now = app.now();
    let settings = app.settings_if_any().await?;
    let is_long_term = |template_id: &TemplateId| is_long_term(settings.as_deref(), account, template_id);
    change_ledgers(app, account, openid, at, |ledgers| {
        let mut changed = false;
        for SubscribeChoice { template_id, status, .. } in choices {
            changed |= match status {
                SubscribeStatus::Accept if !is_long_term(template_id) => false,
                SubscribeStatus::Accept => ledger(ledgers, template_id).accept("", at, true, now),
                _ => ledger(ledgers, template_id).refuse(at),
            };
        }
        changed
    })
    .await
}

/// The user as they are now, and the template ids of a report that the settings do not know: another part of the mini program
/// may ask for its own with the same prompt.
#[derive(Debug)]
pub struct Reported {
    pub user: User,
    pub ignored: Vec<String>,
}

/// What `wx.requestSubscribeMessage` gave, as the mini program reports it.
pub async fn report(
    app: &App,
    login: &Login,
    idempotency_key: Option<&str>,
    results: &BTreeMap<String, String>,
) -> Result<Reported, ReportError> {
    let now = app.now();
    let settings = app.settings.get(now).await.map_err(AppError::from)?;
    let entries = results.len();
    // What wx says of the call itself.
    let results: BTreeMap<&str, &str> = results
        .iter()
        .filter(|(template_id, _)| template_id.as_str() != "errMsg")
        .map(|(template_id, result)| (template_id.as_str(), result.as_str()))
        .collect();
    check(entries, &results).map_err(ReportError::Invalid)?;
    let is_known =
        |template_id: &str| settings.subscription_kind(Account::MiniProgram, template_id).is_some();
    let (results, ignored): (BTreeMap<_, _>, BTreeMap<_, _>) =
        results.into_iter().partition(|(template_id, _)| is_known(template_id));
    let cause = idempotency_key.map_or_else(random::id, str::to_owned);
    let source = match settings.credit_source {
        CreditSource::Events => Source::Events,
        CreditSource::Client => Source::Client,
    };
    let (user, accepted) = app
        .table
        .update_at(keys::user(&login.openid), |user: &mut User| {
            if !login.is_of(user) {
                return Change::Keep(None);
            }
            let mut changed = false;
            let mut accepted = 0;
            for (template_id, result) in &results {
                let long_term = settings.is_long_term(Account::MiniProgram, template_id);
                if result.starts_with("accept") {
                    let cause = format!("{cause}#{template_id}");
                    let is_new = user.ledger(template_id).report(&cause, source, long_term, now);
                    accepted += u32::from(is_new && source == Source::Client);
                    changed |= is_new;
                } else if *result == "reject" && long_term && source == Source::Client {
                    changed |= user.ledger(template_id).refuse(now);
                }
            }
            if !changed {
                return Change::Keep(Some(0));
            }
            user.may_be_reached(now);
            Change::Write(Some(accepted))
        })
        .await?;
    let accepted = accepted.ok_or(ProfileGone)?;
    app.metrics.credits_accepted(accepted, now);
    scheduling::look_at_rest(app, &user.item).await.map_err(AppError::from)?;
    Ok(Reported { user: user.item, ignored: ignored.into_keys().map(str::to_owned).collect() })
}

fn check(entries: usize, results: &BTreeMap<&str, &str>) -> Result<(), Vec<FieldError>> {
    let mut errors = FieldErrors::default();
    if entries > RESULTS_MAX {
        errors.at(
            "results",
            RuleCode::Count
                .says(format!("must have at most {RESULTS_MAX} entries"))
                .with("max", RESULTS_MAX)
                .with("found", entries),
        );
    }
    for (template_id, result) in results {
        if !is_answer(result) {
            errors.at(
                format!("results.{template_id}"),
                RuleCode::OneOf
                    .says("must be what wx.requestSubscribeMessage gives: accept, reject, ban or filter")
                    .with("allowed", ["accept", "reject", "ban", "filter"].as_slice()),
            );
        }
    }
    errors.into_result(Some(()))
}

/// `accept` and its variants (`acceptWithAudio`, …) are accepts (docs/wechat.md §9.4).
fn is_answer(result: &str) -> bool {
    let is_accept = |variant: &str| variant.bytes().all(|byte| byte.is_ascii_alphabetic());
    result.strip_prefix("accept").is_some_and(is_accept) || matches!(result, "reject" | "ban" | "filter")
}

fn is_long_term(settings: Option<&Settings>, account: Account, template_id: &TemplateId) -> bool {
    settings.is_some_and(|settings| settings.is_long_term(account, template_id.as_str()))
}

type Ledgers = BTreeMap<TemplateId, Ledger>;

fn ledger<'a>(ledgers: &'a mut Ledgers, template_id: &TemplateId) -> &'a mut Ledger {
    ledgers.entry(template_id.clone()).or_default()
}

/// Changes the ledgers of whoever this openid is: a user, or a follower nobody has linked yet; unless it happened before
/// they were forgotten. `change` says whether it changed anything.
async fn change_ledgers(
    app: &App,
    account: Account,
    openid: &OpenId,
    at: Timestamp,
    change: impl Fn(&mut Ledgers) -> bool,
) -> Result<(), AppError> {
    let occasion = Occasion::Event(at.as_second());
    let now = app.now();
    // In the same write: what they accepted may reach them with what rests.
    let change_of = |user: &mut User| {
        let is_news = change(&mut user.credits);
        if is_news {
            user.keep_until(now + KEPT);
            user.may_be_reached(now);
        }
        is_news
    };
    let user = match account {
        Account::MiniProgram => {
            let of_user = |user: &mut User| Change::when(change_of(user));
            profile::change_user(app, openid, occasion, of_user).await?.map(|(user, _)| user)
        }
        Account::ServiceAccount => change_of_follower(app, openid, at, &change).await?,
    };
    match user {
        Some(user) => Ok(scheduling::look_at_rest(app, &user.item).await?),
        None => Ok(()),
    }
}

/// The follower's, which are with their user while the two are linked: the user as they are now.
async fn change_of_follower(
    app: &App,
    openid: &OpenId,
    at: Timestamp,
    change: &impl Fn(&mut Ledgers) -> bool,
) -> Result<Option<Record<User>>, AppError> {
    let (second, now) = (at.as_second(), app.now());
    for races in 0..=LINKS_MAX {
        let of_follower = |follower: &mut Follower| match &follower.link {
            _ if follower.is_younger_than(second) => Change::Keep(None),
            Some(link) if races < LINKS_MAX => Change::Keep(Some(link.openid.clone())),
            _ if change(&mut follower.credits) => {
                follower.active_at = now;
                Change::Write(None)
            }
            _ => Change::Keep(None),
        };
        let changed = profile::change_follower(app, openid, Occasion::Event(second), of_follower).await?;
        let Some((_, Some(mini_openid))) = changed else { return Ok(None) };
        let of_user = |user: &mut User| match user.service_openid() == Some(openid) {
            true if !user.is_younger_than(second) && change(&mut user.credits) => {
                user.keep_until(now + KEPT);
                user.may_be_reached(now);
                Change::Write(true)
            }
            is_theirs => Change::Keep(is_theirs),
        };
        // Parted meanwhile, or forgotten, they have nothing to do with what this follower accepted.
        match app.table.update_at(keys::user(&mini_openid), of_user).await {
            Ok((user, true)) => return Ok(Some(user)),
            Ok((_, false)) | Err(TableError::Gone(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(None)
}
