//! The gate between the functions and the services: every request is attributed, must be allowed by its
//! function's role, meets its planned fault, and is written into the journal. It decides nothing else about
//! what a service answers.
//!
//! A request that comes through a sandbox's own address belongs to the function running there; one that
//! comes through a public port belongs to nobody, and cannot take its maker down with it.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response, StatusCode};
use jiff::SignedDuration;

use crate::aws::{self, Service};
use crate::crashes::Crashes;
use crate::dynamodb::DynamoDb;
use crate::faults::{Crash, Fault, Faults};
use crate::iam::{self, Permission, Roles};
use crate::journal::{Entry, Journal};
use crate::lambda::{FunctionName, Sandbox};
use crate::listen::{Dropped, Reply};
use crate::rate::Waited;
use crate::sabotage::{Sabotage, Twisted};
use crate::scheduler::{self, Scheduler};
use crate::ssm::Ssm;
use crate::timeline::{Timeline, pause};
use crate::units::Spent;
use crate::wechat::Platform;

/// Cheap to clone, all clones are the same gate.
#[derive(Clone)]
pub(crate) struct Gate {
    services: Arc<Services>,
}

pub(crate) struct Services {
    pub(crate) timeline: Timeline,
    pub(crate) faults: Faults,
    pub(crate) journal: Journal,
    pub(crate) platform: Platform,
    pub(crate) dynamodb: DynamoDb,
    pub(crate) scheduler: Scheduler,
    pub(crate) ssm: Ssm,
    pub(crate) crashes: Crashes,
    pub(crate) sabotage: Option<Sabotage>,
    pub(crate) roles: Roles,
}

impl Gate {
    pub(crate) fn new(services: Services) -> Self {
        Self { services: Arc::new(services) }
    }

    /// One request to `service`, made in `sandbox` if that is known.
    pub(crate) async fn pass(
        &self,
        sandbox: Option<Arc<Sandbox>>,
        service: Service,
        request: Request<Bytes>,
        caller: IpAddr,
    ) -> Reply {
        if sandbox.as_ref().is_some_and(|sandbox| sandbox.is_gone()) {
            return Err(Dropped);
        }
        let function = sandbox.as_ref().map(|sandbox| sandbox.function());
        let reminder = sandbox.as_ref().and_then(|sandbox| sandbox.reminder());
        let (parts, body) = request.into_parts();
        let operation = operation(service, &parts);
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let needed =
            if function.is_some() { iam::needed(service, &operation, path, &body) } else { Vec::new() };
        let request = Request::from_parts(parts, body);
        let record = |outcome: String, spent: Option<Spent>| {
            let spent = (service == Service::Dynamodb).then(|| spent.unwrap_or_default());
            self.services.journal.record(Entry {
                n: 0,
                at: self.services.timeline.now(),
                service,
                operation: operation.clone(),
                outcome,
                spent,
                function,
                reminder: reminder.clone(),
                needed: needed.clone(),
            });
            self.services.timeline.touched();
        };
        let done = |response: &Response<Bytes>, met: &str| {
            let spent = response.extensions().get::<Spent>().cloned();
            if let (Some(sandbox), Some(Waited(span))) = (&sandbox, response.extensions().get()) {
                sandbox.waits(*span);
            }
            record(format!("{}{met}", aws::outcome(service, response)), spent);
        };
        if let Some(missing) = self.not_allowed(function, &needed) {
            record("AccessDeniedException".to_owned(), None);
            return Ok(iam::denied(missing).into_response(service));
        }
        let fault = function
            .and_then(|function| self.services.crashes.meet(function))
            .or_else(|| self.fault(service, &operation, &request));
        match fault {
            Some(Fault::Errcode(errcode)) => {
                let response = self.services.platform.refusal(request.uri().path(), errcode);
                record(format!("errcode {errcode} (planned)"), None);
                Ok(response)
            }
            Some(Fault::HttpStatus(status)) => {
                let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                let response = service.refusal(&operation, status);
                record(format!("{} (planned)", aws::outcome(service, &response)), None);
                Ok(response)
            }
            Some(Fault::Crash(Crash::Before)) => {
                record("not done (crash before)".to_owned(), None);
                kill(sandbox);
                Err(Dropped)
            }
            Some(Fault::Crash(Crash::After)) => {
                let response = self.answer(service, request, caller).await;
                done(&response, " (crash after)");
                kill(sandbox);
                Err(Dropped)
            }
            Some(Fault::DropRequest(true)) => {
                record("not done (request dropped)".to_owned(), None);
                Err(Dropped)
            }
            Some(Fault::DropReply(true)) => {
                let response = self.answer(service, request, caller).await;
                done(&response, " (reply dropped)");
                Err(Dropped)
            }
            Some(Fault::DelayMs(delay_ms)) => {
                let response = self.answer(service, request, caller).await;
                done(&response, &format!(" (answered {delay_ms} ms late)"));
                pause(Duration::from_millis(delay_ms)).await;
                Ok(response)
            }
            Some(Fault::FreezeS(span)) => {
                let response = self.answer(service, request, caller).await;
                done(&response, &format!(" (frozen for {span} s)"));
                self.freeze(sandbox, span).await;
                Ok(response)
            }
            // The rest are faults of pushes; they never reach the gate.
            None
            | Some(
                Fault::DropRequest(false)
                | Fault::DropReply(false)
                | Fault::Drop(_)
                | Fault::Repeat(_)
                | Fault::AfterS(_)
                | Fault::ZeroMsgid(_),
            ) => {
                let response = self.answer(service, request, caller).await;
                done(&response, "");
                Ok(response)
            }
        }
    }

