//! People follow the service account, leave it, scan its codes, and refuse its messages
//! (docs/wechat.md §2.2, §8).

use axum::body::Bytes;
use axum::extract::{Path, State as Shared};
use axum::response::Response;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::verb::{Nothing, Outcome, Rejection, act_as};
use crate::wechat::accounts::AccountName;
use crate::wechat::document::{Field, Fields};
use crate::wechat::pushes::{PushKind, field};
use crate::wechat::qrcodes::QrCode;
use crate::wechat::sessions::Trigger;
use crate::wechat::state::State;
use crate::wechat::users::{Following, User, UserIndex};
use crate::wechat::{Api, Platform};

const ACCOUNT: AccountName = AccountName::ServiceAccount;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Via {
    #[default]
    Search,
    Qrcode,
    MiniProgram,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Follow {
    #[serde(default)]
    via: Via,
    image_url: Option<String>,
}

pub(super) async fn follow(
    Shared(platform): Shared<Platform>,
    Path(name): Path<String>,
    body: Bytes,
) -> Response {
    act_as(&platform, &name, &body, |state, now, user, follow: Follow| {
        require_service_account(state)?;
        let code = match &follow.image_url {
            Some(_) if follow.via != Via::Qrcode => {
                return Err(Rejection::field("image_url", "is for \"via\": \"qrcode\" only"));
            }
            Some(image_url) => Some(find_code(state, image_url)?),
            None => None,
        };
        // Whoever already follows and scans merely scans; searching again does nothing.
        if state.users.get(user).following.is_some() {
            return Ok(
                code.map_or_else(|| json!({ "followed": true }), |code| scanned(state, now, user, &code))
            );
        }
        let code = code.filter(|code| code.is_alive(now));
        let person = state.users.get_mut(user);
        let following = Following {
            since: now,
            scene: match follow.via {
                Via::Search => "ADD_SCENE_SEARCH",
                Via::Qrcode => "ADD_SCENE_QR_CODE",
                Via::MiniProgram => "ADD_SCENE_WXA",
            },
            qr_scene: code.as_ref().map(|code| code.scene.clone()),
        };
        person.set_following(Some(following), now);
        person.interacts(ACCOUNT, Trigger::Follow, now);
        let extra = match code {
            Some(code) => scene_fields("qrscene_", &code),
            // Both forms of "no key" are seen in the wild (docs/wechat.md §2.2).
            None if follow.via == Via::MiniProgram => Vec::new(),
            None => vec![field("EventKey", Field::text(""))],
        };
        state.push(ACCOUNT, user, PushKind::Event("subscribe"), now, extra);
        Ok(json!({ "followed": true }))
    })
    .await
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Unfollow {
    /// Junk that has been seen in the field, for whoever wants to see it again.
    #[serde(default)]
    event_key: String,
}

pub(super) async fn unfollow(
    Shared(platform): Shared<Platform>,
    Path(name): Path<String>,
    body: Bytes,
) -> Response {
    act_as(&platform, &name, &body, |state, now, user, unfollow: Unfollow| {
        require_service_account(state)?;
        let person = state.users.get_mut(user);
        if person.following.is_some() {
            person.set_following(None, now);
            person.blocked = false;
            *person.chat(ACCOUNT) = Default::default();
            let extra = vec![field("EventKey", Field::text(unfollow.event_key))];
            state.push(ACCOUNT, user, PushKind::Event("unsubscribe"), now, extra);
        }
        Ok(json!({ "followed": false }))
    })
    .await
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Scan {
    image_url: String,
}

pub(super) async fn scan(
    Shared(platform): Shared<Platform>,
    Path(name): Path<String>,
    body: Bytes,
) -> Response {
    act_as(&platform, &name, &body, |state, now, user, scan: Scan| {
        require_service_account(state)?;
        let code = find_code(state, &scan.image_url)?;
        Ok(scanned(state, now, user, &code))
    })
    .await
}

/// A follower's scan is an event; to others the code only shows the account's profile.
fn scanned(state: &mut State, now: Timestamp, user: UserIndex, code: &QrCode) -> serde_json::Value {
    let person = state.users.get_mut(user);
    let followed = person.following.is_some();
    if followed && code.is_alive(now) {
        person.interacts(ACCOUNT, Trigger::Scan, now);
        state.push(ACCOUNT, user, PushKind::Event("SCAN"), now, scene_fields("", code));
    }
    json!({ "followed": followed, "expired": !code.is_alive(now) })
}

fn scene_fields(prefix: &str, code: &QrCode) -> Fields {
    vec![
        field("EventKey", Field::text(format!("{prefix}{}", code.scene.event_key()))),
        field("Ticket", Field::text(code.ticket.as_str())),
    ]
}

/// By the picture's address, the code's own URL, or the media_id of a copy of the picture.
fn find_code(state: &State, image_url: &str) -> Result<QrCode, Rejection> {
    state
        .qrcodes
        .by_image_url(image_url)
        .or_else(|| state.qrcodes.by_picture(state.media.bytes(image_url)?))
        .cloned()
        .ok_or_else(|| {
            Rejection::field("image_url", "is not the address of a QR code of the service account")
        })
}

pub(super) async fn block(
    Shared(platform): Shared<Platform>,
    Path(name): Path<String>,
    body: Bytes,
) -> Response {
    set(&platform, &name, &body, |user| user.blocked = true).await
}

pub(super) async fn unblock(
    Shared(platform): Shared<Platform>,
    Path(name): Path<String>,
    body: Bytes,
) -> Response {
    set(&platform, &name, &body, |user| user.blocked = false).await
}

pub(super) async fn blacklist(
    Shared(platform): Shared<Platform>,
    Path(name): Path<String>,
    body: Bytes,
) -> Response {
    set(&platform, &name, &body, |user| user.blacklisted = true).await
}

pub(super) async fn unblacklist(
    Shared(platform): Shared<Platform>,
    Path(name): Path<String>,
    body: Bytes,
) -> Response {
    set(&platform, &name, &body, |user| user.blacklisted = false).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OneTemplate {
    template_id: String,
}

/// The user switches one template's messages off, by the dots of a message. No event tells of it.
pub(super) async fn refuse_template(
    Shared(platform): Shared<Platform>,
    Path(name): Path<String>,
    body: Bytes,
) -> Response {
    set_template(&platform, &name, &body, |user, template_id| user.refused_templates.insert(template_id))
        .await
}

/// And on again, on the account's page.
pub(super) async fn allow_template(
    Shared(platform): Shared<Platform>,
    Path(name): Path<String>,
    body: Bytes,
) -> Response {
    set_template(&platform, &name, &body, |user, template_id| user.refused_templates.remove(&template_id))
        .await
}

async fn set_template(
    platform: &Platform,
    name: &str,
    body: &Bytes,
    switch: fn(&mut User, String) -> bool,
) -> Response {
    act_as(platform, name, body, |state, _, user, one: OneTemplate| -> Outcome {
        require_service_account(state)?;
        if state.templates.find(ACCOUNT, Api::Template, &one.template_id).is_none() {
            return Err(Rejection::field("template_id", "is no message template of the service account"));
        }
        let user = state.users.get_mut(user);
        switch(user, one.template_id);
        Ok(json!({ "refused_templates": user.refused_templates }))
    })
    .await
}

/// A switch that WeChat tells nobody about.
async fn set(platform: &Platform, name: &str, body: &Bytes, switch: fn(&mut User)) -> Response {
    act_as(platform, name, body, |state, _, user, _: Nothing| -> Outcome {
        require_service_account(state)?;
        let user = state.users.get_mut(user);
        switch(user);
        Ok(json!({ "blocked": user.blocked, "blacklisted": user.blacklisted }))
    })
    .await
}

fn require_service_account(state: &State) -> Result<(), Rejection> {
    match state.accounts.get(ACCOUNT) {
        Some(_) => Ok(()),
        None => Err(Rejection::NotFound("this world has no service account".to_owned())),
    }
}
