//! Following and unfollowing the service account, and the link between a follower and a mini-program user.
//!
//! Both sides write the union item and read back what the other wrote: whoever comes second sees the first, so
//! login-then-follow and follow-then-login end alike. The newer event wins; of two contradicting ones of one second,
//! WeChat is asked.

use std::time::Duration;

use jiff::SignedDuration;
use tokio::time::{Instant, timeout_at};
use wechat::{CallError, ErrCode, OpenId, UnionId, UserInfo};

use super::{bind, links};
use crate::account::Account;
use crate::app::wechat::WechatError;
use crate::app::{App, AppError};
use crate::person::follower::{Follower, Union};
use crate::person::linking::Claim;
use crate::person::user::{Follow, News, User};
use crate::reminder::ahead;
use crate::schedules::FollowerDue;
use crate::table::{Change, Record, keys};

/// A look-up that keeps failing is tried with doubling pauses, all in all for about two days.
const LOOKUP_TRIES_MAX: u32 = 12;
/// Dispatch may run for 30 seconds.
const LOOKUP_WITHIN: Duration = Duration::from_secs(20);
/// How much of the callback's time is left for what is written after WeChat answered: a schedule, a ticket and the items
/// of both sides.
const WRITING_NEEDS: Duration = Duration::from_millis(700);

/// WeChat says that somebody follows now. `scene` is the text of a QR code, if they came through one. What WeChat has
/// not told of them by `deadline` is asked later. Says whether a code that they scanned links them now with its user.
pub async fn follow(
    app: &App,
    openid: &OpenId,
    create_time: i64,
    scene: Option<&str>,
    deadline: Instant,
) -> Result<bool, AppError> {
    let news = Follow { followed: true, at: Some(create_time) };
    let (mut follower, compared) = tell_follower(app, openid, news).await?;
    if (compared == News::Contradiction || follower.item.unionid.is_none())
        && let Some(info) = ask(app, openid, 0, deadline).await?
    {
        follower = note(app, openid, &info, Some(follower.item.follow)).await?;
    }
    // Only after WeChat was asked: a code must not bind somebody whose unionid says that they are another person.
    let is_bound = match scene {
        Some(scene) => bind::bind(app, openid, scene, create_time).await?,
        None => false,
    };
    if !is_bound || follower.item.unionid.is_some() {
        pass_on(app, follower).await?;
    }
    Ok(is_bound)
}

/// WeChat says that somebody does not follow any more.
pub async fn unfollow(
    app: &App,
    openid: &OpenId,
    create_time: i64,
    deadline: Instant,
) -> Result<(), AppError> {
    let news = Follow { followed: false, at: Some(create_time) };
    let (mut follower, compared) = tell_follower(app, openid, news).await?;
    if compared == News::Contradiction
        && let Some(info) = ask(app, openid, 0, deadline).await?
    {
        follower = note(app, openid, &info, Some(follower.item.follow)).await?;
    }
    pass_on(app, follower).await
}

/// A look-up that could not be finished when the event came.
pub async fn look_up(app: &App, due: &FollowerDue) -> Result<(), AppError> {
    let openid = &due.service_openid;
    let known = app.table.get::<Follower>(keys::follower(openid)).await?.map(|known| known.item.follow);
    match ask(app, openid, due.tries, Instant::now() + LOOKUP_WITHIN).await? {
        Some(info) => pass_on(app, note(app, openid, &info, known).await?).await,
        None => Ok(()),
    }
}

/// What `user/info` says of a follower: their unionid, and whether they follow at this moment.
pub async fn learn(app: &App, openid: &OpenId, info: &UserInfo) -> Result<(), AppError> {
    pass_on(app, note(app, openid, info, None).await?).await
}

/// Writes down what `user/info` says. Whether they follow only if that is still what was `known` when WeChat was
/// asked: an event that came meanwhile is newer than the answer.
async fn note(
    app: &App,
    openid: &OpenId,
    info: &UserInfo,
    known: Option<Follow>,
) -> Result<Record<Follower>, AppError> {
    let now = app.now().as_second();
    let (follower, _) = app
        .table
        .upsert(Follower::new(openid.clone()), |follower| {
            let before = follower.clone();
            if info.unionid.is_some() {
                follower.unionid.clone_from(&info.unionid);
            }
            if known.is_some_and(|known| known != follower.follow) {
                return Change::when(*follower != before);
            }
            // Asked before they left, and answered since: the event is newer.
            let left_at = follower.follow.at.filter(|_| !follower.follow.followed);
            let is_stale = left_at.zip(info.subscribe_time).is_some_and(|(left, since)| since < left);
            if info.subscribe && is_stale {
                return Change::when(*follower != before);
            }
            if follower.follow.followed != info.subscribe || follower.follow.at.is_none() {
                // No event told of it, so nobody knows since when; it is newer than what it contradicts.
                let at = info.subscribe_time.filter(|_| info.subscribe).unwrap_or(now);
                let at = at.max(follower.follow.at.unwrap_or(at));
                follower.know(Follow { followed: info.subscribe, at: Some(at) });
            }
            Change::when(*follower != before)
        })
        .await?;
    Ok(follower)
}

