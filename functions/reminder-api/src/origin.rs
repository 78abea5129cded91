//! From where requests may come: while the secrets have an origin secret, only through the CDN or relay that adds it.
//!
//! Around all routes, those that are none too, and before anything of a request or the table is read: what came past the
//! front costs as little as can be.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue};
use reminder_core::app::secrets::Secrets;
use reminder_core::{App, AppError};

use crate::problem::{Code, Problem};

const ORIGIN_SECRET: HeaderName = HeaderName::from_static("x-origin-secret");

/// Lets a request in, or answers 403.
pub(crate) async fn admit(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    // Taken out: nobody behind has business with it.
    let given = request.headers_mut().remove(ORIGIN_SECRET);
    if is_admitted(&app, given.as_ref()).await? {
        return Ok(next.run(request).await);
    }
    if app.bell.rings("requests past the front", app.now()) {
        tracing::warn!(
            with_header = given.is_some(),
            "a request without our origin secret was refused; others of these minutes are not mentioned"
        );
    }
    Err(Problem::new(Code::ForbiddenOrigin, "this service answers only what comes through its own domain"))
}

async fn is_admitted(app: &App, given: Option<&HeaderValue>) -> Result<bool, Problem> {
    let secrets = app.secrets.get(app.now()).await.map_err(AppError::from)?;
    let admitted = admits(&secrets, given);
    if admitted && given.is_some() == secrets.origin_secret.is_some() {
        return Ok(true);
    }
    // Perhaps it was set, changed or taken away since ours were fetched; asked at most once a minute.
    Ok(match app.secrets.get_newer(app.now()).await {
        Ok(Some(newer)) => admits(&newer, given),
        Ok(None) | Err(_) => admitted,
    })
}

fn admits(secrets: &Secrets, given: Option<&HeaderValue>) -> bool {
    match (&secrets.origin_secret, given) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(secret), Some(given)) => secret.is(given.as_bytes()),
    }
}