    /// What goes wrong at the operation itself, or at all sends of the account.
    fn fault(&self, service: Service, operation: &str, request: &Request<Bytes>) -> Option<Fault> {
        let now = self.services.timeline.now();
        let met = |endpoint: &str| self.services.faults.meet(endpoint, now);
        met(&service.endpoint(operation)).or_else(|| {
            let account =
                (service == Service::Wechat).then(|| self.services.platform.sends_as(request))??;
            met(&format!("sends:{}", account.in_words()))
        })
    }

    /// The environment stands still for so many seconds of the world's time.
    async fn freeze(&self, sandbox: Option<Arc<Sandbox>>, span: u32) {
        let Some(sandbox) = sandbox else { return };
        let timeline = &self.services.timeline;
        let until = timeline.now() + SignedDuration::from_secs(span.into());
        sandbox.freeze(until);
        let frozen = sandbox.clone();
        timeline.at(until, async move { frozen.thaw(until) });
        sandbox.goes_on().await;
    }

    /// What the function's role does not grant; what comes from elsewhere has no role.
    fn not_allowed<'a>(
        &self,
        function: Option<FunctionName>,
        needed: &'a [Permission],
    ) -> Option<&'a Permission> {
        let role = self.services.roles.get(&function?);
        needed.iter().find(|needed| !role.is_some_and(|role| role.allows(needed)))
    }

    async fn answer(&self, service: Service, request: Request<Bytes>, caller: IpAddr) -> Response<Bytes> {
        let request = match self.services.sabotage.filter(|_| service == Service::Dynamodb) {
            None => request,
            Some(sabotage) => {
                let (parts, body) = request.into_parts();
                match sabotage.twists(target(&parts), &body) {
                    Twisted::Swallowed => {
                        return crate::listen::json(StatusCode::OK, &serde_json::json!({}));
                    }
                    Twisted::Instead(other) => Request::from_parts(parts, other),
                    Twisted::No => Request::from_parts(parts, body),
                }
            }
        };
        match service {
            Service::Dynamodb => self.services.dynamodb.answer(&request),
            Service::Scheduler => self.services.scheduler.answer(&request),
            Service::Ssm => self.services.ssm.answer(&request),
            Service::Wechat => {
                // On its own task: what WeChat has begun it finishes, also when the caller hangs up.
                let platform = self.services.platform.clone();
                let answer = tokio::spawn(async move { platform.answer(request, caller).await });
                answer.await.unwrap_or_else(|failure| {
                    tracing::error!(%failure, "the simulated WeChat panicked");
                    service.refusal("", StatusCode::INTERNAL_SERVER_ERROR)
                })
            }
        }
    }
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate").finish_non_exhaustive()
    }
}

/// What is asked for: the path for WeChat, the operation's name for AWS.
fn operation(service: Service, request: &Parts) -> String {
    match service {
        Service::Wechat => request.uri.path().to_owned(),
        Service::Dynamodb | Service::Ssm => target(request).to_owned(),
        Service::Scheduler => scheduler::operation(&request.method, request.uri.path()).to_owned(),
    }
}

/// The operation of a JSON service: what stands after the dot of `X-Amz-Target`.
fn target(request: &Parts) -> &str {
    request
        .headers
        .get("x-amz-target")
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.rsplit('.').next())
        .unwrap_or("Unknown")
}

fn kill(sandbox: Option<Arc<Sandbox>>) {
    if let Some(sandbox) = sandbox {
        sandbox.kill();
    }
}
