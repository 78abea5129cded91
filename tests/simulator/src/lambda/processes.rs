//! The compiled binaries as functions: one process per sandbox, over Lambda's Runtime API.
//!
//! The Runtime API's address is a host and a port and nothing else, so every process has a listener of its
//! own. A process that ends by itself takes its sandbox with it; the next event starts another one.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{HeaderName, HeaderValue, Method, Request, StatusCode};
use serde_json::{Value, json};
use tokio::process::Command;
use tokio::sync::{Notify, mpsc, oneshot};

use super::{Factory, FunctionName, Functions, Hosted};
use crate::listen::{self, Reply};
use crate::tasks::Tasks;
use crate::timeline::Timeline;

const RUNTIME_API: &str = "/2018-06-01/runtime/";

#[derive(Debug, thiserror::Error)]
#[error("there is no compiled function at {0}; `cargo build` makes it, --bin-dir says where it is")]
pub struct NoBinary(PathBuf);

/// The four binaries in `folder`, each named as its crate.
pub(crate) fn functions(folder: &Path, tasks: &Tasks) -> Result<Functions, NoBinary> {
    let of = |function: FunctionName| -> Result<Factory, NoBinary> {
        let binary = folder.join(function.as_str()).with_extension(std::env::consts::EXE_EXTENSION);
        if !binary.is_file() {
            return Err(NoBinary(binary));
        }
        let tasks = tasks.clone();
        Ok(Arc::new(move |environment, timeline| {
            let process = Process::start(function, &binary, environment, timeline, &tasks);
            process.map(|process| Arc::new(process) as Arc<dyn Hosted>).map_err(|error| error.to_string())
        }))
    };
    Ok(Functions {
        wechat_callback: of(FunctionName::WechatCallback)?,
        reminder_api: of(FunctionName::ReminderApi)?,
        reminder_dispatch: of(FunctionName::ReminderDispatch)?,
        operations: of(FunctionName::Operations)?,
    })
}

type Answer = oneshot::Sender<Result<Value, String>>;

struct Process {
    runtime: Arc<Runtime>,
    events: mpsc::UnboundedSender<(String, Value)>,
    numbers: AtomicU64,
    id: Option<u32>,
}

/// What the process and this world share.
struct Runtime {
    function: FunctionName,
    timeline: Timeline,
    events: tokio::sync::Mutex<mpsc::UnboundedReceiver<(String, Value)>>,
    pending: Mutex<HashMap<String, Answer>>,
    ended: AtomicBool,
    end: Notify,
}

impl Process {
    fn start(
        function: FunctionName,
        binary: &Path,
        environment: BTreeMap<String, String>,
        timeline: Timeline,
        tasks: &Tasks,
    ) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let mut child = Command::new(binary)
            .env_clear()
            .envs(environment)
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .stdin(Stdio::null())
            // What a function prints is its log; our own output stays readable by programs.
            .stdout(Stdio::from(io::stderr()))
            .kill_on_drop(true)
            .spawn()?;
        let id = child.id();
        let (events, receiver) = mpsc::unbounded_channel();
        let runtime = Arc::new(Runtime {
            function,
            timeline,
            events: tokio::sync::Mutex::new(receiver),
            pending: Mutex::default(),
            ended: AtomicBool::new(false),
            end: Notify::new(),
        });
        let served = runtime.clone();
        tasks.spawn(async move {
            let handler = served.clone();
            tokio::select! {
                () = listen::serve(listener, move |request, caller| handler.clone().answer(request, caller)) => {}
                status = child.wait() => {
                    tracing::warn!(function = served.function.as_str(), ?status, "a function's process ended");
                }
                () = served.end.notified() => {}
            }
            served.ended.store(true, Ordering::SeqCst);
            served.pending().clear();
            // Dropping the child kills it.
        });
        Ok(Self { runtime, events, numbers: AtomicU64::new(0), id })
    }
}

impl Hosted for Process {
    fn invoke(&self, event: Value) -> BoxFuture<'static, Result<Value, String>> {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed) + 1;
        let id = format!("00000000-0000-4000-9000-{number:012x}");
        let (answer, answered) = oneshot::channel();
        self.runtime.pending().insert(id.clone(), answer);
        let sent = self.events.send((id, event)).is_ok() && self.is_alive();
        Box::pin(async move {
            if !sent {
                return Err("its process has ended".to_owned());
            }
            answered.await.unwrap_or_else(|_| Err("its process has ended".to_owned()))
        })
    }

    fn is_alive(&self) -> bool {
        !self.runtime.ended.load(Ordering::SeqCst)
    }

    fn process_id(&self) -> Option<u32> {
        self.id.filter(|_| self.is_alive())
    }

    fn end(&self) {
        self.runtime.end.notify_one();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

impl Runtime {
    async fn answer(self: Arc<Self>, request: Request<Bytes>, _caller: IpAddr) -> Reply {
        let path = request.uri().path().strip_prefix(RUNTIME_API).unwrap_or_default().to_owned();
        let segments: Vec<&str> = path.split('/').collect();
        match (request.method(), segments.as_slice()) {
            (&Method::GET, ["invocation", "next"]) => self.next().await,
            (&Method::POST, ["invocation", id, "response"]) => {
                let answer = serde_json::from_slice(request.body()).map_err(|error| error.to_string());
                Ok(self.settle(id, answer))
            }
            (&Method::POST, ["invocation", id, "error"]) => {
                Ok(self.settle(id, Err(reported(request.body()))))
            }
            (&Method::POST, ["init", "error"]) => {
                tracing::error!(
                    function = self.function.as_str(),
                    error = reported(request.body()),
                    "a function did not start"
                );
                self.end.notify_one();
                Ok(accepted())
            }
            _ => Ok(listen::json(StatusCode::NOT_FOUND, &json!({ "errorMessage": "no such call" }))),
        }
    }

    async fn next(&self) -> Reply {
        let (id, event) = self.events.lock().await.recv().await.ok_or(listen::Dropped)?;
        let mut response = listen::json(StatusCode::OK, &event);
        let timeout_ms = i64::try_from(self.function.timeout().as_millis()).unwrap_or(i64::MAX);
        let deadline_ms = self.timeline.now().as_millisecond() + timeout_ms;
        for (name, value) in [
            ("lambda-runtime-aws-request-id", id.clone()),
            ("lambda-runtime-deadline-ms", deadline_ms.to_string()),
            ("lambda-runtime-invoked-function-arn", self.function.arn()),
            ("lambda-runtime-trace-id", format!("Root=1-00000000-{}", id.replace('-', ""))),
        ] {
            let value = HeaderValue::try_from(value).map_err(|_| listen::Dropped)?;
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
        Ok(response)
    }

    fn settle(&self, id: &str, answer: Result<Value, String>) -> http::Response<Bytes> {
        match self.pending().remove(id) {
            Some(waiting) => {
                let _ = waiting.send(answer);
                accepted()
            }
            None => listen::json(StatusCode::BAD_REQUEST, &json!({ "errorType": "InvalidRequestID" })),
        }
    }

    fn pending(&self) -> MutexGuard<'_, HashMap<String, Answer>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn accepted() -> http::Response<Bytes> {
    listen::json(StatusCode::ACCEPTED, &json!({ "status": "OK" }))
}

/// The error a runtime reports, without its stack.
fn reported(body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let message = body["errorMessage"].as_str().unwrap_or("no message");
    format!("{}: {message}", body["errorType"].as_str().unwrap_or("Error"))
}