/// The user's side of the meeting: links them to their follower if that one was here already.
pub(crate) async fn meet_as_user(
    app: &App,
    user: Record<User>,
    unionid: &UnionId,
) -> Result<Record<User>, AppError> {
    let mini_openid = user.item.openid.clone();
    let (union, ()) = app
        .table
        .upsert(Union::new(unionid.clone()), |union| {
            if union.mini_openid.as_ref() == Some(&mini_openid) {
                return Change::Keep(());
            }
            union.mini_openid = Some(mini_openid.clone());
            Change::Write(())
        })
        .await?;
    let (service_openid, claim) = match (&union.item.service_openid, user.item.service_openid()) {
        (Some(service_openid), _) => (service_openid, Claim::Unionid),
        // Linked by a code, before the unionid was known: the follower may be known to be somebody else.
        (None, Some(service_openid)) => (service_openid, Claim::None),
        (None, None) => return Ok(user),
    };
    links::settle(app, &mini_openid, service_openid, claim).await?;
    Ok(app.table.get(keys::user(&mini_openid)).await?.unwrap_or(user))
}

async fn tell_follower(
    app: &App,
    openid: &OpenId,
    news: Follow,
) -> Result<(Record<Follower>, News), AppError> {
    Ok(app
        .table
        .upsert(Follower::new(openid.clone()), |follower| {
            let before = follower.clone();
            let compared = follower.hear(news);
            if *follower == before { Change::Keep(compared) } else { Change::Write(compared) }
        })
        .await?)
}

/// Tells the union item and the user, as far as they are known, what the follower item says.
async fn pass_on(app: &App, follower: Record<Follower>) -> Result<(), AppError> {
    let Follower { openid, unionid, link, follow, .. } = follower.item;
    let mut known_as = link.map(|link| (link.openid, Claim::None));
    if let Some(unionid) = unionid {
        let (union, ()) = app
            .table
            .upsert(Union::new(unionid), |union| {
                let merged = union.follow.merged(follow);
                if union.service_openid.as_ref() == Some(&openid) && union.follow == merged {
                    return Change::Keep(());
                }
                union.service_openid = Some(openid.clone());
                union.follow = merged;
                Change::Write(())
            })
            .await?;
        // What the unionid says outweighs whose code they once scanned.
        known_as = union.item.mini_openid.map(|mini_openid| (mini_openid, Claim::Unionid)).or(known_as);
    }
    match known_as {
        Some((mini_openid, claim)) => links::settle(app, &mini_openid, &openid, claim).await,
        None => Ok(()),
    }
}

/// Asks WeChat; when it does not answer, plans to ask again later and answers `None`. Of the time until `deadline` some
/// is left for what has to be written then.
async fn ask(
    app: &App,
    openid: &OpenId,
    tries: u32,
    deadline: Instant,
) -> Result<Option<UserInfo>, AppError> {
    let call = app
        .wechat
        .call(Account::ServiceAccount, |client, token| async move { client.user_info(&token, openid).await });
    let asked = timeout_at(deadline - WRITING_NEEDS, call).await.unwrap_or_else(|_| {
        Err(WechatError::Call(CallError::Unknown { reason: "the time was up".to_owned(), answered: false }))
    });
    let error = match asked {
        Ok(info) => return Ok(Some(info)),
        Err(error) => error,
    };
    if error.errcode() == Some(ErrCode::INVALID_OPENID) {
        tracing::warn!("WeChat does not know a follower it told us about");
        return Ok(None);
    }
    if tries >= LOOKUP_TRIES_MAX {
        tracing::error!(%error, "gave up asking WeChat about a follower; followers.sync will find them");
        return Ok(None);
    }
    tracing::warn!(%error, tries, "WeChat could not be asked about a follower; asking later");
    let pause = SignedDuration::from_secs(60 << tries.min(10));
    let at = ahead(app.now() + pause, app.now());
    app.schedules
        .create_look_up(FollowerDue { service_openid: openid.clone(), tries: tries + 1 }, at)
        .await?;
    Ok(None)
}
