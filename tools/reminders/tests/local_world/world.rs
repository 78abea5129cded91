//! A world, somebody in it, and the command said to it.

use std::ffi::OsString;

use jiff::Timestamp;
use reminders::{Language, Terminal, run};
use serde_json::{Value, json};
use simulator::functions;
use simulator::options::Options;
use simulator::people::Person;
use simulator::timeline::Pace;
use simulator::world::World;

/// A Sunday morning in Shanghai.
pub(crate) const BEGINS: &str = "2027-01-10T10:00:00+08:00";
const TOLD_AT: &str = "2027-01-12T09:00:00+08:00";

#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) code: u8,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Told {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).expect("JSON on standard output")
    }
}

pub(crate) fn instant(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

pub(crate) async fn world() -> World {
    let options = Options { pace: Pace::Explicit { now: instant(BEGINS) }, ..Options::default() };
    World::start(options, functions::built_in()).await.expect("the world starts")
}

pub(crate) async fn typed(words: &[&str], language: Language, typed: Option<&str>) -> Told {
    edited(words, language, typed, "false").await
}

/// A person at the terminal types `typed`; without, nobody is there.
pub(crate) async fn edited(words: &[&str], language: Language, typed: Option<&str>, editor: &str) -> Told {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut input = typed.unwrap_or_default().as_bytes();
    let interactive = typed.is_some();
    let terminal = Terminal {
        out: &mut out,
        err: &mut err,
        input: &mut input,
        interactive,
        editor: editor.to_owned(),
        variable: |_| None,
        unseen: None,
    };
    let line = ["reminders"].iter().chain(words).map(OsString::from);
    let code = run(line, language, terminal).await;
    let [out, err] = [out, err].map(|bytes| String::from_utf8(bytes).expect("text"));
    Told { code, out, err }
}

pub(crate) fn at(world: &World) -> String {
    format!("--local={}", world.addresses().url(world.addresses().control))
}

pub(crate) async fn says(world: &World, words: &[&str]) -> Told {
    typed(&[&[at(world).as_str()], words].concat(), Language::English, None).await
}

/// 小明 follows, and has a passport that is told of two days later.
pub(crate) async fn with_passport(world: &World) -> (Person, String) {
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
pub(crate) struct Scratch(std::path::PathBuf);

impl Scratch {
    pub(crate) fn holding(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("reminders-{}-{name}", std::process::id()));
        std::fs::write(&path, text).expect("a file");
        Self(path)
    }

    pub(crate) fn path(&self) -> &str {
        self.0.to_str().expect("a path")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// The text of every field, whatever it is called.
pub(crate) fn leaves(value: &Value) -> Vec<String> {
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
