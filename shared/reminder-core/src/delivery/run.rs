//! One run of dispatch over one reminder: whatever is due of it is done. The one loop that acts on what the decisions say.

mod learning;
mod outcome;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use wechat::OpenId;

use super::evidence;
use super::facts::{Facts, TEMPLATE_NOT_IN_SETTINGS, Tried};
use super::next::{Step, next};
use super::precedence::{WAIT, gives_precedence, takes_one_of_few};
use super::rest::look_behind;
use super::rounds::begin_next;
use super::send::send;
use super::settle::settle;
use crate::app::{App, AppError};
use crate::person::login::Login;
use crate::person::user::User;
use crate::random;
use crate::registration::around::active_reminders;
use crate::reminder::{Attempt, Ending, Push, Reminder, Said, State, Why};
use crate::schedules::ScheduleError;
use crate::scheduling;
use crate::settings::Settings;
use crate::table::{Change, Item, Record, TableError, keys};
use crate::webhook::outbox;

/// More steps than this one push does not take in one run: every channel once, a receipt lost to others now and then.
const STEPS_MAX: usize = 24;
/// Older knowledge of the user is looked up again before a message leaves: they may have been forgotten since.
const USER_KNOWN_FOR: SignedDuration = SignedDuration::from_secs(1);

/// What a run came to, for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Progress {
    /// Nothing was due, or somebody else did it.
    Nothing,
    /// Something will be looked at again.
    Waits,
    /// A push ended without being sent, or nobody will know.
    GaveUp,
    Sent,
}

/// Looks at a reminder: whatever is due of it is done, within the time of the run that began at `began`. `fired`: the
/// moment of the schedule that woke it.
///
/// # Errors
/// Only when our own state could not be read or written: Lambda then tries again, and after that the sweep.
pub async fn run(
    app: &App,
    openid: &OpenId,
    id: &str,
    fired: Option<Timestamp>,
    began: Timestamp,
) -> Result<Progress, AppError> {
    let known_at = app.now();
    let (user, reminder) =
        app.table.get_pair::<User, Reminder>(keys::user(openid), keys::reminder(openid, id)).await?;
    let Some(reminder) = reminder else {
        // Registered but never written, or forgotten: nobody is owed anything.
        tracing::info!(reminder = id, "a schedule fired for no reminder");
        return Ok(Progress::Nothing);
    };
    if !user.as_ref().is_some_and(|user| user.item.owns(&reminder.item)) {
        tracing::info!(reminder = id, "a schedule fired for a reminder of somebody who was forgotten");
        return Ok(Progress::Nothing);
    }
    let now = app.now();
    let is_over = reminder.item.round_is_over(now);
    if !is_over && !reminder.item.pushes.iter().any(|push| push.is_due(now)) {
        return rest(app, reminder, fired, now).await;
    }
    let settings = app.settings.get(now).await?;
    let service_account = app.secrets.get(now).await?.service_account.is_some();
    let before = reminder.item.clone();
    let mut run = Run { app, began, known_at, user, reminder, settings, service_account, unscheduled: None };
    let outcome = run.all_that_is_due().await;
    let progress = progress(&before, &run.reminder.item);
    match outcome {
        // Deleted under us: an attempt has nowhere to be settled, and its user asked for that.
        Err(AppError::Table(TableError::Gone(what))) => {
            tracing::info!(reminder = id, what, "gone while it was being looked at");
            Ok(progress)
        }
        Err(error) => Err(error),
        Ok(()) if run.reminder.item.round_is_over(app.now()) => {
            if let Some(user) = &run.user {
                begin_next(app, run.reminder, &user.item, &run.settings, app.now()).await?;
            }
            Ok(progress.max(Progress::Waits))
        }
        Ok(()) => match run.unscheduled {
            None => look_behind(app, &before, &run.reminder.item, &run.settings, run.service_account)
                .await
                .map(|()| progress),
            Some(error) if !run.reminder.item.missing_schedules(app.now()).is_empty() => Err(error.into()),
            _ => Ok(progress),
        },
    }
}

