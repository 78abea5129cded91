//! Following and unfollowing the service account, and the link between a follower and a mini-program user.
//!
//! Both sides write the union item and read back what the other wrote: whoever comes second sees the first, so
//! login-then-follow and follow-then-login end alike. The newer event wins; of two contradicting ones of one second,
//! WeChat is asked.

use jiff::SignedDuration;
use wechat::{CallError, OpenId, UnionId, UserInfo};

use crate::account::Account;
use crate::core::{Core, CoreError, WechatError};
use crate::follower::{Follower, Union};
use crate::random;
use crate::schedules::FollowerDue;
use crate::table::{Change, Stored, TableError, keys};
use crate::user::{Follow, News, User};

pub mod bind;

/// A look-up that keeps failing is tried with doubling pauses, all in all for about two days.
const LOOKUP_TRIES_MAX: u32 = 12;

/// WeChat says that somebody follows now. `scene` is the text of a QR code, if they came through one.
pub async fn follow(
    core: &Core,
    openid: &OpenId,
    create_time: i64,
    scene: Option<&str>,
) -> Result<(), CoreError> {
    let news = Follow { followed: true, at: Some(create_time) };
    let (follower, compared) = tell_follower(core, openid, news).await?;
    let is_unsure = compared == News::Contradiction || follower.item.unionid.is_none();
    // Only WeChat knows; if it does not answer in time, dispatch asks later.
    let info = if is_unsure { ask(core, openid, 0).await? } else { None };
    match info {
        Some(info) => learn(core, openid, &info).await?,
        None => pass_on(core, follower).await?,
    }
    // Last: a code that was scanned by somebody else is only known as such once their unionid is.
    if let Some(scene) = scene {
        bind::bind(core, openid, scene).await?;
    }
    Ok(())
}

/// WeChat says that somebody does not follow any more. What we know of them beyond link, flag and time goes.
pub async fn unfollow(core: &Core, openid: &OpenId, create_time: i64) -> Result<(), CoreError> {
    let news = Follow { followed: false, at: Some(create_time) };
    let (follower, compared) = tell_follower(core, openid, news).await?;
    if compared == News::Contradiction
        && let Some(info) = ask(core, openid, 0).await?
    {
        return learn(core, openid, &info).await;
    }
    pass_on(core, follower).await
}

/// A look-up that could not be finished when the event came.
pub async fn look_up(core: &Core, due: &FollowerDue) -> Result<(), CoreError> {
    match ask(core, &due.service_openid, due.tries).await? {
        Some(info) => learn(core, &due.service_openid, &info).await,
        None => Ok(()),
    }
}

/// What `user/info` says of a follower: their unionid, and whether they follow at this moment.
pub async fn learn(core: &Core, openid: &OpenId, info: &UserInfo) -> Result<(), CoreError> {
    let now = core.now().as_second();
    let (follower, ()) = core
        .table
        .upsert(Follower::new(openid.clone()), |follower| {
            let before = follower.clone();
            if info.unionid.is_some() {
                follower.unionid.clone_from(&info.unionid);
            }
            if follower.follow.followed != info.subscribe || follower.follow.at.is_none() {
                // No event tells when; what we know now is newer than what contradicts it.
                let at = info.subscribe_time.filter(|_| info.subscribe).unwrap_or(now);
                follower.follow =
                    Follow { followed: info.subscribe, at: Some(at.max(follower.follow.at.unwrap_or(at))) };
            }
            follower.came_by = info.subscribe_scene.clone().filter(|_| info.subscribe);
            if *follower == before { Change::Keep(()) } else { Change::Write(()) }
        })
        .await?;
    pass_on(core, follower).await
}

/// The user's side of the meeting: links them to their follower if that one was here already.
pub(crate) async fn meet_as_user(
    core: &Core,
    user: Stored<User>,
    unionid: &UnionId,
) -> Result<Stored<User>, CoreError> {
    let mini_openid = user.item.openid.clone();
    let (union, ()) = core
        .table
        .upsert(Union::new(unionid.clone()), |union| {
            if union.mini_openid.as_ref() == Some(&mini_openid) {
                return Change::Keep(());
            }
            union.mini_openid = Some(mini_openid.clone());
            Change::Write(())
        })
        .await?;
    match union.item.service_openid {
        Some(service_openid) => {
            link(core, &mini_openid, &service_openid, union.item.follow).await?;
            let linked = core.table.get(keys::user(&mini_openid)).await?;
            Ok(linked.unwrap_or(user))
        }
        None => Ok(user),
    }
}

async fn tell_follower(
    core: &Core,
    openid: &OpenId,
    news: Follow,
) -> Result<(Stored<Follower>, News), CoreError> {
    Ok(core
        .table
        .upsert(Follower::new(openid.clone()), |follower| {
            let compared = follower.follow.compare(news);
            match compared {
                News::Newer => {
                    follower.follow = news;
                    if !news.followed {
                        follower.came_by = None;
                    }
                    Change::Write(compared)
                }
                News::Known | News::Older | News::Contradiction => Change::Keep(compared),
            }
        })
        .await?)
}

