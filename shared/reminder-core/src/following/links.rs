//! Links of users and followers in the table: read, judged ([`linking`]) and written, on all sides in one transaction, so
//! that nobody is linked on one side only and no credit is anywhere twice.

use wechat::{OpenId, TemplateId};

use crate::account::Account;
use crate::app::{App, AppError};
use crate::following::draft::{Draft, find, let_go, write};
use crate::following::ticket::BindTicket;
use crate::person::follower::Follower;
use crate::person::link::{Ground, Link};
use crate::person::linking::{self, Claim, Refusal, Undoing, Verdict};
use crate::person::user::User;
use crate::random;
use crate::scheduling;
use crate::table::{Part, Record, TableError, keys};
use crate::webhook::outbox;

/// Two people do not log in, follow and scan more often than this at one moment.
pub(super) const RACES_MAX: usize = 8;

/// What came of looking at a user and a follower.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Settled {
    Linked(Ground),
    NotLinked,
    /// One of the items was written meanwhile, and nothing was done.
    Raced,
}

/// Settles whether the two are one person, and writes it down.
pub(super) async fn settle(
    app: &App,
    mini_openid: &OpenId,
    service_openid: &OpenId,
    claim: Claim,
) -> Result<(), AppError> {
    for _ in 0..RACES_MAX {
        if attempt(app, mini_openid, service_openid, claim, None).await? != Settled::Raced {
            return Ok(());
        }
    }
    Err(TableError::Contended("link").into())
}

/// Settles it unless somebody else writes meanwhile. A ticket is used up together with the link it makes.
pub(super) async fn attempt(
    app: &App,
    mini_openid: &OpenId,
    service_openid: &OpenId,
    claim: Claim,
    ticket: Option<&Record<BindTicket>>,
) -> Result<Settled, AppError> {
    let (user, follower) =
        app.table.get_pair::<User, Follower>(keys::user(mini_openid), keys::follower(service_openid)).await?;
    // The user asked to be forgotten, or logs in later and finds the union item.
    let (Some(user), Some(follower)) = (user, follower) else { return Ok(Settled::NotLinked) };
    if ticket.is_some_and(|ticket| ticket.item.made_at() < user.item.created_at) {
        tracing::info!("a bind ticket of somebody who was forgotten since was scanned");
        return Ok(Settled::NotLinked);
    }
    let (mut user, mut follower) = (Draft::of(user), Draft::of(follower));
    let id = random::id();
    let mut parts = Vec::new();
    let mut formers = Formers::default();
    let settled = match linking::judge(&user.item, &follower.item, claim) {
        Verdict::Link(ground) => {
            formers = replace(app, &mut user, &mut follower, ground).await?;
            parts.extend(ticket.and_then(|ticket| used_up(ticket, service_openid).part(app, &id)));
            linking::join(&mut user.item, &mut follower.item, ground);
            Settled::Linked(ground)
        }
        Verdict::Linked(ground) => {
            linking::tell(&mut user.item, &mut follower.item);
            Settled::Linked(ground)
        }
        Verdict::Part => {
            tracing::info!("a link is over: they left, or their unionids say that they are two people");
            linking::part(&mut user.item, &mut follower.item, notifications(app).await?);
            Settled::NotLinked
        }
        Verdict::Refuse(why) => {
            log_refusal(why);
            return Ok(Settled::NotLinked);
        }
    };
    may_be_reached(app, &mut user);
    let linked = user.item.clone();
    let users = [user].into_iter().chain(formers.user).collect();
    let followers = [follower].into_iter().chain(formers.follower).collect();
    if !write_all(app, users, followers, parts, &id).await? {
        return Ok(Settled::Raced);
    }
    look_at_rest(app, &linked).await?;
    Ok(settled)
}

/// Writes them down, with whoever is kept no more. `false`: one of them was written meanwhile.
async fn write_all(
    app: &App,
    mut users: Vec<Draft<User>>,
    mut followers: Vec<Draft<Follower>>,
    mut parts: Vec<Part>,
    id: &str,
) -> Result<bool, AppError> {
    let_go(app, &mut users, &mut followers).await?;
    parts.extend(users.iter().filter_map(|user| user.part(app, id)));
    parts.extend(followers.iter().filter_map(|follower| follower.part(app, id)));
    let events = outbox::of_users(app, users.iter().map(|user| (&user.read.item, &user.item))).await?;
    parts.extend(outbox::parts(app, &events));
    let is_written = write(app, parts, id).await?;
    if is_written {
        outbox::schedule(app, &events).await;
    }
    Ok(is_written)
}

/// Whoever the two were linked with before.
#[derive(Default)]
struct Formers {
    user: Option<Draft<User>>,
    follower: Option<Draft<Follower>>,
}

