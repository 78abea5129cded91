//! Others write to the user in the name of one of our accounts.

use axum::body::Bytes;
use axum::extract::{Path, State as Shared};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::verb::{Rejection, act_as};
use crate::wechat::Platform;
use crate::wechat::api::others;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    /// A template of either account; of a subscription template it costs one of the user's accepts.
    template_id: String,
}

/// A message of another system arrives; its receipt comes to the callback.
pub(super) async fn told(
    Shared(platform): Shared<Platform>,
    Path(name): Path<String>,
    body: Bytes,
) -> Response {
    act_as(&platform, &name, &body, |state, now, user, told: Told| {
        let found = state.templates.all().iter().find(|template| template.template_id == told.template_id);
        let template = found
            .cloned()
            .ok_or_else(|| Rejection::field("template_id", "neither account has this template"))?;
        let accepted = others::send(state, user, &template, now).map_err(|refusal| {
            Rejection::field("template_id", format_args!("refused with {}", refusal.errcode))
        })?;
        Ok(json!({ "msgid": accepted.msgid, "reached": accepted.reached }))
    })
    .await
}