/// Nothing is due. A schedule that fired before its time is made again; one that could not be made is made now.
async fn rest(
    app: &App,
    reminder: Record<Reminder>,
    fired: Option<Timestamp>,
    now: Timestamp,
) -> Result<Progress, AppError> {
    let id = reminder.item.id.clone();
    if reminder.item.watched_until().is_some_and(|expires_at| expires_at <= now) {
        // The write itself is what its expiry is told by.
        scheduling::change(app, reminder, |_| Change::Write(())).await?;
        return Ok(Progress::Nothing);
    }
    let reminder = match fired.filter(|fired| now < *fired) {
        Some(fired) => scheduling::schedule_again(app, reminder, fired).await?,
        None => reminder,
    };
    if reminder.item.missing_schedules(now).is_empty() {
        tracing::info!(reminder = id, "a schedule fired and nothing was due");
    } else {
        scheduling::change(app, reminder.clone(), |_| Change::Write(())).await?;
    }
    let waits = reminder.item.next_look_at().is_some();
    Ok(if waits { Progress::Waits } else { Progress::Nothing })
}

fn progress(before: &Reminder, after: &Reminder) -> Progress {
    let pushes = after
        .pushes
        .iter()
        .filter(|push| before.push(push.revision, push.n).is_some_and(|before| before.state != push.state));
    let progress = pushes.map(|push| match push.state {
        State::Sent { .. } | State::Delivered { .. } => Progress::Sent,
        State::Undeliverable { .. } | State::Unknown { .. } => Progress::GaveUp,
        State::Scheduled { .. } | State::Retrying { .. } => Progress::Waits,
        State::Sending { .. } | State::Unresolved { .. } => Progress::Waits,
        State::Skipped | State::Cancelled { .. } => Progress::Nothing,
    });
    progress.max().unwrap_or(Progress::Nothing)
}

/// What is known in a run; the records are as it read or wrote them last.
struct Run<'a> {
    app: &'a App,
    began: Timestamp,
    /// So old is what is known of the user.
    known_at: Timestamp,
    user: Option<Record<User>>,
    reminder: Record<Reminder>,
    settings: Arc<Settings>,
    service_account: bool,
    /// Why a schedule could not be made: if it is still missing in the end, Lambda is to try again.
    unscheduled: Option<ScheduleError>,
}

/// A push's name for ever.
#[derive(Debug, Clone, Copy)]
struct PushName {
    revision: u64,
    n: u8,
}

/// What follows a step.
enum Then {
    /// This attempt has begun, in our name.
    Send(Attempt),
    /// The push is in another state: what is next?
    Look,
    Rest,
}