/// Parts both from whoever they are linked with otherwise.
async fn replace(
    app: &App,
    user: &mut Draft<User>,
    follower: &mut Draft<Follower>,
    ground: Ground,
) -> Result<Formers, AppError> {
    let is_notification = notifications(app).await?;
    let is_another = |link: &&Link, openid: &OpenId| link.openid != *openid;
    let of_user = user.item.link.as_ref().filter(|link| is_another(link, &follower.item.openid));
    let of_follower = follower.item.link.as_ref().filter(|link| is_another(link, &user.item.openid));
    let mut formers = Formers {
        follower: find(app, of_user.map(|link| keys::follower(&link.openid))).await?,
        user: find(app, of_follower.map(|link| keys::user(&link.openid))).await?,
    };
    if let Some(former) = &mut formers.follower {
        linking::replace(&mut user.item, &mut former.item, ground, &is_notification);
    }
    if let Some(former) = &mut formers.user {
        linking::replace(&mut former.item, &mut follower.item, ground, &is_notification);
    }
    Ok(formers)
}

fn used_up(ticket: &Record<BindTicket>, service_openid: &OpenId) -> Draft<BindTicket> {
    let mut used = Draft::of(ticket.clone());
    used.item.use_up(service_openid);
    used
}

/// The follower asks at `at` that their last scan be undone. Says whether it is; if not, there was nothing to undo.
pub async fn undo(app: &App, service_openid: &OpenId, at: i64) -> Result<bool, AppError> {
    for _ in 0..RACES_MAX {
        let Some(follower) = app.table.get::<Follower>(keys::follower(service_openid)).await? else {
            return Ok(false);
        };
        match linking::judge_undo(&follower.item, at) {
            Undoing::Nothing => return Ok(false),
            Undoing::Done => return Ok(true),
            Undoing::Due if undo_once(app, follower, at).await? => return Ok(true),
            Undoing::Due => {}
        }
    }
    Err(TableError::Contended("undo of a link").into())
}

/// `false`: one of the items was written meanwhile.
async fn undo_once(app: &App, follower: Record<Follower>, at: i64) -> Result<bool, AppError> {
    let mut follower = Draft::of(follower);
    let is_notification = notifications(app).await?;
    let linked = follower.item.link.as_ref().map(|link| link.openid.clone());
    let kept = follower.item.kept.as_ref().map(|kept| kept.mini_openid.clone());
    let mut user = find::<User>(app, linked.as_ref().map(keys::user)).await?;
    let mut former_user = find::<User>(app, kept.as_ref().map(keys::user)).await?;
    let former = user.as_ref().and_then(|user| user.item.kept.as_ref()).map(keys::follower);
    let mut former = find::<Follower>(app, former).await?;
    follower.item.decided_at = follower.item.decided_at.max(Some(at));
    if let Some(user) = &mut user {
        linking::part(&mut user.item, &mut follower.item, is_notification);
    }
    if let Some(former_user) = &mut former_user {
        linking::restore(&mut former_user.item, &mut follower.item, at);
    }
    if let (Some(user), Some(former)) = (&mut user, &mut former) {
        linking::restore(&mut user.item, &mut former.item, at);
    }
    let mut users: Vec<Draft<User>> = [user, former_user].into_iter().flatten().collect();
    users.iter_mut().for_each(|user| may_be_reached(app, user));
    let linked: Vec<User> = users.iter().map(|user| user.item.clone()).collect();
    let followers = [follower].into_iter().chain(former).collect();
    if !write_all(app, users, followers, Vec::new(), &random::id()).await? {
        return Ok(false);
    }
    for user in &linked {
        look_at_rest(app, user).await?;
    }
    Ok(true)
}

/// In the same write: what of theirs rests may be told to whom they are linked with now.
fn may_be_reached(app: &App, user: &mut Draft<User>) {
    if user.is_changed() && user.item.follows() {
        user.item.may_be_reached(app.now());
    }
}

async fn look_at_rest(app: &App, user: &User) -> Result<(), AppError> {
    if user.follows() {
        scheduling::look_at_rest(app, user).await?;
    }
    Ok(())
}

/// Tells the service account's own templates.
pub(super) async fn notifications(app: &App) -> Result<impl Fn(&TemplateId) -> bool, AppError> {
    let settings = app.settings_if_any().await?;
    Ok(move |template_id: &TemplateId| {
        let kind = settings
            .as_ref()
            .map(|settings| settings.subscription_kind(Account::ServiceAccount, template_id.as_str()));
        kind.flatten().is_some()
    })
}

fn log_refusal(why: Refusal) {
    match why {
        Refusal::TwoPeople => {
            tracing::warn!("a code was scanned by somebody else than its user; nothing was linked");
        }
        Refusal::Proved => {
            tracing::warn!(
                "a code was scanned by somebody of whom it is proved who they are; nothing was linked"
            );
        }
        Refusal::TooLate => tracing::info!("a scan is older than what has decided since; nothing was linked"),
    }
}
