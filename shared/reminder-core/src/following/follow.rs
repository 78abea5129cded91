//! Following and unfollowing the service account, and the link between a follower and a mini-program user.
//!
//! Both sides write the union item and read back what the other wrote: whoever comes second sees the first, so
//! login-then-follow and follow-then-login end alike. The newer event wins; of two contradicting ones of one second,
//! WeChat is asked.

use std::time::Duration;

use jiff::SignedDuration;
use tokio::time::{Instant, timeout_at};
use wechat::{CallError, ErrCode, OpenId, UnionId, UserInfo};

use super::bind;
use super::profile::{self, Occasion};
use crate::account::Account;
use crate::app::wechat::WechatError;
use crate::app::{App, AppError};
use crate::person::follower::{Follower, Union};
use crate::person::user::{Follow, News, User};
use crate::random;
use crate::reminder::ahead;
use crate::schedules::FollowerDue;
use crate::scheduling;
use crate::table::{Change, Record, TableError, keys};

/// A look-up that keeps failing is tried with doubling pauses, all in all for about two days.
const LOOKUP_TRIES_MAX: u32 = 12;
/// Dispatch may run for 30 seconds.
const LOOKUP_WITHIN: Duration = Duration::from_secs(20);
/// How much of the callback's time is left for what is written after WeChat answered: a schedule, a ticket and the items
/// of both sides.
const WRITING_NEEDS: Duration = Duration::from_millis(700);

/// WeChat says that somebody follows now. `scene` is the text of a QR code, if they came through one. What WeChat has
/// not told of them by `deadline` is asked later.
pub async fn follow(
    app: &App,
    openid: &OpenId,
    create_time: i64,
    scene: Option<&str>,
    deadline: Instant,
) -> Result<(), AppError> {
    let Some((mut follower, compared)) = tell_follower(app, openid, true, create_time).await? else {
        return Ok(());
    };
    if (compared == News::Contradiction || follower.item.unionid.is_none())
        && let Some(info) = ask(app, openid, 0, deadline).await?
    {
        follower = note(app, openid, &info, Some(follower.item.follow)).await?;
    }
    // Only after WeChat was asked: a code must not bind somebody whose unionid says that they are another person.
    if let Some(scene) = scene {
        bind::bind(app, openid, scene).await?;
    }
    pass_on(app, follower).await
}