impl Run<'_> {
    async fn all_that_is_due(&mut self) -> Result<(), AppError> {
        let now = self.app.now();
        let pushes = self.reminder.item.pushes.iter();
        let mut due: Vec<&Push> = pushes.filter(|push| push.is_due(now)).collect();
        // Once the latest is sent, those before it need not be.
        due.sort_by_key(|push| std::cmp::Reverse(push.fires_at));
        let name = |push: &&Push| PushName { revision: push.revision, n: push.n };
        let due: Vec<PushName> = due.iter().map(name).collect();
        let mut outcome = Ok(());
        for push in due {
            // One that fails, or is lost to another run, does not hide the others.
            outcome = outcome.and(self.handle(push).await);
        }
        outcome
    }

    async fn handle(&mut self, push: PushName) -> Result<(), AppError> {
        let mut tried = Tried::default();
        let mut then = Then::Look;
        for _ in 0..STEPS_MAX {
            then = match then {
                Then::Send(attempt) => self.carry_out(push, &attempt, &mut tried).await?,
                Then::Look => self.step(push, &tried).await?,
                Then::Rest => return Ok(()),
            };
        }
        tracing::error!(
            reminder = self.reminder.item.id,
            push = push.n,
            "a push did not come to rest in one run"
        );
        Ok(())
    }

    /// None: a renewal has dropped the push.
    fn facts<'b>(&'b self, push: PushName, tried: &'b Tried) -> Option<Facts<'b>> {
        let reminder = &self.reminder.item;
        Some(Facts {
            now: self.app.now(),
            run_began: self.began,
            user: self.user.as_ref().map(|user| &user.item),
            reminder,
            push: reminder.push(push.revision, push.n)?,
            settings: &self.settings,
            service_account: self.service_account,
            tried,
            attempt_id: random::short_id(),
        })
    }

    async fn step(&mut self, push: PushName, tried: &Tried) -> Result<Then, AppError> {
        let now = self.app.now();
        let PushName { revision, n } = push;
        let Some(step) = self.facts(push, tried).map(|facts| next(&facts)) else { return Ok(Then::Rest) };
        match step {
            Step::Rest => Ok(Then::Rest),
            Step::Begin { attempt, .. } if self.gives_precedence(push, &attempt, tried).await? => {
                Ok(Then::Rest)
            }
            Step::Begin { attempt, why } => self.begin(push, attempt, &why).await,
            Step::Resolve(attempt) => self.resolve(push, &attempt, tried).await,
            Step::Postpone { at, reason } => {
                if reason == TEMPLATE_NOT_IN_SETTINGS {
                    let template = &self.reminder.item.content.template;
                    tracing::error!(template, "the settings lack a template in use");
                }
                self.change(|reminder| Change::when(reminder.postpone(revision, n, at, reason, now))).await?;
                Ok(Then::Rest)
            }
            Step::GiveUp { reason, rest } => {
                tracing::warn!(reminder = self.reminder.item.id, push = n, reason, "a push is undeliverable");
                self.change(|reminder| Change::when(reminder.give_up(revision, n, &reason, rest, now)))
                    .await?;
                Ok(Then::Rest)
            }
            Step::Abandon { look_at } => {
                let abandoned =
                    self.change(|reminder| Change::when(reminder.abandon(revision, n, look_at, now))).await?;
                if !abandoned {
                    return Ok(Then::Rest);
                }
                tracing::warn!(reminder = self.reminder.item.id, push = n, "a run did not come back");
                Ok(Then::Look)
            }
        }
    }

    /// What is left of a few credits is promised to earlier pushes of the user's: this one waits a minute.
    async fn gives_precedence(
        &mut self,
        push: PushName,
        attempt: &Attempt,
        tried: &Tried,
    ) -> Result<bool, AppError> {
        let Some(facts) = self.facts(push, tried) else { return Ok(false) };
        if !takes_one_of_few(attempt, &facts) {
            return Ok(false);
        }
        let Some(login) = facts.user.map(Login::of) else { return Ok(false) };
        let others = active_reminders(self.app, &login, facts.now).await?;
        if !gives_precedence(attempt, &facts, &others) {
            return Ok(false);
        }
        let (PushName { revision, n }, now) = (push, facts.now);
        self.change(|reminder| Change::when(reminder.give_precedence(revision, n, now + WAIT, now))).await
    }

    async fn begin(&mut self, push: PushName, attempt: Attempt, why: &Why) -> Result<Then, AppError> {
        let now = self.app.now();
        let PushName { revision, n } = push;
        let begun = self
            .change(|reminder| match reminder.begin(revision, n, &attempt, why, now) {
                Ok(()) => Change::Write(Ok(())),
                Err(error) => Change::Keep(Err(error)),
            })
            .await?;
        match begun {
            Ok(()) => Ok(Then::Send(attempt)),
            Err(error) => {
                tracing::info!(reminder = self.reminder.item.id, push = n, %error, "the attempt did not begin");
                Ok(Then::Rest)
            }
        }
    }

    /// Sends, and settles what came of it.
    async fn carry_out(
        &mut self,
        push: PushName,
        attempt: &Attempt,
        tried: &mut Tried,
    ) -> Result<Then, AppError> {
        self.refresh_user().await?;
        let Some(facts) = self.facts(push, tried) else { return Ok(Then::Rest) };
        let (outcome, user) = send(self.app, attempt, &facts, self.user.clone()).await?;
        self.user = user;
        let Some(facts) = self.facts(push, tried) else { return Ok(Then::Rest) };
        let noted = self.note(attempt, &outcome, &facts).await?;
        let settlement = settle(attempt, &outcome, noted, &facts);
        if settlement.alarm {
            self.call_attention(push, &settlement.detail);
        }
        self.account_for(push, attempt, &settlement, tried).await?;
        tried.channels.push(attempt.channel);
        tried.again_at = tried.again_at.into_iter().chain(settlement.again_at).min();
        let words_refused = settlement.words_refused;
        let said = Said { detail: &settlement.detail, errmsg: &settlement.errmsg };
        let settled = self.settle(push, attempt, &settlement.ending, said, words_refused).await;
        self.keep_what_is_not_settled(push, attempt, &outcome, &settled).await?;
        let settled = settled?;
        // Of a push that was sent at its first attempt the metrics say all there is.
        if !settled || attempt.is_repeat() || !matches!(settlement.ending, Ending::Sent { .. }) {
            tracing::info!(
                reminder = self.reminder.item.id,
                push = push.n,
                channel = attempt.channel.as_str(),
                detail = settlement.detail,
                errmsg = settlement.errmsg,
                "an attempt ended"
            );
        }
        Ok(match settlement.ending {
            // Somebody else settled it: a receipt, a renewal, or a run that took this one for lost.
            _ if !settled => Then::Rest,
            Ending::Fallback { attempt: next, .. } if self.holds(push, &next) => Then::Send(next),
            _ => Then::Look,
        })
    }

    fn call_attention(&self, push: PushName, detail: &str) {
        let reminder = &self.reminder.item.id;
        match self.app.bell.rings(detail, self.app.now()) {
            true => tracing::error!(reminder, push = push.n, detail, "needs attention"),
            false => tracing::warn!(reminder, push = push.n, detail, "needs attention, as was said already"),
        }
    }

    fn holds(&self, push: PushName, attempt: &Attempt) -> bool {
        let held = self.reminder.item.push(push.revision, push.n).and_then(Push::attempt);
        held.is_some_and(|held| held.id == attempt.id)
    }

    /// Says whether the attempt was still ours to settle. A receipt that came before the answer is looked for first.
    async fn settle(
        &mut self,
        push: PushName,
        attempt: &Attempt,
        ending: &Ending,
        said: Said<'_>,
        words_refused: bool,
    ) -> Result<bool, AppError> {
        let PushName { revision, n } = push;
        let now = self.app.now();
        let (mut ending, mut looked_for) = (ending.clone(), 0);
        loop {
            let settled = self
                .change(|reminder| {
                    let heard = reminder.push(revision, n).map_or(0, |push| push.heard);
                    if ending.lacks_its_receipt() && heard > looked_for {
                        return Change::Keep(Err(heard));
                    }
                    let before = reminder.timeline.clone();
                    let settled = reminder.settle(revision, n, &attempt.id, &ending, said, now);
                    if settled && words_refused {
                        reminder.refuse_words(revision, n, attempt.channel);
                    }
                    if reminder.timeline == before {
                        Change::Keep(Ok(settled))
                    } else {
                        Change::Write(Ok(settled))
                    }
                })
                .await?;
            match settled {
                Ok(settled) => return Ok(settled),
                Err(heard) => looked_for = heard,
            }
            if let Ending::Sent { msgid: Some(msgid), receipt } = &mut ending
                && let Some(facts) = self.facts(push, &Tried::default())
            {
                *receipt =
                    evidence::take(self.app, attempt, &facts, msgid).await?.and_then(|noted| noted.receipt);
            }
        }
    }

    /// A run that took its time must not send what nobody is owed any more. The write that begins an attempt looks at the
    /// reminder only, and that is deleted later than its user.
    async fn refresh_user(&mut self) -> Result<(), AppError> {
        let now = self.app.now();
        if now < self.known_at + USER_KNOWN_FOR {
            return Ok(());
        }
        let reminder = &self.reminder.item;
        let user = self.app.table.get::<User>(keys::user(&reminder.openid)).await?;
        let user = user.filter(|user| user.item.owns(reminder)).ok_or(TableError::Gone(User::KIND))?;
        (self.user, self.known_at) = (Some(user), now);
        Ok(())
    }

    /// Nothing to change if they asked to be forgotten.
    async fn change_user(&mut self, change: impl FnMut(&mut User) -> Change<bool>) -> Result<(), AppError> {
        let Some(user) = self.user.clone() else { return Ok(()) };
        self.user = Some(outbox::change_user(self.app, user, change).await?.0);
        Ok(())
    }

    /// What happens is noted even while no schedules can be made; the next write tries again.
    async fn change<R>(&mut self, change: impl FnMut(&mut Reminder) -> Change<R>) -> Result<R, AppError> {
        let (record, answer, unscheduled) = scheduling::note(self.app, self.reminder.clone(), change).await?;
        self.reminder = record;
        self.unscheduled = unscheduled.or(self.unscheduled.take());
        Ok(answer)
    }
}
