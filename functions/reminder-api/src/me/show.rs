//! `GET /me`

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{RawQuery, State};
use reminder_core::account::Account;
use reminder_core::person::login::{Login, ProfileGone};
use reminder_core::person::user::User;
use reminder_core::settings::Settings;
use reminder_core::settings::ways_to_follow::{Available, Way, ways_to_follow};
use reminder_core::table::keys;
use reminder_core::{App, AppError};
use serde::Serialize;
use utoipa::ToSchema;

use super::preferences::PreferencesView;
use crate::caller::Caller;
use crate::problem::Problem;

/// WeChat's scenes have four digits; this is what the description calls a number.
const SCENE_MAX: u32 = i32::MAX.unsigned_abs();

#[derive(Debug, Serialize, ToSchema)]
pub struct MeAnswer {
    pub followed: bool,
    /// The user follows, and refused the service account's messages when the last one was sent; absent if that is not
    /// known. They turn it off on the account's page in WeChat; until then, ask for prompts.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub blocked: bool,
    /// By template id: how many messages the user can be sent.
    pub credits: BTreeMap<String, u32>,
    /// What there is to be reminded by, and what to ask for with `wx.requestSubscribeMessage`.
    pub templates: Vec<TemplateView>,
    pub guide: GuideView,
    #[serde(flatten)]
    pub preferences: PreferencesView,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TemplateView {
    #[schema(example = "expiry")]
    pub name: String,
    /// Template ids.
    pub ask: Vec<String>,
}

/// How the user can follow the service account.
#[derive(Debug, Serialize, ToSchema)]
pub struct GuideView {
    /// What works where the mini program was opened, best first; empty once followed, or without a service account.
    #[schema(value_type = Vec<String>, example = json!(["official_account", "qrcode", "contact", "article"]))]
    pub methods: Vec<Way>,
    /// For the contact button.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article_url: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ContactView {
    /// The button's `session-from`.
    #[schema(example = "follow")]
    pub session_from: String,
}

/// What we know of the user, and what to ask of them.
#[utoipa::path(
    get, path = "/me", tag = "users",
    params(("scene" = Option<u32>, Query, description = "The scene the mini program was opened with (`wx.getLaunchOptionsSync().scene`).", maximum = 2147483647, example = 1047)),
    responses(
        (status = 200, description = "The user", body = MeAnswer),
        (status = 401, description = "`unauthorized`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`not_for_servers`, `forbidden_origin`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    Caller(login): Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<MeAnswer>, Problem> {
    let scene = match crate::reminders::list::parameter(query.as_deref(), "scene") {
        None => None,
        Some(text) => Some(
            text.parse::<u32>()
                .ok()
                .filter(|scene| *scene <= SCENE_MAX)
                .ok_or_else(|| Problem::bad_field("scene", "must be a number such as 1047"))?,
        ),
    };
    let now = app.now();
    let settings = app.settings.get(now).await.map_err(AppError::from)?;
    let secrets = app.secrets.get(now).await.map_err(AppError::from)?;
    let user = profile(&app, &login).await?;
    Ok(Json(answer(&user, &settings, secrets.service_account.is_some(), scene)))
}

pub(super) fn answer(
    user: &User,
    settings: &Settings,
    service_account: bool,
    scene: Option<u32>,
) -> MeAnswer {
    let contact = settings.guide.contact_session_from.clone();
    let article_url = settings.guide.article_url.clone();
    let available = Available { service_account, contact: contact.is_some(), article: article_url.is_some() };
    let methods = if user.follow.followed { Vec::new() } else { ways_to_follow(scene, available) };
    MeAnswer {
        followed: user.follow.followed,
        blocked: user.is_blocked(),
        credits: credits(user, settings),
        templates: settings
            .templates
            .keys()
            .map(|name| TemplateView {
                name: name.clone(),
                ask: settings.ask_for(name).into_iter().map(str::to_owned).collect(),
            })
            .collect(),
        guide: GuideView {
            methods,
            contact: contact.map(|session_from| ContactView { session_from }),
            article_url,
        },
        preferences: PreferencesView::new(user, settings),
    }
}

/// The user who logged in.
pub(crate) async fn profile(app: &App, login: &Login) -> Result<User, Problem> {
    let stored = app.table.get::<User>(keys::user(&login.openid)).await.map_err(AppError::from)?;
    let user = stored.map(|stored| stored.item).filter(|user| login.is_of(user));
    user.ok_or_else(|| ProfileGone.into())
}

/// Of every subscription template of the settings: what the user has, as far as nothing contradicts it.
pub(crate) fn credits(user: &User, settings: &Settings) -> BTreeMap<String, u32> {
    let subscriptions = settings
        .templates
        .values()
        .flat_map(|template| Account::ALL.into_iter().flat_map(|account| template.subscriptions(account)));
    subscriptions.map(|(id, _)| (id.to_owned(), user.available(id))).collect()
}
