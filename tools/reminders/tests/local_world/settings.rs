//! `settings`: put, edited, restored.

use reminders::{FAILED, FINE, Language};
use serde_json::json;

use crate::world::{Scratch, at, edited, says, typed, world};

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

/// An editor that puts `to` for every `from`.
fn editor(from: &str, to: &str) -> String {
    format!("sed -i s|{from}|{to}|g")
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn settings_are_edited_until_they_are_right_and_put_if_nobody_else_did() {
    let world = world().await;
    let edit = [&at(&world), "settings", "edit"];
    let told = edited(&edit, Language::English, Some(""), &editor("Mars", "Venus")).await;
    assert_eq!((told.code, told.err.as_str()), (FINE, "nothing was changed\n"));
    // The first draft is wrong, and so is the second; then they have enough.
    let told =
        edited(&edit, Language::English, Some("yes\nyes\nyes\nno\n"), &editor("Asia/Shanghai", "Mars/Base"))
            .await;
    assert_eq!(told.code, FAILED, "{told:?}");
    assert_eq!(told.err.matches("\n  timezone: ").count(), 2, "{}", told.err);
    let told = edited(&edit, Language::English, Some("yes\n"), &editor("Asia/Shanghai", "Asia/Urumqi")).await;
    assert_eq!(told.code, FINE, "{told:?}");
    assert!(
        told.err.contains("-  \"timezone\": \"Asia/Shanghai\",\n+  \"timezone\": \"Asia/Urumqi\""),
        "{}",
        told.err
    );
    assert_eq!(says(&world, &["settings", "get"]).await.json()["timezone"], "Asia/Urumqi");
    let history = says(&world, &["settings", "history"]).await.out;
    let versions: Vec<&str> = history.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(versions, ["2", "1"]);
    let file = Scratch::holding("stale.json", &says(&world, &["settings", "get"]).await.out);
    let told = says(&world, &["settings", "put", file.path(), "--if-version", "1", "--yes"]).await;
    assert!(told.code == FAILED && told.err.contains("another version"), "{told:?}");
    assert_eq!(says(&world, &["settings", "restore", "1", "--yes"]).await.code, FINE);
    assert_eq!(says(&world, &["settings", "get"]).await.json()["timezone"], "Asia/Shanghai");
}
