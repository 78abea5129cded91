//! The control API and the console page (docs/design.md §9): what a person, a script or a test tells this world.
//!
//! The simulated WeChat brings its own calls; here are the others, and the rule for all of them: at
//! explicit pace a call answers once everything due at this instant has run.

mod clock;
mod console;
mod faults;
mod requests;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tokio::sync::oneshot;

use crate::faults::Faults;
use crate::journal::Journal;
use crate::lambda::Lambda;
use crate::scheduler::Scheduler;
use crate::tasks::Tasks;
use crate::timeline::Timeline;
use crate::wechat::Platform;
use crate::world::World;

/// What the control calls work on.
#[derive(Debug, Clone)]
pub(crate) struct Control {
    timeline: Timeline,
    tasks: Tasks,
    faults: Faults,
    journal: Journal,
    platform: Platform,
    lambda: Lambda,
    scheduler: Scheduler,
}

/// A refused control call: a status, a word for programs, a sentence for people.
#[derive(Debug)]
struct Refused {
    status: StatusCode,
    error: &'static str,
    message: String,
}

impl Refused {
    fn invalid(error: &'static str, message: impl Into<String>) -> Self {
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, error, message: message.into() }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.status, axum::Json(json!({ "error": self.error, "message": self.message }))).into_response()
    }
}

impl Control {
    pub(crate) fn new(world: &World) -> Self {
        Self {
            timeline: world.timeline().clone(),
            tasks: world.tasks().clone(),
            faults: world.faults().clone(),
            journal: world.journal().clone(),
            platform: world.platform().clone(),
            lambda: world.lambda().clone(),
            scheduler: world.scheduler().clone(),
        }
    }

    pub(crate) fn router(self) -> Router {
        Router::new()
            .merge(clock::router())
            .merge(console::router())
            .merge(faults::router())
            .merge(requests::router())
            .with_state(self.clone())
            .merge(self.platform.control())
            .layer(middleware::from_fn_with_state(self, settle_after))
    }

    /// Work that is finished also when the caller hangs up: half an advance would lose events.
    async fn finish<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Option<T> {
        let (done, outcome) = oneshot::channel();
        self.tasks.spawn(async move {
            let _ = done.send(work.await);
        });
        outcome.await.ok()
    }
}

async fn settle_after(State(control): State<Control>, request: Request, next: Next) -> Response {
    let changes = request.method() != Method::GET;
    let response = next.run(request).await;
    if changes {
        let timeline = control.timeline.clone();
        control.finish(async move { timeline.settle().await }).await;
    }
    response
}
