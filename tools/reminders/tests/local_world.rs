//! Every command against the local world, in this process: what is printed where, and with which exit code it ends.

use std::ffi::OsString;

use jiff::Timestamp;
use reminders::{FAILED, FINE, Language, Terminal, UNREACHABLE, USAGE, run};
use serde_json::{Value, json};
use simulator::functions;
use simulator::options::Options;
use simulator::people::Person;
use simulator::timeline::Pace;
use simulator::world::World;

/// A Sunday morning in Shanghai.
const BEGINS: &str = "2027-01-10T10:00:00+08:00";
const TOLD_AT: &str = "2027-01-12T09:00:00+08:00";

#[derive(Debug)]
struct Told {
    code: u8,
    out: String,
    err: String,
}

impl Told {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).expect("JSON on standard output")
    }
}

fn instant(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

async fn world() -> World {
    let options = Options { pace: Pace::Explicit { now: instant(BEGINS) }, ..Options::default() };
    World::start(options, functions::built_in()).await.expect("the world starts")
}

/// A person at the terminal types `typed`; without, nobody is there.
async fn typed(words: &[&str], language: Language, typed: Option<&str>) -> Told {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut input = typed.unwrap_or_default().as_bytes();
    let interactive = typed.is_some();
    let terminal = Terminal { out: &mut out, err: &mut err, input: &mut input, interactive };
    let line = ["reminders"].iter().chain(words).map(OsString::from);
    let code = run(line, language, terminal).await;
    let [out, err] = [out, err].map(|bytes| String::from_utf8(bytes).expect("text"));
    Told { code, out, err }
}

fn at(world: &World) -> String {
    format!("--local={}", world.addresses().url(world.addresses().control))
}

async fn says(world: &World, words: &[&str]) -> Told {
    typed(&[&[at(world).as_str()], words].concat(), Language::English, None).await
}

/// 小明 follows, and has a passport that is told of two days later.
async fn with_passport(world: &World) -> (Person, String) {
    let mut person = Person::arrives(world, "小明", true).await;
    assert_eq!(person.logs_in().await.status, 200);
    assert_eq!(person.does("follow", json!({"via": "search"})).await.status, 200);
    let reminder = json!({
        "template": "expiry", "title": "护照", "note": "到出入境大厅换发",
        "expires_at": "2027-03-01T00:00:00+08:00", "pushes": [{"at": TOLD_AT}],
    });
    let answer = person.registers(reminder).await;
    assert_eq!(answer.status, 201, "{answer}");
    let id = answer.body["id"].as_str().expect("an id").to_owned();
    (person, id)
}

/// A file of a test's own, gone afterwards.
struct Scratch(std::path::PathBuf);

impl Scratch {
    fn holding(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("reminders-{}-{name}", std::process::id()));
        std::fs::write(&path, text).expect("a file");
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("a path")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn exit_codes_say_what_happened() {
    let world = world().await;
    let (person, id) = with_passport(&world).await;
    let openid = person.mini_program_openid.as_str();
    let broken = Scratch::holding("broken.json", "{");
    let wrong = Scratch::holding("wrong.json", r#"{"timezone": "Mars/Base"}"#);
    for (words, code) in [
        (&["templates"][..], FINE),
        (&["quota"], FINE),
        (&["settings", "get"], FINE),
        (&["followers", "sync"], FINE),
        (&["user", "show", openid], FINE),
        (&["user", "show", "oNobody"], FAILED),
        (&["user", "find", &id], FINE),
        (&["user", "find", "aaaaabbbbbcccccddddd"], FAILED),
        (&["user", "find", "护照"], FAILED),
        (&["why", &id], FINE),
        (&["why", "aaaaabbbbbcccccddddd"], FAILED),
        (&["redrive", &id], FINE),
        (&["redrive", "--since", BEGINS], FINE),
        (&["redrive", "--template", "nosuch", "--again"], FAILED),
        (&["redrive", "--template", "expiry"], USAGE),
        (&["redrive", &id, "--since", BEGINS], USAGE),
        (&["redrive"], USAGE),
        (&["redrive", "--since", "yesterday"], USAGE),
        (&["settings", "put", "/nosuch/file", "--yes"], USAGE),
        (&["settings", "put", broken.path(), "--yes"], USAGE),
        (&["settings", "put", wrong.path(), "--yes"], FAILED),
        (&["settings", "put", wrong.path()], USAGE),
        (&["user", "forget", openid], USAGE),
        (&["stats", "--days", "0"], USAGE),
        (&["burn"], USAGE),
        (&["user"], USAGE),
        (&["--region", "cn-north-1", "doctor"], USAGE),
        (&["--help"], FINE),
        (&["--version"], FINE),
        (&["completions", "bash"], FINE),
        (&["user", "forget", openid, "--yes"], FINE),
        (&["user", "show", openid], FAILED),
    ] {
        let told = says(&world, words).await;
        assert_eq!(told.code, code, "{words:?}: {told:?}");
        assert_eq!(told.out.is_empty(), code != FINE, "{words:?}: {told:?}");
        assert!(code == FINE || !told.err.is_empty(), "{words:?} says why");
    }
    // A port that nobody listens on: one that this world had.
    let gone = at(&world);
    drop(world);
    for (local, code) in [(gone.as_str(), UNREACHABLE), ("--local=http://example.com", USAGE)] {
        let told = typed(&[local, "doctor"], Language::English, None).await;
        assert_eq!(told.code, code, "{told:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_fails_when_something_is_to_be_mended() {
    let world = world().await;
    world.ssm().change_secrets(|secrets| secrets["mini_program"]["app_secret"] = json!("x".repeat(32)));
    world.recycle();
    let told = says(&world, &["doctor"]).await;
    assert_eq!(told.code, FAILED, "{told:?}");
    assert!(told.out.contains("FAILED") && told.out.contains("mini_program.credentials"), "{}", told.out);
    let raw = says(&world, &["doctor", "--json"]).await;
    assert_eq!((raw.code, &raw.json()["ok"]), (FAILED, &json!(false)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_settings_get_prints_settings_put_takes() {
    let world = world().await;
    let got = says(&world, &["settings", "get"]).await;
    let mut settings = got.json();
    settings["quiet_hours"] = json!({"from": "23:00", "to": "07:00"});
    let file = Scratch::holding("settings.json", &settings.to_string());
    let put = [at(&world), "settings".to_owned(), "put".to_owned(), file.path().to_owned()];
    let put: Vec<&str> = put.iter().map(String::as_str).collect();
    for (answer, code, version) in [("no\n", FAILED, 1), ("", FAILED, 1), ("yes\n", FINE, 2)] {
        let told = typed(&put, Language::English, Some(answer)).await;
        assert_eq!(told.code, code, "{answer:?}: {told:?}");
        assert!(told.err.contains("Replace the settings at http://127.0.0.1"), "{told:?}");
        let stored = says(&world, &["settings", "get", "--json"]).await.json();
        assert_eq!(stored["version"], version, "after {answer:?}");
    }
    assert_eq!(says(&world, &["settings", "get"]).await.json(), settings);
    let wrong = Scratch::holding("faulty.json", r#"{"timezone": "Mars/Base", "templates": {}}"#);
    let told = says(&world, &["settings", "put", wrong.path(), "--yes"]).await;
    assert!(told.err.contains("\n  timezone: "), "each fault by its field: {}", told.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn why_tells_the_story_in_the_reminders_own_zone_and_the_persons_language() {
    let world = world().await;
    let (person, id) = with_passport(&world).await;
    world.advance_to(instant("2027-01-12T12:00:00+08:00")).await;
    let told = says(&world, &["why", &id]).await;
    for line in [
        "“护照” (expiry), expires 2027-03-01 00:00",
        &format!("reminder {id}, active, of {}", person.mini_program_openid),
        "All times are of Asia/Shanghai.",
        "The user: follows the service account; linked; no accepted prompt left.",
        "push 1, for 2027-01-12 09:00: delivered: WeChat's receipt says that it arrived",
        "  by service_template",
        "  2027-01-10 10:00:00          registered",
    ] {
        assert!(told.out.lines().any(|said| said == line), "{line:?} in\n{}", told.out);
    }
    let chinese = typed(&[&at(&world), "why", &id], Language::Chinese, None).await;
    assert!(chinese.out.contains("第 1 次，定在 2027-01-12 09:00：微信的回执说送到了"), "{}", chinese.out);
    let raw = says(&world, &["why", &id, "--json"]).await.json();
    assert_eq!(raw["pushes"][0]["state"], "delivered");
    assert_eq!(raw["openid"], person.mini_program_openid);
}

#[tokio::test(flavor = "multi_thread")]
async fn why_names_the_reason_of_what_was_not_told() {
    let world = world().await;
    let (person, id) = with_passport(&world).await;
    assert_eq!(person.does("unfollow", json!({})).await.status, 200);
    world.advance_to(instant("2027-01-12T12:00:00+08:00")).await;
    let told = says(&world, &["why", &id]).await;
    assert!(told.out.contains("undeliverable: no channel reaches the user"), "{}", told.out);
    assert!(
        told.out.contains("the user does not follow the service account (not_following)"),
        "{}",
        told.out
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn forgetting_wants_a_yes_and_then_nothing_is_shown() {
    let world = world().await;
    let (person, _) = with_passport(&world).await;
    let openid = person.mini_program_openid.as_str();
    let forget = [&at(&world), "user", "forget", openid];
    let told = typed(&forget, Language::Chinese, Some("不\n")).await;
    assert_eq!(told.code, FAILED);
    assert!(says(&world, &["user", "export", openid]).await.out.contains("护照"));
    assert_eq!(typed(&forget, Language::Chinese, Some("是\n")).await.code, FINE);
    let told = says(&world, &["user", "export", openid]).await;
    assert!(told.out.is_empty() && told.err.contains("forgotten"), "{told:?}");
}

/// The text of every field, whatever it is called.
fn leaves(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Object(fields) => fields
            .iter()
            .filter(|(name, _)| *name != "appid" && *name != "mode")
            .flat_map(|(_, value)| leaves(value))
            .collect(),
        Value::Array(items) => items.iter().flat_map(leaves).collect(),
        _ => Vec::new(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_stands_in_any_output() {
    let world = world().await;
    let (person, id) = with_passport(&world).await;
    let openid = person.mini_program_openid.as_str();
    let secrets = leaves(&world.ssm().secrets());
    assert!(secrets.len() >= 7, "both accounts' secrets, and the signing key");
    let file = Scratch::holding("same.json", &says(&world, &["settings", "get"]).await.out);
    world.advance_to(instant("2027-01-12T12:00:00+08:00")).await;
    for words in [
        &["doctor"][..],
        &["settings", "get"],
        &["settings", "put", file.path(), "--yes"],
        &["templates"],
        &["quota"],
        &["followers", "sync"],
        &["user", "show", openid],
        &["user", "find", &id],
        &["user", "export", openid],
        &["why", &id],
        &["redrive", &id, "--again", "--even-unknown", "--yes"],
        &["test", openid, "expiry"],
        &["stats"],
        &["user", "forget", openid, "--yes"],
        &["--help"],
    ] {
        for more in [&[][..], &["--json"]] {
            for language in [Language::English, Language::Chinese] {
                let told = typed(&[&[at(&world).as_str()], words, more].concat(), language, None).await;
                let said = format!("{}{}", told.out, told.err);
                assert!(!said.is_empty(), "{words:?}");
                assert!(!secrets.iter().any(|secret| said.contains(secret.as_str())), "{words:?}: {said}");
            }
        }
    }
}
