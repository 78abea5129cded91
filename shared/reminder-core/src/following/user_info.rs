//! What `user/info` says of a follower: their unionid, and whether they follow at this moment. It may lag behind the event
//! that made us ask (docs/wechat.md §16), and then it is asked again later.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, timeout_at};
use wechat::{CallError, ErrCode, OpenId, UserInfo, said};

use crate::account::Account;
use crate::app::wechat::WechatError;
use crate::app::{App, AppError};
use crate::person::follower::{Follower, LookUp};
use crate::person::user::Follow;
use crate::reminder::ahead;
use crate::table::{Change, Record, TableError, gone_is_fine, keys};

/// A look-up that keeps failing is tried with doubling pauses, all in all for about two days.
const LOOKUP_TRIES_MAX: u32 = 12;
/// How much of the callback's time is left for what is written after WeChat answered: a schedule, a ticket and the items
/// of both sides.
const WRITING_NEEDS: Duration = Duration::from_millis(700);
/// That somebody does not follow is not believed so soon after the event that says they do: nobody has measured how far
/// `user/info` may lag, and a follow that is taken for none costs every reminder.
const LAGS_AT_MOST: SignedDuration = SignedDuration::from_mins(10);

/// With what in mind WeChat is asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    /// What was known when it was asked: an event that came meanwhile is newer than the answer.
    pub known: Follow,
    /// Two events of one second say the opposite. Whichever came last, the answer is right: what was before both is what
    /// is after both.
    pub contradicted: bool,
    /// How often it was asked before.
    pub tries: u32,
}

/// What an answer about following is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Worth {
    News(Follow),
    /// It says what is known, or what was true before.
    Nothing,
    /// It may not have heard of the follow yet.
    TooSoon,
}

/// Asks WeChat and writes down what it says. What it does not say, or cannot know yet, is asked again later. Of the time
/// until `deadline` some is left for what has to be written then. `None`: there is no answer now.
pub(super) async fn ask(
    app: &App,
    openid: &OpenId,
    asked: Asked,
    deadline: Instant,
) -> Result<Option<Record<Follower>>, AppError> {
    let call = app
        .wechat
        .call(Account::ServiceAccount, |client, token| async move { client.user_info(&token, openid).await });
    let answer = timeout_at(deadline - WRITING_NEEDS, call).await.unwrap_or_else(|_| {
        Err(WechatError::Call(CallError::Unknown {
            reason: said!("the time was up", "时间用完了"),
            answered: false,
        }))
    });
    let error = match answer {
        Ok(info) => {
            let Some((follower, is_too_soon)) = note(app, openid, &info, Some(asked)).await? else {
                tracing::info!("a follower was forgotten while WeChat was asked about them");
                return Ok(None);
            };
            if is_too_soon {
                tracing::info!("WeChat has not heard of a follow yet that it told of; asking later");
                ask_later(app, openid, asked.tries).await?;
            }
            return Ok(Some(follower));
        }
        Err(error) => error,
    };
    if error.errcode() == Some(ErrCode::INVALID_OPENID) {
        tracing::warn!("WeChat does not know a follower it told us about");
        plan_look_up(app, openid, None).await?;
        return Ok(None);
    }
    if asked.tries >= LOOKUP_TRIES_MAX {
        tracing::error!(%error, "gave up asking WeChat about a follower; followers.sync will find them");
        plan_look_up(app, openid, None).await?;
        return Ok(None);
    }
    tracing::warn!(%error, tries = asked.tries, "WeChat could not be asked about a follower; asking later");
    ask_later(app, openid, asked.tries).await?;
    Ok(None)
}

async fn ask_later(app: &App, openid: &OpenId, tries: u32) -> Result<(), AppError> {
    plan_look_up(app, openid, Some(next_look_up(tries, app.now()))).await
}

/// After so many tries; the pauses double.
fn next_look_up(tries: u32, now: Timestamp) -> LookUp {
    let pause = SignedDuration::from_secs(60 << tries.min(10));
    LookUp { at: ahead(now + pause, now), tries: tries + 1 }
}

