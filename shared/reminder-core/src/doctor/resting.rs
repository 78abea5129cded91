//! What rests and could be told: because its words or the settings are at fault, because nobody knows whether it was sent,
//! or though a channel reaches its user; how far the jobs have come that arm it.
//!
//! Read through the sparse index of what rests, and no more of it than fits the time.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use wechat::{Said, said};

use super::finding::Finding;
use super::records::Unreadable;
use crate::app::{App, AppError};
use crate::delivery::arming::{self, Arming};
use crate::person::ledger::Standing;
use crate::person::user::User;
use crate::reach::{Means, plan};
use crate::reminder::{Push, Reminder, Resting};
use crate::settings::Settings;
use crate::table::{REST_SHARDS, keys};

/// Of each kind and shard; soonest expiry first.
const LOOKED_AT_MAX: usize = 50;
/// A page comes every minute; the sweep finds a lost one within half an hour.
const OVERDUE_AFTER: SignedDuration = SignedDuration::from_mins(40);

pub(super) async fn check(
    app: &App,
    settings: Option<&Settings>,
    findings: &mut Vec<Finding>,
    unreadable: &mut Unreadable,
) {
    match look(app, settings, unreadable).await {
        Ok(found) => findings.extend(judge(&found)),
        Err(error) => findings.push(Finding::not_checked("resting", error)),
    }
    match arming::jobs(app).await {
        Ok(jobs) => {
            let under_way = jobs.iter().filter_map(|job| judge_job(&job.item, app.now()));
            findings.extend(under_way);
        }
        Err(error) => findings.push(Finding::not_checked("arming", error)),
    }
}

/// How many of each reason.
#[derive(Debug, Default)]
struct Found {
    /// Unfit, by the word of its reason.
    unfit: BTreeMap<&'static str, usize>,
    /// Out of reach when it came to rest, and not now.
    reached: usize,
    unreached: usize,
    unknown: usize,
    /// There are more than were looked at.
    more: bool,
}

impl Found {
    fn count(&mut self, push: &Push, reached: bool) {
        match push.rests() {
            Some(Resting::Unfit) => *self.unfit.entry(push.undeliverable_for()).or_default() += 1,
            Some(Resting::Unreachable) if reached => self.reached += 1,
            Some(Resting::Unreachable) => self.unreached += 1,
            Some(Resting::Unknown) => self.unknown += 1,
            None => {}
        }
    }
}

async fn look(
    app: &App,
    settings: Option<&Settings>,
    unreadable: &mut Unreadable,
) -> Result<Found, AppError> {
    let now = app.now();
    let service_account = app.secrets.get(now).await?.service_account.is_some();
    let mut found = Found::default();
    for kind in Resting::ALL {
        for shard in 0..REST_SHARDS {
            let (keys, behind) = app.table.resting(kind.name(), shard, now, LOOKED_AT_MAX, None).await?;
            found.more |= behind.is_some();
            for (openid, id) in keys.iter().filter_map(keys::Key::reminder) {
                let pair =
                    app.table.get_pair::<User, Reminder>(keys::user(&openid), keys::reminder(&openid, &id));
                let Some((user, Some(reminder))) = unreadable.or_read(pair.await, &id)? else { continue };
                let reminder = reminder.item;
                let push = reminder.at_rest(false).or_else(|| reminder.at_rest(true));
                let Some(push) = push.filter(|_| reminder.is_open(now)) else { continue };
                let reached = settings.zip(user).is_some_and(|(settings, user)| {
                    is_reached(&reminder, push, &user.item, settings, service_account)
                });
                found.count(push, reached);
            }
        }
    }
    Ok(found)
}

/// With no end of messages: a credit may be promised to another push.
fn is_reached(
    reminder: &Reminder,
    push: &Push,
    user: &User,
    settings: &Settings,
    service_account: bool,
) -> bool {
    let anew = Push { refused: Vec::new(), ..push.clone() };
    settings.templates.get(&reminder.content.template).is_some_and(|template| {
        let routes = plan(user, &anew, template, service_account).routes;
        let endless = |means: &Means| {
            means.standing_after(u32::MAX).is_some_and(|standing| standing < Standing::Uncertain)
        };
        routes.iter().any(|route| endless(&route.means))
    })
}

