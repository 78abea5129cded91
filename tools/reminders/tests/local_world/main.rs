//! Every command against the local world, in this process: what is printed where, and with which exit code it ends.

#![cfg(test)]

mod console;
mod settings;
mod setup;
mod stack;
mod world;

use reminders::{FAILED, FINE, Language, UNREACHABLE, USAGE};
use serde_json::json;

use world::{BEGINS, Scratch, at, instant, leaves, says, typed, with_passport, world};

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
        (&["settings", "edit"], USAGE),
        (&["settings", "history"], FINE),
        (&["settings", "restore", "7", "--yes"], FAILED),
        (&["settings", "restore", "1"], USAGE),
        (&["user", "forget", openid], USAGE),
        (&["stats", "--days", "0"], USAGE),
        (&["burn"], USAGE),
        (&["setup"], USAGE),
        (&["setup", "--until", "nosuch"], USAGE),
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
    let chinese = typed(&[&at(&world), "doctor"], Language::Chinese, None).await;
    for said in ["失败", "mini_program.credentials", "AppSecret 无效", "把当前的 AppSecret 写进密钥"]
    {
        assert!(chinese.out.contains(said), "{said:?} in\n{}", chinese.out);
    }
    // Programs read the same on every machine.
    let of_a_program = typed(&[&at(&world), "doctor", "--json"], Language::Chinese, None).await;
    assert_eq!(of_a_program.json(), raw.json());
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_settings_are_told_in_the_persons_language() {
    let world = world().await;
    let wrong = Scratch::holding("faults.json", r#"{"timezone": "Mars/Base", "templates": {}, "colour": 1}"#);
    let told = typed(&[&at(&world), "settings", "put", wrong.path(), "--yes"], Language::Chinese, None).await;
    assert_eq!(told.code, FAILED, "{told:?}");
    for said in ["以下字段有误，什么都没做：", "timezone：应为 IANA 时区名", "colour：没有这个字段"]
    {
        assert!(told.err.contains(said), "{said:?} in\n{}", told.err);
    }
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