/// Tells the union item and the user, as far as they are known, what the follower item says.
async fn pass_on(core: &Core, follower: Stored<Follower>) -> Result<(), CoreError> {
    let Follower { openid, unionid, mini_openid, follow, .. } = follower.item;
    let mut known_by_unionid = None;
    if let Some(unionid) = unionid {
        let (union, ()) = core
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
        known_by_unionid = union.item.mini_openid;
    }
    match (known_by_unionid, mini_openid) {
        (Some(known), bound) => {
            // Somebody else's code was scanned while nobody knew the unionid.
            if let Some(bound) = bound.filter(|bound| *bound != known) {
                part(core, &bound, &openid).await?;
            }
            link(core, &known, &openid, follow).await
        }
        (None, Some(bound)) => link_bound(core, &bound, &openid, follow).await,
        (None, None) => Ok(()),
    }
}

/// Tells a user bound by a code about their follower, unless they have got another one since.
async fn link_bound(
    core: &Core,
    mini_openid: &OpenId,
    service_openid: &OpenId,
    follow: Follow,
) -> Result<(), CoreError> {
    let user = core.table.get::<User>(keys::user(mini_openid)).await?;
    match user.is_some_and(|user| user.item.service_openid.as_ref() == Some(service_openid)) {
        true => link(core, mini_openid, service_openid, follow).await,
        false => Ok(()),
    }
}

/// The user and the follower turned out to be two people.
async fn part(core: &Core, mini_openid: &OpenId, service_openid: &OpenId) -> Result<(), CoreError> {
    let settings = core.settings.get(core.now()).await?;
    let parted = core
        .table
        .update_at(keys::user(mini_openid), |user: &mut User| {
            if user.service_openid.as_ref() != Some(service_openid) {
                return Change::Keep(());
            }
            user.leave_follower(&settings);
            Change::Write(())
        })
        .await;
    match parted {
        Ok(_) | Err(TableError::Gone(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Links a user and a follower who are known to be one person, and hands over what waited on the follower's side.
async fn link(
    core: &Core,
    mini_openid: &OpenId,
    service_openid: &OpenId,
    follow: Follow,
) -> Result<(), CoreError> {
    let settings = core.settings.get(core.now()).await?;
    let told = core
        .table
        .update_at(keys::user(mini_openid), |user: &mut User| {
            let before = user.service_openid.clone().filter(|before| before != service_openid);
            let merged = if user.service_openid.as_ref() == Some(service_openid) {
                user.follow.merged(follow)
            } else {
                follow
            };
            if user.service_openid.as_ref() == Some(service_openid) && user.follow == merged {
                return Change::Keep(before);
            }
            if before.is_some() {
                user.leave_follower(&settings);
            }
            user.service_openid = Some(service_openid.clone());
            user.follow = merged;
            Change::Write(before)
        })
        .await;
    match told {
        Ok((_, Some(before))) => bind::unlink(core, &before, mini_openid).await?,
        Ok((_, None)) => {}
        // The user asked to be forgotten, or logs in later and finds the union item.
        Err(TableError::Gone(_)) => return Ok(()),
        Err(error) => return Err(error.into()),
    }
    hand_over(core, mini_openid, service_openid).await
}

/// The follower learns whose they are, and credits that waited there move to the user, in one transaction.
async fn hand_over(core: &Core, mini_openid: &OpenId, service_openid: &OpenId) -> Result<(), CoreError> {
    for _ in 0..TRANSACTION_RACES_MAX {
        let (user, follower) = core
            .table
            .get_pair::<User, Follower>(keys::user(mini_openid), keys::follower(service_openid))
            .await?;
        let (Some(user), Some(follower)) = (user, follower) else { return Ok(()) };
        if follower.item.mini_openid.as_ref() == Some(mini_openid) && follower.item.credits.is_empty() {
            return Ok(());
        }
        let mut linked = follower.item.clone();
        linked.mini_openid = Some(mini_openid.clone());
        if follower.item.credits.is_empty() {
            match core
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
        for (template_id, ledger) in std::mem::take(&mut linked.credits) {
            // A template of the service account: the user has no ledger of it before they are linked.
            richer.credits.entry(template_id).or_insert(ledger);
        }
        let id = random::id();
        let parts =
            vec![core.table.update_part(&user, richer, &id), core.table.update_part(&follower, linked, &id)];
        if core.table.transact(parts, &id).await? {
            return Ok(());
        }
    }
    Err(TableError::Contended("link").into())
}

/// Two people do not log in and follow more often than this at one moment.
const TRANSACTION_RACES_MAX: usize = 8;

/// Asks WeChat; when it does not answer, plans to ask again later and answers `None`.
async fn ask(core: &Core, openid: &OpenId, tries: u32) -> Result<Option<UserInfo>, CoreError> {
    let asked = core
        .call(Account::ServiceAccount, |token| {
            let openid = openid.clone();
            async move { core.wechat.user_info(&token, &openid).await }
        })
        .await;
    let error = match asked {
        Ok(info) => return Ok(Some(info)),
        Err(error) => error,
    };
    if let WechatError::Call(CallError::Refused(refusal)) = &error
        && refusal.errcode.0 == 40003
    {
        tracing::warn!("WeChat does not know a follower it told us about");
        return Ok(None);
    }
    if tries >= LOOKUP_TRIES_MAX {
        tracing::error!(%error, "gave up asking WeChat about a follower; followers.sync will find them");
        return Ok(None);
    }
    tracing::warn!(%error, tries, "WeChat could not be asked about a follower; asking later");
    let pause = SignedDuration::from_secs(60 << tries.min(10));
    let at = crate::schedules::ahead(core.now() + pause, core.now());
    core.schedules.wake_lookup(FollowerDue { service_openid: openid.clone(), tries: tries + 1 }, at).await?;
    Ok(None)
}