/// Until it is done the item stands in the index `due`: the sweep finds what its schedule does not.
async fn plan_look_up(app: &App, openid: &OpenId, planned: Option<LookUp>) -> Result<(), AppError> {
    let noted = app.table.update_at(keys::follower(openid), |follower: &mut Follower| {
        let is_news = follower.look_up != planned;
        follower.look_up = planned;
        Change::when(is_news)
    });
    gone_is_fine(noted.await)?;
    match planned {
        Some(LookUp { at, .. }) => Ok(app.schedules.create_look_up(openid, at).await?),
        None => Ok(()),
    }
}

/// Writes down what `user/info` says. Says whether it was too soon to believe it. None: whoever was `asked` about is not
/// known any more.
pub(super) async fn note(
    app: &App,
    openid: &OpenId,
    info: &UserInfo,
    asked: Option<Asked>,
) -> Result<Option<(Record<Follower>, bool)>, AppError> {
    let now = app.now().as_second();
    let change = |follower: &mut Follower| {
        let before = follower.clone();
        let is_too_soon = learn(follower, info, asked, now);
        if *follower == before { Change::Keep(is_too_soon) } else { Change::Write(is_too_soon) }
    };
    match asked {
        // Whom WeChat lists follows now, whatever was before.
        None => Ok(Some(app.table.upsert(Follower::new(openid.clone(), app.now()), change).await?)),
        Some(_) => match app.table.update_at(keys::follower(openid), change).await {
            Err(TableError::Gone(_)) => Ok(None),
            noted => Ok(Some(noted?)),
        },
    }
}

/// The follower as `user/info` says. Says whether it was too soon to believe it.
fn learn(follower: &mut Follower, info: &UserInfo, asked: Option<Asked>, now: i64) -> bool {
    follower.look_up = None;
    if info.unionid.is_some() {
        follower.unionid.clone_from(&info.unionid);
    }
    if asked.is_some_and(|asked| asked.known != follower.follow) {
        return false;
    }
    let contradicted = asked.is_some_and(|asked| asked.contradicted);
    let known = Known { follow: follower.follow, refused: follower.is_refused() };
    let worth = weigh(known, info.subscribe, info.subscribe_time, contradicted, now);
    if let Worth::News(follow) = worth {
        follower.know(follow);
    }
    worth == Worth::TooSoon
}

/// What the answer is compared with. `refused`: that they do not follow was said of a message only (43004), and may have
/// been otherwise before.
#[derive(Debug, Clone, Copy)]
struct Known {
    follow: Follow,
    refused: bool,
}

