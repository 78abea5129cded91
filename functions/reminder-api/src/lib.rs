//! Function URL: what the mini program calls (docs/design.md §5). One operation, one file.
//!
//! Thin: it knows bearer tokens, status codes and JSON; [`reminder_core`] decides.
//!
//! | where | what |
//! | --- | --- |
//! | [`login`] [`me`] [`subscriptions`] [`reminders`] | the operations |
//! | `origin` `caller` `login_token` `request` | from where, who calls, and with what |
//! | `problem` | errors as RFC 9457, each with a stable code |
//! | `view` | reminders as JSON |
//! | [`openapi`] | the description of all this, generated from it |

mod caller;
pub mod login;
mod login_token;
pub mod me;
mod names;
pub mod openapi;
mod origin;
mod problem;
pub mod reminders;
mod request;
pub mod subscriptions;
mod view;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use reminder_core::App;

pub use problem::{BadField, Code, Problem};

pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/login", post(login::login))
        .route(
            "/me",
            get(me::show::show)
                .patch(me::change::change)
                .post(me::change::change_by_post)
                .delete(me::forget::forget),
        )
        .route("/me/qrcode", post(me::qrcode::qrcode))
        .route("/subscriptions", post(subscriptions::report))
        .route("/reminders", post(reminders::register::register).get(reminders::list::list))
        .route(
            "/reminders/{id}",
            get(reminders::show::show).put(reminders::renew::renew).delete(reminders::delete::delete),
        )
        .route("/reminders/{id}/done", post(reminders::done::done))
        .route("/reminders/{id}/reopen", post(reminders::reopen::reopen))
        .route("/reminders/{id}/snooze", post(reminders::snooze::snooze))
        .route("/openapi.json", get(openapi::serve))
        .fallback(problem::no_such_route)
        .method_not_allowed_fallback(problem::no_such_method)
        // The body is read whole and bounded by ourselves, so that the error is ours too.
        .layer(DefaultBodyLimit::disable())
        // The last is the outermost: before any route is looked for.
        .layer(from_fn_with_state(app.clone(), origin::admit))
        .with_state(app)
}
