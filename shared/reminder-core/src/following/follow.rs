//! Following and unfollowing the service account, and the link between a follower and a mini-program user.
//!
//! Both sides write the union item and read back what the other wrote: whoever comes second sees the first, so
//! login-then-follow and follow-then-login end alike. The newer event wins; of two contradicting ones of one second,
//! WeChat is asked.

use std::time::Duration;

use tokio::time::Instant;
use wechat::{OpenId, UnionId, UserInfo};

use super::profile::{self, Occasion};
use super::user_info::{self, Asked};
use super::{bind, links};
use crate::app::{App, AppError};
use crate::person::follower::{Follower, Union};
use crate::person::linking::Claim;
use crate::person::user::{Follow, News, User};
use crate::table::{Change, Record, keys};

/// Dispatch may run for 30 seconds.
const LOOKUP_WITHIN: Duration = Duration::from_secs(20);
/// WeChat says that somebody follows now. `scene` is the text of a QR code, if they came through one. What WeChat has
/// not told of them by `deadline` is asked later. Says whether a code that they scanned links them now with its user.
pub async fn follow(
    app: &App,
    openid: &OpenId,
    create_time: i64,
    scene: Option<&str>,
    deadline: Instant,
) -> Result<bool, AppError> {
    let Some((mut follower, compared)) = tell_follower(app, openid, true, create_time).await? else {
        return Ok(false);
    };
    if compared == News::Contradiction || follower.item.unionid.is_none() {
        let asked =
            Asked { known: follower.item.follow, contradicted: compared == News::Contradiction, tries: 0 };
        follower = user_info::ask(app, openid, asked, deadline).await?.unwrap_or(follower);
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
    let Some((mut follower, compared)) = tell_follower(app, openid, false, create_time).await? else {
        return Ok(());
    };
    if compared == News::Contradiction {
        let asked = Asked { known: follower.item.follow, contradicted: true, tries: 0 };
        follower = user_info::ask(app, openid, asked, deadline).await?.unwrap_or(follower);
    }
    pass_on(app, follower).await
}

/// A look-up that could not be finished when the event came. One that is done by now is not made again.
pub async fn look_up(app: &App, openid: &OpenId) -> Result<(), AppError> {
    let follower = app.table.get::<Follower>(keys::follower(openid)).await?;
    match follower.and_then(|follower| follower.item.look_up) {
        Some(_) => ask_now(app, openid, Instant::now() + LOOKUP_WITHIN).await,
        None => Ok(()),
    }
}

/// Asks WeChat about a follower who is known; if it does not answer by `deadline`, it is asked again later.
pub(super) async fn ask_now(app: &App, openid: &OpenId, deadline: Instant) -> Result<(), AppError> {
    let Some(follower) = app.table.get::<Follower>(keys::follower(openid)).await? else { return Ok(()) };
    let tries = follower.item.look_up.map_or(0, |look_up| look_up.tries);
    let asked = Asked { known: follower.item.follow, contradicted: false, tries };
    match user_info::ask(app, openid, asked, deadline).await? {
        Some(follower) => pass_on(app, follower).await,
        None => Ok(()),
    }
}

/// What `user/info` says of a follower: their unionid, and whether they follow at this moment.
pub async fn learn(app: &App, openid: &OpenId, info: &UserInfo) -> Result<(), AppError> {
    let listed = user_info::note(app, openid, info, None).await?;
    match listed {
        Some((follower, _)) => pass_on(app, follower).await,
        None => Ok(()),
    }
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
    let (service_openid, claim) = match (&union.item.service_openid, user.item.service_openid()) {
        (Some(service_openid), _) => (service_openid, Claim::Unionid),
        // Linked by a code, before the unionid was known: the follower may be known to be somebody else.
        (None, Some(service_openid)) => (service_openid, Claim::None),
        (None, None) => return Ok(user),
    };
    links::settle(app, &mini_openid, service_openid, claim).await?;
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
        let before = follower.clone();
        let compared = follower.hear(news);
        if *follower == before {
            return Change::Keep(compared);
        }
        follower.active_at = now;
        Change::Write(compared)
    });
    Ok(told.await?)
}

/// Tells the union item and the user, as far as they are known, what the follower item says.
async fn pass_on(app: &App, follower: Record<Follower>) -> Result<(), AppError> {
    let now = app.now();
    let Follower { openid, unionid, link, follow, .. } = follower.item;
    let mut known_as = link.map(|link| (link.openid, Claim::None));
    if let Some(unionid) = unionid {
        let (union, ()) = app
            .table
            .upsert(Union::new(unionid, now), |union| {
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
        known_as = union.item.mini_openid.map(|mini_openid| (mini_openid, Claim::Unionid)).or(known_as);
    }
    match known_as {
        Some((mini_openid, claim)) => links::settle(app, &mini_openid, &openid, claim).await,
        None => Ok(()),
    }
}
