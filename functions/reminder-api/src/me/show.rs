//! `GET /me`

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{RawQuery, State};
use reminder_core::account::Account;
use reminder_core::app::secrets::AccountSecrets;
use reminder_core::json::error::{FieldErrors, RuleCode};
use reminder_core::json::fields::Field;
use reminder_core::person::login::{Login, ProfileGone};
use reminder_core::person::user::User;
use reminder_core::settings::Settings;
use reminder_core::settings::ways_to_follow::{Available, Visitor, Way, ways_to_follow};
use reminder_core::table::keys;
use reminder_core::{App, AppError};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::preferences::PreferencesView;
use crate::caller::Caller;
use crate::names::FollowWay;
use crate::problem::Problem;
use crate::reminders::list::parameter;

/// HarmonyOS, as `wx.getDeviceInfo().platform` has it.
const HARMONY_OS: &str = "ohos";
/// Others are a word of that length.
const PLATFORM_CHARS_MAX: usize = 32;
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
    #[schema(value_type = Vec<FollowWay>, example = json!(["official_account", "profile", "qrcode", "article", "contact"]))]
    pub methods: Vec<Way>,
    /// For `wx.openOfficialAccountProfile`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<ProfileView>,
    /// For the contact button.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article_url: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ProfileView {
    /// The service account's original id.
    #[schema(example = "gh_97417a04a28d")]
    pub username: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ContactView {
    /// The button's `session-from`.
    #[schema(example = "follow")]
    pub session_from: String,
}

/// What we know of the user, and what to ask of them.
#[utoipa::path(
    get, path = "/me", operation_id = "getMe", tag = "users",
    params(
        ("scene" = Option<u32>, Query, description = "The scene the mini program was opened with (`wx.getLaunchOptionsSync().scene`).", maximum = 2147483647, example = 1047),
        ("platform" = Option<String>, Query, description = "Where it runs (`wx.getDeviceInfo().platform`); `ohos` has no contact button.", min_length = 1, max_length = 32, example = "ohos"),
    ),
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
    let opened = Opened::read(query.as_deref())?;
    let now = app.now();
    let settings = app.settings.get(now).await.map_err(AppError::from)?;
    let secrets = app.secrets.get(now).await.map_err(AppError::from)?;
    let user = profile(&app, &login).await?;
    Ok(Json(answer(&user, &settings, secrets.service_account.as_ref(), opened)))
}

/// How and where the mini program was opened.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Opened {
    scene: Option<u32>,
    is_on_harmony_os: bool,
}

impl Opened {
    fn read(query: Option<&str>) -> Result<Self, Problem> {
        let mut errors = FieldErrors::default();
        let scene =
            parameter(query, "scene").map(|text| text.parse().ok().filter(|scene| *scene <= SCENE_MAX));
        if scene == Some(None) {
            let rule = RuleCode::Range.says("must be a number such as 1047");
            errors.at("scene", rule.with("min", 0).with("max", SCENE_MAX));
        }
        let platform = parameter(query, "platform");
        if let Some(text) = &platform {
            let value = Value::from(text.as_ref());
            Field { path: "platform".to_owned(), value: &value }.text_of(1..=PLATFORM_CHARS_MAX, &mut errors);
        }
        let is_on_harmony_os = platform.as_deref() == Some(HARMONY_OS);
        let opened = Self { scene: scene.flatten(), is_on_harmony_os };
        errors.into_result(Some(opened)).map_err(Problem::invalid)
    }
}

pub(super) fn answer(
    user: &User,
    settings: &Settings,
    service_account: Option<&AccountSecrets>,
    opened: Opened,
) -> MeAnswer {
    let contact = settings.guide.contact_session_from.clone();
    let article_url = settings.guide.article_url.clone();
    let username = service_account.and_then(|account| account.original_id.clone());
    let available = Available {
        service_account: service_account.is_some(),
        profile: username.is_some(),
        contact: contact.is_some(),
        article: article_url.is_some(),
    };
    let visitor = Visitor {
        scene: opened.scene,
        is_on_harmony_os: opened.is_on_harmony_os,
        is_linked: user.unionid.is_some(),
    };
    let methods = if user.follow.followed { Vec::new() } else { ways_to_follow(visitor, available) };
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
            profile: username.map(|username| ProfileView { username }),
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
