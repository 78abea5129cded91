//! A message that an operator asks for, to see whether one arrives: made, sent and paid for as that of a push is, by one
//! attempt on the best channel there is now. Its reminder is stored nowhere.
//!
//! Within one minute it is one message, however often it is asked for: WeChat drops a repeat by its `client_msg_id`, and
//! what takes a credit finds its own mark in the ledger. Its receipt is noted as one of ours, and goes.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use wechat::{MsgId, OpenId};

use super::evidence;
use super::facts::{Facts, Repeat, TEMPLATE_NOT_IN_SETTINGS, Tried};
use super::send::{Outcome, send};
use super::settle::{Settlement, settle};
use crate::app::{App, AppError};
use crate::channel::Channel;
use crate::person::ledger::CreditChange;
use crate::person::user::User;
use crate::reminder::content::Content;
use crate::reminder::{Attempt, Push, Reminder, id};
use crate::settings::Settings;
use crate::table::{Change, Record, gone_is_fine, keys};

const TITLE: &str = "测试 Test";
/// So much later the item of the message expires.
const EXPIRES_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// What came of it.
#[derive(Debug)]
pub enum Trial {
    /// The mini program has no such user.
    Nobody,
    NoTemplate,
    /// Nothing was sent: these are in the way, as in the reason of an undeliverable push.
    Unreachable(Vec<String>),
    /// One was sent in this minute already, on a credit; nothing was sent again.
    Again,
    Tried(Tally),
}

