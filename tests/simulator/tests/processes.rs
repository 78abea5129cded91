//! Real processes behind the Runtime API. This binary is both: started by a simulated world it is the
//! function, started by anybody else it is the test.

use std::path::Path;

use lambda_http::lambda_runtime::{self, LambdaEvent, service_fn};
use serde_json::{Value, json};
use simulator::functions;
use simulator::lambda::{FunctionName, InvokeError};
use simulator::options::Options;
use simulator::world::World;

#[expect(clippy::disallowed_methods, reason = "Lambda tells a function what it is by its environment")]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[tokio::main]
async fn main() {
    match environment("AWS_LAMBDA_RUNTIME_API") {
        Some(_) => lambda_runtime::run(service_fn(function)).await.expect("the Runtime API is there"),
        None => binaries_are_started_kept_warm_and_replaced_when_they_die().await,
    }
}

async fn function(event: LambdaEvent<Value>) -> Result<Value, lambda_runtime::Error> {
    match event.payload["end"].as_str() {
        Some("error") => Err("as told".into()),
        Some("exit") => std::process::exit(3),
        _ => Ok(json!({
            "pid": std::process::id(),
            "table": environment("TABLE_NAME"),
            "event": event.payload,
            "home": environment("HOME"),
        })),
    }
}

async fn binaries_are_started_kept_warm_and_replaced_when_they_die() {
    let folder = std::env::temp_dir().join(format!("simulator-processes-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let this = std::env::current_exe().expect("this program");
    for function in FunctionName::ALL {
        link(&this, &folder.join(function.as_str()));
    }
    let options = Options { processes: Some(folder.clone()), ..Options::default() };
    let world = World::start(options, functions::built_in()).await.expect("a world");
    let invoke = async |event: Value| world.lambda().invoke(FunctionName::ReminderDispatch, event).await;

    let first = invoke(json!({ "n": 1 })).await.expect("an answer");
    assert_eq!(
        (&first["table"], &first["event"], &first["home"]),
        (&json!("reminders"), &json!({ "n": 1 }), &Value::Null)
    );
    let second = invoke(json!({ "n": 2 })).await.expect("an answer");
    assert_eq!(first["pid"], second["pid"], "kept warm");
    let failed = invoke(json!({ "end": "error" })).await;
    assert!(matches!(&failed, Err(InvokeError::Failed(text)) if text.contains("as told")), "{failed:?}");
    assert_eq!(invoke(json!({})).await.expect("an answer")["pid"], first["pid"], "an error is no death");
    assert_eq!(invoke(json!({ "end": "exit" })).await, Err(InvokeError::Died));
    let third = invoke(json!({ "n": 3 })).await.expect("an answer of another process");
    assert_ne!(first["pid"], third["pid"]);

    drop(world);
    std::fs::remove_dir_all(folder).expect("the folder is ours");
}

#[cfg(unix)]
fn link(from: &Path, to: &Path) {
    std::os::unix::fs::symlink(from, to).expect("a link");
}

#[cfg(not(unix))]
fn link(from: &Path, to: &Path) {
    std::fs::copy(from, to.with_extension(std::env::consts::EXE_EXTENSION)).expect("a copy");
}