/// WeChat says that somebody does not follow any more.
pub async fn unfollow(
    app: &App,
    openid: &OpenId,
    create_time: i64,
    deadline: Instant,
) -> Result<(), AppError> {
    let Some((mut follower, compared)) = tell_follower(app, openid, false, create_time).await? else {
        return Ok(());
    };
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
    let Some(known) = app.table.get::<Follower>(keys::follower(openid)).await? else {
        tracing::info!("a follower was forgotten before WeChat was asked about them");
        return Ok(());
    };
    match ask(app, openid, due.tries, Instant::now() + LOOKUP_WITHIN).await? {
        Some(info) => pass_on(app, note(app, openid, &info, Some(known.item.follow)).await?).await,
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
        .upsert(Follower::new(openid.clone(), app.now()), |follower| {
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
                follower.follow =
                    Follow { followed: info.subscribe, at: Some(at.max(follower.follow.at.unwrap_or(at))) };
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
    let (mini_openid, now) = (user.item.openid.clone(), app.now());
    let (union, ()) = app
        .table
        .upsert(Union::new(unionid.clone(), now), |union| {
            if union.mini_openid.as_ref() == Some(&mini_openid) && union.is_fresh(now) {
                return Change::Keep(());
            }
            union.mini_openid = Some(mini_openid.clone());
            union.active_at = now;
            Change::Write(())
        })
        .await?;
    let Union { service_openid, follow, .. } = union.item;
    match (service_openid, &user.item.service_openid) {
        (Some(service_openid), _) => {
            link(app, &mini_openid, &service_openid, Some(unionid), follow, Ground::Unionid).await?;
        }
        // Linked by a code, before the unionid was known: the follower may be known to be somebody else.
        (None, Some(service_openid)) => {
            let follower = app.table.get::<Follower>(keys::follower(service_openid)).await?;
            let Some(Follower { unionid, follow, .. }) = follower.map(|follower| follower.item) else {
                return Ok(user);
            };
            link(app, &mini_openid, service_openid, unionid.as_ref(), follow, Ground::FollowerItem).await?;
        }
        (None, None) => return Ok(user),
    }
    Ok(app.table.get(keys::user(&mini_openid)).await?.unwrap_or(user))
}

/// None: they were forgotten since.
async fn tell_follower(
    app: &App,
    openid: &OpenId,
    followed: bool,
    create_time: i64,
) -> Result<Option<(Record<Follower>, News)>, AppError> {
    let (news, now) = (Follow { followed, at: Some(create_time) }, app.now());
    let occasion = match followed {
        true => Occasion::Follow(create_time),
        false => Occasion::Event(create_time),
    };
    let told = profile::change_follower(app, openid, occasion, |follower| {
        let compared = follower.follow.compare(news);
        match compared {
            News::Newer => {
                follower.follow = news;
                follower.active_at = now;
                Change::Write(compared)
            }
            News::Known | News::Older | News::Contradiction => Change::Keep(compared),
        }
    });
    Ok(told.await?)
}

/// Tells the union item and the user, as far as they are known, what the follower item says.
async fn pass_on(app: &App, follower: Record<Follower>) -> Result<(), AppError> {
    let now = app.now();
    let Follower { openid, unionid, mini_openid, follow, .. } = follower.item;
    let mut known_as = mini_openid.map(|mini_openid| (mini_openid, Ground::FollowerItem));
    if let Some(unionid) = &unionid {
        let (union, ()) = app
            .table
            .upsert(Union::new(unionid.clone(), now), |union| {
                let merged = union.follow.merged(follow);
                if union.service_openid.as_ref() == Some(&openid) && union.follow == merged {
                    return Change::Keep(());
                }
                union.service_openid = Some(openid.clone());
                union.follow = merged;
                union.active_at = now;
                Change::Write(())
            })
            .await?;
        // What the unionid says outweighs whose code they once scanned.
        known_as = union.item.mini_openid.map(|mini_openid| (mini_openid, Ground::Unionid)).or(known_as);
    }
    match known_as {
        Some((mini_openid, ground)) => {
            link(app, &mini_openid, &openid, unionid.as_ref(), follow, ground).await
        }
        None => Ok(()),
    }
}

/// Why a user and a follower are taken to be one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ground {
    Unionid,
    /// The follower's item says so; the user may have got another follower since.
    FollowerItem,
}

/// What came of linking a user with a follower.
enum Link {
    /// Linked; before that, perhaps, with another follower.
    Made { before: Option<OpenId> },
    /// Their unionids say that they are two people.
    Refused,
    /// The user has another follower by now.
    Outdated,
}

/// Links a user and a follower who are taken to be one person, and hands over what waited on the follower's side.
/// A link that a code made is undone here once both unionids (`unionid` is the follower's) are known and differ.
async fn link(
    app: &App,
    mini_openid: &OpenId,
    service_openid: &OpenId,
    unionid: Option<&UnionId>,
    follow: Follow,
    ground: Ground,
) -> Result<(), AppError> {
    let settings = app.settings_if_any().await?;
    let told = app
        .table
        .update_at(keys::user(mini_openid), |user: &mut User| {
            let is_linked = user.service_openid.as_ref() == Some(service_openid);
            if matches!((&user.unionid, unionid), (Some(one), Some(other)) if one != other) {
                if is_linked {
                    user.leave_follower(settings.as_deref());
                    return Change::Write(Link::Refused);
                }
                return Change::Keep(Link::Refused);
            }
            if ground == Ground::FollowerItem && user.service_openid.is_some() && !is_linked {
                return Change::Keep(Link::Outdated);
            }
            let merged = if is_linked { user.follow.merged(follow) } else { follow };
            if is_linked && user.follow == merged {
                return Change::Keep(Link::Made { before: None });
            }
            let before = user.service_openid.clone().filter(|before| before != service_openid);
            if before.is_some() {
                user.leave_follower(settings.as_deref());
            }
            user.service_openid = Some(service_openid.clone());
            user.follow = merged;
            Change::Write(Link::Made { before })
        })
        .await;
    match told {
        Ok((user, Link::Made { before })) => {
            if let Some(before) = before {
                bind::unlink_follower(app, &before, mini_openid).await?;
            }
            if user.item.follows() {
                scheduling::look_at_rest(app, &user.item).await?;
            }
        }
        Ok((_, Link::Outdated)) => return bind::unlink_follower(app, service_openid, mini_openid).await,
        Ok((_, Link::Refused)) => {
            tracing::warn!("a user and the follower who scanned their code are two people; unlinked");
            return bind::unlink_follower(app, service_openid, mini_openid).await;
        }
        // The user is forgotten, or logs in later and finds the union item.
        Err(TableError::Gone(_)) => return bind::unlink_follower(app, service_openid, mini_openid).await,
        Err(error) => return Err(error.into()),
    }
    hand_over(app, mini_openid, service_openid).await
}

/// The follower learns whose they are, and what waited there moves to the user, in one transaction.
async fn hand_over(app: &App, mini_openid: &OpenId, service_openid: &OpenId) -> Result<(), AppError> {
    for _ in 0..TRANSACTION_RACES_MAX {
        let (user, follower) = app
            .table
            .get_pair::<User, Follower>(keys::user(mini_openid), keys::follower(service_openid))
            .await?;
        let (Some(user), Some(follower)) = (user, follower) else { return Ok(()) };
        let nothing_waits = follower.item.credits.is_empty() && user.item.block == follower.item.block;
        if follower.item.mini_openid.as_ref() == Some(mini_openid) && nothing_waits {
            return Ok(());
        }
        let mut linked = follower.item.clone();
        let other = linked.mini_openid.replace(mini_openid.clone()).filter(|other| other != mini_openid);
        if let Some(other) = other {
            bind::unlink_user(app, &other, service_openid).await?;
        }
        if nothing_waits {
            match app
                .table
                .update(follower, |item| {
                    item.mini_openid = Some(mini_openid.clone());
                    Change::Write(())
                })
                .await
            {
                Ok(_) | Err(TableError::Gone(_)) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
        let mut richer = user.item.clone();
        richer.takes_over(std::mem::take(&mut linked.credits));
        richer.block = linked.block;
        let id = random::id();
        let parts =
            vec![app.table.update_part(&user, richer, &id), app.table.update_part(&follower, linked, &id)];
        if app.table.transact(parts, &id).await? {
            return Ok(());
        }
    }
    Err(TableError::Contended("link").into())
}

/// Two people do not log in and follow more often than this at one moment.
const TRANSACTION_RACES_MAX: usize = 8;

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