/// One attempt.
#[derive(Debug, Serialize)]
pub struct Tally {
    pub channel: Channel,
    pub outcome: TrialOutcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub msgid: Option<MsgId>,
    pub credit: CreditUse,
    pub detail: String,
    /// WeChat's own words, if it refused.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub errmsg: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TrialOutcome {
    Sent,
    NotSent,
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CreditUse {
    NotNeeded,
    Used,
    NotUsed,
    PerhapsUsed,
}

/// Sends one message, by the settings' template of this name.
///
/// # Errors
/// Only when our own state could not be read or written.
pub async fn send_trial(app: &App, openid: &OpenId, template: &str) -> Result<Trial, AppError> {
    let now = app.now();
    let Some(user) = app.table.get::<User>(keys::user(openid)).await? else { return Ok(Trial::Nobody) };
    let settings = app.settings.get(now).await?;
    let service_account = app.secrets.get(now).await?.service_account.is_some();
    let reminder = reminder(openid, template, &settings, now);
    let tried = Tried::default();
    let facts = |user| Facts {
        now: app.now(),
        run_began: now,
        user,
        reminder: &reminder,
        push: &reminder.pushes[0],
        settings: &settings,
        service_account,
        tried: &tried,
        attempt_id: reminder.id.clone(),
    };
    let before = facts(Some(&user.item));
    let attempt = match attempt(&before) {
        Ok(attempt) => attempt,
        Err(trial) => return Ok(trial),
    };
    let (outcome, user) = send(app, &attempt, &before, Some(user.clone())).await?;
    let after = facts(user.as_ref().map(|user| &user.item));
    let settlement = settle(&attempt, &outcome, None, &after);
    if let Outcome::Sent { msgid: Some(msgid) } = &outcome {
        let push = reminder.push_ref(after.push, &attempt.id);
        evidence::link(app, &attempt, &push, msgid).await?;
    }
    let tally = tally(&attempt, &outcome, &settlement);
    if let Some(user) = user.clone() {
        account_for(app, user, &attempt, &after, &settlement, tally.outcome).await?;
    }
    tracing::info!(channel = attempt.channel.as_str(), detail = tally.detail, "an operator's test ended");
    Ok(Trial::Tried(tally))
}

/// The same within one minute, with the same id.
fn reminder(openid: &OpenId, template: &str, settings: &Settings, now: Timestamp) -> Reminder {
    let content = Content {
        template: template.to_owned(),
        title: TITLE.to_owned(),
        note: String::new(),
        expires_at: now + EXPIRES_AFTER,
        whole_day: false,
        repeat: None,
        timezone: settings.timezone.iana_name().unwrap_or("UTC").to_owned(),
        own_zone: true,
        pushes: Vec::new(),
        page: None,
    };
    let id = id::derived(openid, now.as_second().div_euclid(60), &format!("push.test {template}"));
    Reminder::new(openid.clone(), id, content, vec![Push::planned(1, 1, now, now)], now)
}

/// On the best channel. Pure.
fn attempt(facts: &Facts<'_>) -> Result<Attempt, Trial> {
    let plan = facts.plan().map_err(|why| match why {
        TEMPLATE_NOT_IN_SETTINGS => Trial::NoTemplate,
        why => Trial::Unreachable(vec![why.to_owned()]),
    })?;
    let Some(route) = plan.routes.first() else {
        return Err(Trial::Unreachable(plan.obstacles.iter().map(ToString::to_string).collect()));
    };
    let attempt = facts.attempt(route.channel, Repeat::No);
    let ledger = |template_id: &String| facts.user?.ledger_of(template_id);
    let ledger = attempt.one_time_template.as_ref().and_then(ledger);
    match ledger.is_some_and(|ledger| ledger.holds(attempt.credit_cause())) {
        true => Err(Trial::Again),
        false => Ok(attempt),
    }
}

fn tally(attempt: &Attempt, outcome: &Outcome, settlement: &Settlement) -> Tally {
    let (said, msgid) = match outcome {
        Outcome::Sent { msgid } => (TrialOutcome::Sent, msgid.clone()),
        Outcome::Unknown { .. } => (TrialOutcome::Unknown, None),
        // Busy: it may have been sent.
        Outcome::Refused(_) if settlement.credit == CreditChange::Keep => (TrialOutcome::Unknown, None),
        _ => (TrialOutcome::NotSent, None),
    };
    let credit = match said {
        _ if attempt.one_time_template.is_none() => CreditUse::NotNeeded,
        TrialOutcome::Sent => CreditUse::Used,
        TrialOutcome::Unknown => CreditUse::PerhapsUsed,
        TrialOutcome::NotSent => CreditUse::NotUsed,
    };
    let Settlement { detail, errmsg, .. } = settlement;
    Tally {
        channel: attempt.channel,
        outcome: said,
        msgid,
        credit,
        detail: detail.clone(),
        errmsg: errmsg.clone(),
    }
}

/// The ledger learns what WeChat said; of the follower the next push learns it.
async fn account_for(
    app: &App,
    user: Record<User>,
    attempt: &Attempt,
    facts: &Facts<'_>,
    settlement: &Settlement,
    outcome: TrialOutcome,
) -> Result<(), AppError> {
    let Some(own) = facts.subscription(attempt.channel) else { return Ok(()) };
    let change = |user: &mut User| {
        let before = user.clone();
        let (cause, began) = (attempt.credit_cause(), attempt.started_at);
        user.ledger(&own.template_id).account_for(cause, began, settlement.credit, false);
        if outcome == TrialOutcome::Unknown {
            user.set_uncertain(attempt);
        }
        Change::when(*user != before)
    };
    Ok(gone_is_fine(app.table.update(user, change).await)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases;
    use crate::delivery::situation::{Situation, instant};

    const NOW: &str = "2027-02-01T12:00:20+08:00";

    #[test]
    fn the_best_channel_is_tried_or_what_is_in_the_way_is_named() {
        for (words, expected) in [
            (&["linked", "follows", "accepts 1"][..], "service_template"),
            (&["linked", "accepts 1"], "mini_subscription"),
            (&["linked", "notices 1"], "service_notification"),
            (&["reports 1"], "mini_subscription"),
            (&["linked", "follows", "blocks"], "service_template"),
            (&["linked"], "not_following no_credit"),
            (&[], "not_following no_credit not_linked"),
        ] {
            let situation = Situation::at(NOW).user(words);
            let said = match attempt(&situation.facts()) {
                Ok(attempt) => attempt.channel.to_string(),
                Err(Trial::Unreachable(obstacles)) => obstacles.join(" "),
                Err(other) => format!("{other:?}"),
            };
            assert_eq!(said, expected, "{words:?}");
        }
        let mut situation = Situation::at(NOW).user(&["linked", "follows"]);
        situation.reminder.content.template = "nothing".to_owned();
        assert!(matches!(attempt(&situation.facts()), Err(Trial::NoTemplate)));
    }

    #[test]
    fn within_a_minute_it_is_the_same_message_and_takes_one_credit() {
        let (now, settings) = (instant(NOW), cases::settings());
        let id = |openid: &str, template, at| reminder(&openid.into(), template, &settings, at).id;
        let first = id("o-alice", "expiry", now);
        assert_eq!(id("o-alice", "expiry", now + SignedDuration::from_secs(39)), first);
        for other in [
            id("o-alice", "expiry", now + SignedDuration::from_secs(40)),
            id("o-alice", "warranty", now),
            id("o-bob", "expiry", now),
        ] {
            assert_ne!(other, first);
        }
        let mut situation = Situation::at(NOW).user(&["accepts 2"]);
        let trial = attempt(&situation.facts()).expect("a credit");
        let template_id = trial.one_time_template.clone().expect("one message each");
        let user = situation.user.as_mut().expect("a user");
        assert!(user.ledger(&template_id).reserve(trial.credit_cause(), false, now));
        assert!(matches!(attempt(&situation.facts()), Err(Trial::Again)));
    }
}
