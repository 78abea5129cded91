//! The control API and the page (docs/design.md §9): what a person, a script or a test tells this world.
//!
//! The simulated WeChat brings its own calls; here are the others, and the rule for all of them: at
//! explicit pace a call answers once everything due at this instant has run.

mod clock;
mod events;
mod faults;
mod mini_program;
mod overview;
mod page;
mod player;
mod refused;
mod requests;
mod state;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::{self, Next};
use axum::response::Response;

pub(crate) use player::Player;
pub(crate) use state::Control;

use crate::wechat;

pub(crate) fn router(control: Control) -> Router {
    Router::new()
        .merge(clock::router())
        .merge(events::router())
        .merge(faults::router())
        .merge(mini_program::router())
        .merge(page::router())
        .merge(requests::router())
        .with_state(control.clone())
        .merge(wechat::control::router(control.platform.clone()))
        .layer(middleware::from_fn_with_state(control, settle_after))
}

async fn settle_after(State(control): State<Control>, request: Request, next: Next) -> Response {
    let changes = request.method() != Method::GET;
    let response = next.run(request).await;
    if changes {
        let timeline = control.timeline.clone();
        control.finish(async move { timeline.settle().await }).await;
        control.timeline.touched();
    }
    response
}