fn judge(found: &Found) -> Vec<Finding> {
    let more = match found.more {
        true => said!(", and there are more than were looked at", "，还有没看到的"),
        false => Said::default(),
    };
    let more = &more;
    let mut findings = Vec::new();
    for (reason, count) in &found.unfit {
        let (what, advice) = match *reason {
            "refused" => (
                said!(
                    "{count} reminders rest because WeChat refused what they say{more}.",
                    "有 {count} 个提醒停住了：微信不收它们的内容{more}。",
                    more
                ),
                said!(
                    "Read one with reminder.show. If a mapping of the settings is to blame, mend it: settings.put arms all of them. Else the users have to change their words.",
                    "用 reminder.show 看一个。是配置里的填法不对，就改好，settings.put 之后会全部重试；否则要用户改自己写的内容。"
                ),
            ),
            _ => (
                said!(
                    "{count} reminders rest because their message cannot be made{more}.",
                    "有 {count} 个提醒停住了：消息拼不出来{more}。",
                    more
                ),
                said!(
                    "Mend the template's mapping in the settings: settings.put arms all of them.",
                    "改好配置里模板的填法，settings.put 之后会全部重试。"
                ),
            ),
        };
        findings.push(Finding::warning(format!("resting.{reason}"), what, advice));
    }
    findings.extend(reachable(found.reached, more));
    findings.extend(unknown(found.unknown, more));
    if findings.is_empty() {
        let what = match found.unreached {
            0 => said!("Nothing rests that could be told.", "没有停住却本可以发的提醒。"),
            count => said!(
                "{count} reminders rest until their users follow or accept; nothing else does{more}.",
                "有 {count} 个提醒在等用户关注或授权，没有别的停住{more}。",
                more
            ),
        };
        findings.push(Finding::ok("resting", what));
    }
    findings
}

fn reachable(count: usize, more: &Said) -> Option<Finding> {
    let what = said!(
        "{count} reminders rest though a channel reaches their user by now{more}.",
        "有 {count} 个提醒停住了，可现在有通道送得到{more}。",
        more
    );
    let advice = said!(
        "Run push.redrive with \"since\" a month ago and \"again\": true, and read the log of the dispatch function.",
        "跑 push.redrive，\"since\" 填一个月前，加上 \"again\": true；再看 dispatch 的日志。"
    );
    (count > 0).then(|| Finding::warning("resting.reachable", what, advice))
}

fn unknown(count: usize, more: &Said) -> Option<Finding> {
    let what = said!(
        "{count} reminders rest of which nobody knows whether they were sent{more}.",
        "有 {count} 个提醒停住了，不知道发没发出去{more}。",
        more
    );
    let advice = said!(
        "If telling twice is better than not at all, run push.redrive with \"template\", \"again\": true and \"even_unknown\": true.",
        "如果宁可重复也不要漏掉，跑 push.redrive，带 \"template\"、\"again\": true 和 \"even_unknown\": true。"
    );
    (count > 0).then(|| Finding::warning("resting.unknown", what, advice))
}

fn judge_job(job: &Arming, now: Timestamp) -> Option<Finding> {
    let (check, next_page_at) = (format!("arming.{}", job.job()), job.next_page_at?);
    let (looked_at, armed) = (job.looked_at, job.armed);
    let what = said!(
        "What rests is being armed: {looked_at} looked at, {armed} armed so far; next at {next_page_at}.",
        "正在重试停住的：已看 {looked_at} 个，重新安排 {armed} 个；下一批在 {next_page_at}。"
    );
    let overdue = || {
        said!(
            "It is long overdue: read the log of the dispatch function.",
            "早该继续了：看 dispatch 的日志。"
        )
    };
    Some(match next_page_at + OVERDUE_AFTER < now {
        false => Finding::ok(check, what),
        true => Finding::failed(check, what, overdue()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Status;

    #[test]
    fn what_could_be_told_is_a_warning_by_its_reason() {
        let unfit = |reason| BTreeMap::from([(reason, 2)]);
        let rows = [
            ("nothing", Found::default(), "resting"),
            ("nobody to reach", Found { unreached: 9, ..Found::default() }, "resting"),
            ("refused", Found { unfit: unfit("refused"), ..Found::default() }, "resting.refused!"),
            ("not made", Found { unfit: unfit("settings"), ..Found::default() }, "resting.settings!"),
            ("a look was lost", Found { reached: 1, ..Found::default() }, "resting.reachable!"),
            (
                "several",
                Found { unknown: 1, reached: 1, ..Found::default() },
                "resting.reachable! resting.unknown!",
            ),
        ];
        for (case, found, expected) in rows {
            let words = judge(&found).into_iter().map(|finding| match finding.status {
                Status::Ok => finding.check,
                _ => format!("{}!", finding.check),
            });
            assert_eq!(words.collect::<Vec<_>>().join(" "), expected, "{case}");
        }
    }
}