/// What the answer is worth beside what events told: whether somebody follows, and if so since when.
fn weigh(known: Known, follows: bool, since: Option<i64>, contradicted: bool, now: i64) -> Worth {
    let Known { follow: known, refused } = known;
    let Some(told_at) = known.at else {
        // No event told of it.
        return Worth::News(Follow { followed: follows, at: Some(since.filter(|_| follows).unwrap_or(now)) });
    };
    match (known.followed, follows) {
        (true, true) | (false, false) => Worth::Nothing,
        // Asked before they left, and answered since: the event is newer.
        (false, true) if !refused && since.is_some_and(|since| since < told_at) => Worth::Nothing,
        (true, false) if !contradicted && now < told_at + LAGS_AT_MOST.as_secs() => Worth::TooSoon,
        // Nobody knows since when; it is newer than what it contradicts.
        _ => {
            let at = since.filter(|_| follows).unwrap_or(now).max(told_at);
            Worth::News(Follow { followed: follows, at: Some(at) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answer_is_weighed_against_what_events_told() {
        use Worth::{Nothing, TooSoon};
        let follow = |followed: bool, at: i64| Follow { followed, at: Some(at) };
        let news = |followed, at| Worth::News(follow(followed, at));
        let lag = LAGS_AT_MOST.as_secs();
        let nothing = Follow::default();
        for (known, follows, since, contradicted, now, expected) in [
            (nothing, true, Some(50), false, 100, news(true, 50)),
            (nothing, true, None, false, 100, news(true, 100)),
            (nothing, false, None, false, 100, news(false, 100)),
            (follow(true, 50), true, Some(50), false, 100, Nothing),
            (follow(false, 50), false, None, false, 100, Nothing),
            // It lags behind the follow, or the unfollow was never told of.
            (follow(true, 50), false, None, false, 50, TooSoon),
            (follow(true, 50), false, None, false, 49 + lag, TooSoon),
            (follow(true, 50), false, None, false, 50 + lag, news(false, 50 + lag)),
            // It lags behind the unfollow, or the follow was never told of.
            (follow(false, 50), true, Some(40), false, 100, Nothing),
            (follow(false, 50), true, Some(60), false, 100, news(true, 60)),
            (follow(false, 50), true, None, false, 100, news(true, 100)),
            // Of two events of one second it knows which came last.
            (follow(true, 50), false, None, true, 50, news(false, 50)),
            (follow(false, 50), true, Some(50), true, 50, news(true, 50)),
            (follow(true, 50), true, Some(50), true, 50, Nothing),
        ] {
            let told = Known { follow: known, refused: false };
            let worth = weigh(told, follows, since, contradicted, now);
            assert_eq!(worth, expected, "{known:?} {follows} {since:?} {contradicted} {now}");
        }
        let refused = Known { follow: follow(false, 50), refused: true };
        assert_eq!(
            weigh(refused, true, Some(40), false, 100),
            news(true, 50),
            "the follow was never told of"
        );
    }

    #[test]
    fn answer_is_written_down_unless_an_event_came_meanwhile() {
        let follow = |followed, at| Follow { followed, at: Some(at) };
        let asked = |known, contradicted| Some(Asked { known, contradicted, tries: 3 });
        let known = follow(true, 50);
        for (case, known_now, asked, subscribe, expected, too_soon) in [
            ("as it was", known, asked(known, false), true, known, false),
            ("they left", known, asked(known, false), false, follow(false, 9_000), false),
            (
                "an event came meanwhile",
                follow(true, 60),
                asked(known, false),
                false,
                follow(true, 60),
                false,
            ),
            ("the list tells of a follow", follow(false, 50), None, true, follow(true, 9_000), false),
            (
                "too soon",
                follow(true, 8_999),
                asked(follow(true, 8_999), false),
                false,
                follow(true, 8_999),
                true,
            ),
            (
                "of two events of one second",
                follow(true, 8_999),
                asked(follow(true, 8_999), true),
                false,
                follow(false, 9_000),
                false,
            ),
        ] {
            let look_up = Some(LookUp { at: Timestamp::UNIX_EPOCH, tries: 3 });
            let new = Follower::new("s1".into(), Timestamp::UNIX_EPOCH);
            let mut follower = Follower { follow: known_now, look_up, unionid: Some("u1".into()), ..new };
            let info = UserInfo {
                openid: "s1".into(),
                subscribe,
                subscribe_time: None,
                unionid: None,
                subscribe_scene: None,
                qr_scene_str: None,
            };
            assert_eq!(learn(&mut follower, &info, asked, 9_000), too_soon, "{case}");
            assert_eq!((follower.follow, follower.look_up), (expected, None), "{case}");
            assert_eq!(follower.unionid, Some("u1".into()), "{case}: what is known stays");
            let told = UserInfo { unionid: Some("u2".into()), ..info };
            learn(&mut follower, &told, asked, 9_000);
            assert_eq!(follower.unionid, Some("u2".into()), "{case}");
        }
    }

    #[test]
    fn wechat_is_asked_again_after_doubling_pauses() {
        let now = Timestamp::UNIX_EPOCH;
        for (tries, minutes) in [(0, 1), (1, 2), (2, 4), (10, 1024), (11, 1024)] {
            let at = now + SignedDuration::from_mins(minutes);
            assert_eq!(next_look_up(tries, now), LookUp { at, tries: tries + 1 });
        }
    }
}
