//! The doctor finds every ailment that was planted, says what to do, and is quiet about the healthy.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use scenarios::mishap::{Call, refusal};
use serde_json::json;
use simulator::functions;
use simulator::options::Options;
use simulator::stack::TABLE_NAME;
use simulator::timeline::Pace;
use simulator::wechat::{AccountName, Api, Format, Kind, Mode, Template};
use simulator::world::World;
use wechat::ErrCode;

use crate::operations::{ask, lose_schedules, put_settings};
use crate::scene::{
    BEGINS, SUBSCRIPTION, Scene, instant, passport, play, play_with, play_without_service_account, registered,
};
use crate::verbs::Verbs;
use crate::wire::{MINI, SERVICE, account, call_back, items, post};

const AT: &str = "2027-01-11T09:00:00+08:00";

/// A world in use: callbacks of both accounts came, something is due tomorrow.
async fn in_use(scene: &Scene) -> simulator::people::Person {
    let person = scene.follower("小明").await;
    scene.accepts(&person, 1).await;
    assert_eq!(person.registers(passport(AT)).await.status, 201);
    person
}

/// Names in WeChat's console, which has them in Chinese only.
const CONSOLE: [&str; 2] = ["通知中心", "安全"];
/// So many English words one after the other are a sentence.
const WORDS_OF_A_SENTENCE: usize = 4;

fn is_chinese(text: &str) -> bool {
    text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

/// The longest run of English words, but for what WeChat itself is quoted with: that has a `rid` and stands in parentheses.
fn english_words(text: &str) -> usize {
    let quoted = |part: &str| {
        part.split_once('）').filter(|(inside, _)| inside.contains("rid: ")).map(|(_, rest)| rest.to_owned())
    };
    let ours: String =
        text.split('（').map(|part| quoted(part).unwrap_or_else(|| part.to_owned()) + "（").collect();
    let is_word = |word: &&str| word.is_ascii() && word.starts_with(|c: char| c.is_ascii_alphabetic());
    let words: Vec<&str> = ours.split_whitespace().collect();
    words.split(|word| !is_word(word)).map(<[&str]>::len).max().unwrap_or_default()
}

/// Both texts of every finding are in the language that was asked for.
async fn hold_languages(scene: &Scene) {
    for language in ["en", "zh"] {
        let report = ask(scene, json!({"operation": "doctor", "language": language})).await;
        let findings = report["findings"].as_array().expect("findings");
        for text in findings
            .iter()
            .flat_map(|finding| ["what", "do"].map(|name| finding[name].as_str().expect("text")))
        {
            match language {
                _ if text.is_empty() => {}
                "en" => {
                    let ours = CONSOLE.iter().fold(text.to_owned(), |text, name| text.replace(name, ""));
                    assert!(!is_chinese(&ours), "{text}");
                }
                _ => assert!(is_chinese(text) && english_words(text) < WORDS_OF_A_SENTENCE, "{text}"),
            }
        }
    }
}

/// What is not in order: check, status, what, and what to do, one line each. Also checks the shape, and both languages.
async fn findings(scene: &Scene) -> Vec<String> {
    let report = ask(scene, json!({"operation": "doctor"})).await;
    hold_languages(scene).await;
    let findings = report["findings"].as_array().expect("findings");
    let failed = findings.iter().any(|finding| finding["status"] == "failed");
    assert_eq!(report["ok"], json!(!failed), "{report}");
    assert!(findings.len() >= 5, "{report}");
    let bad =
        findings.iter().filter(|finding| finding["status"] == "failed" || finding["status"] == "warning");
    bad.map(|finding| {
        let text = |key: &str| finding[key].as_str().expect("text").to_owned();
        assert!(!text("do").is_empty(), "{finding}");
        format!("{} {}: {} → {}", text("status"), text("check"), text("what"), text("do"))
    })
    .collect()
}

/// Exactly one ailment, of this check, in whose line all these words are.
#[track_caller]
fn only(found: &[String], begins: &str, words: &[&str]) {
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].starts_with(begins), "{found:#?}");
    for word in words {
        assert!(found[0].contains(word), "{word:?} in {found:#?}");
    }
}

#[test]
fn an_english_sentence_in_chinese_is_found() {
    for (text, words) in [
        ("微信接受 appid 和 AppSecret。", 1),
        ("微信拒绝：40037 模板无效（invalid template_id, really it is, rid: 6015a-1-2）。", 0),
        ("先查：aws lambda get-account-settings --query AccountLimit.ConcurrentExecutions。再部署", 2),
        ("密钥有误：session_signing_key must be at least 32 characters。", 4),
    ] {
        assert_eq!(english_words(text), words, "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_says_in_chinese_what_our_own_side_and_wechat_do_not_tell() {
    play(async |scene| {
        in_use(scene).await;
        scene.plan(Call::NewtmplGettemplate, refusal(ErrCode::API_UNAUTHORIZED));
        let report = ask(scene, json!({"operation": "doctor", "language": "zh"})).await.to_string();
        let words = ["微信没有列出模板：微信拒绝：48001 账号没有这个接口的权限（", "给账号做微信认证"];
        assert!(words.iter().all(|word| report.contains(word)), "{report}");
        scene.world.ssm().change_secrets(|secrets| secrets["session_signing_key"] = json!("short"));
        scene.advance(SignedDuration::from_mins(2)).await;
        let report = ask(scene, json!({"operation": "doctor", "language": "zh"})).await.to_string();
        assert!(report.contains("密钥有误：session_signing_key 至少 32 个字符。"), "{report}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_tells_the_healthy_so() {
    play(async |scene| {
        in_use(scene).await;
        assert_eq!(findings(scene).await, [""; 0]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_finds_an_owner_without_service_account_healthy_too() {
    play_without_service_account(async |scene| {
        let person = scene.subscriber("小红", 1).await;
        assert_eq!(person.registers(passport(AT)).await.status, 201);
        assert_eq!(findings(scene).await, [""; 0]);
        let report = ask(scene, json!({"operation": "doctor"})).await;
        let skipped = report["findings"].as_array().expect("findings");
        let skipped = skipped.iter().find(|finding| finding["check"] == "service_account");
        assert_eq!(skipped.expect("it is mentioned")["status"], "skipped");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_notices_that_nobody_has_pasted_the_callbacks_address_yet() {
    play_without_service_account(async |scene| {
        only(&findings(scene).await, "warning mini_program.callback", &["/mini-program", "console"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_finds_a_wrong_secret() {
    play(async |scene| {
        in_use(scene).await;
        scene.world.ssm().change_secrets(|secrets| {
            secrets["mini_program"]["app_secret"] = json!("0123456789abcdef0123456789abcdef");
        });
        let words = ["40125", "Put the current AppSecret into the secrets"];
        only(&findings(scene).await, "failed mini_program.credentials", &words);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_names_an_address_that_is_not_on_the_whitelist() {
    play(async |scene| {
        in_use(scene).await;
        scene.change_account(SERVICE, |account| account.ip_whitelist = Some(Vec::new()));
        let words = ["40164", "127.0.0.1", "IP whitelist"];
        only(&findings(scene).await, "failed service_account.ip_whitelist", &words);
        // Mended; what dispatch met meanwhile is still told.
        scene.world.platform().revoke_tokens(SERVICE);
        scene.advance_to("2027-01-11T09:00:30+08:00").await;
        scene.change_account(SERVICE, |account| account.ip_whitelist = None);
        let words = ["admits our address now", "127.0.0.1"];
        only(&findings(scene).await, "warning service_account.ip_whitelist", &words);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_warns_of_what_rests_and_could_be_told() {
    play(async |scene| {
        let stranger = scene.user("小红").await;
        registered(&stranger, passport(AT)).await;
        in_use(scene).await;
        // On the one channel, and on the other.
        scene.plan(Call::TemplateSend, refusal(ErrCode::ARGUMENT_INVALID));
        scene.plan(Call::SubscribeSend, refusal(ErrCode::ARGUMENT_INVALID));
        scene.advance_to("2027-01-11T10:00:00+08:00").await;
        let words = ["1 reminders rest", "WeChat refused what they say", "settings.put arms all of them"];
        only(&findings(scene).await, "warning resting.refused", &words);
        put_settings(scene, |settings| settings["on_unknown"] = json!("report")).await;
        let report = ask(scene, json!({"operation": "doctor"})).await.to_string();
        assert!(report.contains("arming.settings") && report.contains("0 looked at"), "{report}");
        scene.advance(SignedDuration::from_mins(5)).await;
        assert_eq!(findings(scene).await, [""; 0], "it was told");
        let report = ask(scene, json!({"operation": "doctor"})).await.to_string();
        assert!(report.contains("1 reminders rest until their users follow or accept"), "{report}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_counts_records_that_cannot_be_read_and_names_nobody() {
    play(async |scene| {
        let person = in_use(scene).await;
        let second = registered(&person, passport(AT)).await.body["id"].clone();
        let mut stored = items(scene, &[]);
        stored.retain(|item| item["sk"]["S"] == format!("REMINDER#{}", second.as_str().expect("an id")));
        stored[0]["doc"] = json!({"S": "{}"});
        let put = json!({"TableName": TABLE_NAME, "Item": stored[0]});
        scene.world.dynamodb().run("PutItem", &put).expect("it is put");
        let found = findings(scene).await;
        let name = format!("REMINDER#{}", second.as_str().expect("an id"));
        only(&found, "failed records", &["1 records cannot be read", &name, "backup"]);
        assert!(!found[0].contains(&person.mini_program_openid), "{found:?}");
    })
    .await;
}

/// Longer than it takes until a refusal says more than that somebody knocked.
const A_WHILE: SignedDuration = SignedDuration::from_hours(6);

/// Somebody writes to the service account, and WeChat calls back.
async fn somebody_writes(scene: &Scene, person: &simulator::people::Person) {
    assert_eq!(person.says("service_account", "在吗").await.status, 200);
    scene.advance(SignedDuration::from_secs(30)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_tells_a_wrong_callback_token_by_refused_callbacks() {
    play(async |scene| {
        let person = in_use(scene).await;
        scene.change_account(SERVICE, |account| {
            account.callback_token = "somethingElse".to_owned();
        });
        somebody_writes(scene, &person).await;
        let words = ["signature is wrong", "somebody other than WeChat was knocking", "callback_token"];
        only(&findings(scene).await, "warning service_account.callback", &words);
        scene.advance(A_WHILE).await;
        let words = ["signature is wrong", "callback_token", "The last accepted callback came at"];
        only(&findings(scene).await, "failed service_account.callback", &words);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_tells_a_wrong_aes_key_by_refused_callbacks() {
    play(async |scene| {
        let person = in_use(scene).await;
        scene.change_account(SERVICE, |account| {
            account.encoding_aes_key = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG".to_owned();
        });
        scene.advance(A_WHILE).await;
        somebody_writes(scene, &person).await;
        let words = ["cannot be decrypted", "encoding_aes_key"];
        only(&findings(scene).await, "failed service_account.callback", &words);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_takes_no_stranger_at_the_door_for_a_wrong_key() {
    play(async |scene| {
        in_use(scene).await;
        let addresses = scene.world.addresses();
        let forty = "0123456789abcdef0123456789abcdef01234567";
        for query in [
            String::new(),
            "?signature=a&timestamp=1&nonce=1".to_owned(),
            "?signature=a&timestamp=NOW&nonce=1".to_owned(),
            "?signature=a&timestamp=NOW&nonce=1&encrypt_type=aes&msg_signature=a".to_owned(),
            format!("?signature={forty}&timestamp=NOW&nonce=1&encrypt_type=aes"),
            format!("?signature={forty}&timestamp=NOW&nonce=1&encrypt_type=aes&msg_signature={forty}"),
        ] {
            let query = query.replace("NOW", &scene.world.now().as_second().to_string());
            let url = format!("{}/service-account{query}", addresses.url(addresses.wechat_callback));
            let client = simulator::people::client();
            let knock = simulator::people::answer(client.post(url).body("<xml/>"));
            assert_eq!(knock.await.status, 403);
            assert_eq!(findings(scene).await, [""; 0], "{query}");
            scene.advance(SignedDuration::from_secs(61)).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_tells_a_wrong_mode_by_a_callback_that_wechat_signed() {
    play(async |scene| {
        let person = in_use(scene).await;
        scene.change_account(SERVICE, |account| account.mode = Mode::Plaintext);
        scene.advance(A_WHILE).await;
        somebody_writes(scene, &person).await;
        let words = ["not protected as this account's mode says", "The mode in WeChat's console"];
        only(&findings(scene).await, "failed service_account.callback", &words);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_names_what_could_not_be_read_and_what_wechat_punished() {
    play(async |scene| {
        in_use(scene).await;
        let account = account(scene, SERVICE);
        let envelope =
            account.wrap(Format::Xml, "success", "o1", scene.world.now(), "7", *b"0123456789abcdef");
        assert!(post(scene, SERVICE, &envelope).await.is_success());
        let words = ["neither XML nor JSON", "followers.sync"];
        only(&findings(scene).await, "warning service_account.callback_unreadable", &words);
        scene.advance_to("2027-01-11T10:01:00+08:00").await;
        let punished = json!({"MsgType": "event", "Event": "wxa_punish_event", "event_type": 2});
        assert!(call_back(scene, MINI, Format::Json, "oPlatform", &punished).await.is_success());
        only(&findings(scene).await, "warning mini_program.punishment", &["wxa_punish_event", "通知中心"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_tells_a_call_that_wechat_refused_lately_with_its_advice() {
    play(async |scene| {
        in_use(scene).await;
        scene.plan(Call::TemplateSend, refusal(ErrCode::INVALID_TEMPLATE_ID));
        scene.advance_to("2027-01-11T09:00:30+08:00").await;
        let words = ["last at 2027-01-11T01:00:", "40037 the template id is not valid", "templates.list"];
        only(&findings(scene).await, "warning service_account.calls", &words);
        scene.advance_to("2027-01-12T09:01:00+08:00").await;
        assert_eq!(findings(scene).await, [""; 0], "a day later it is an old story");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_finds_a_template_without_a_channel_of_any_account() {
    play_without_service_account(async |scene| {
        scene.subscriber("小红", 1).await;
        put_settings(scene, |settings| {
            settings["templates"]["expiry"]["channels"] = json!(["service_template", "service_notification"]);
        })
        .await;
        let words =
            ["service_template and service_notification only", "no service_account", "mini_subscription"];
        only(&findings(scene).await, "failed templates.expiry", &words);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_finds_an_unknown_template() {
    play(async |scene| {
        in_use(scene).await;
        put_settings(scene, |settings| {
            settings["templates"]["expiry"]["mini_subscription"]["template_id"] =
                json!("nobody-has-this-one");
        })
        .await;
        let words = ["nobody-has-this-one", "templates.list"];
        only(&findings(scene).await, "failed mini_program.templates.expiry.mini_subscription", &words);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_finds_a_mapping_that_does_not_fit() {
    play(async |scene| {
        in_use(scene).await;
        scene.world.platform().add_template(Template {
            account: AccountName::MiniProgram,
            template_id: SUBSCRIPTION.to_owned(),
            title: "到期提醒".to_owned(),
            keywords: ["thing1", "date2", "phrase4"].map(str::to_owned).to_vec(),
            fixed_values: BTreeMap::new(),
            kind: Kind::OneTime,
            api: Api::Subscription,
        });
        let words = ["wants phrase4", "does not have thing3", "Map exactly thing1, date2, phrase4"];
        only(&findings(scene).await, "failed mini_program.templates.expiry.mini_subscription", &words);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_finds_a_clock_that_is_wrong() {
    for (minutes, words) in [(4, "ahead of"), (-4, "behind")] {
        let options = Options { pace: Pace::Explicit { now: instant(BEGINS) }, ..Options::default() };
        let functions = functions::with_clocks_off_by(SignedDuration::from_mins(minutes));
        let scene = Scene { world: World::start(options, functions).await.expect("a world") };
        let person = scene.follower("小明").await;
        scene.accepts(&person, 1).await;
        only(&findings(&scene).await, "failed clock", &["4m", words, "Lambda's clock"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_finds_lost_schedules_before_anybody_misses_a_push() {
    play(async |scene| {
        in_use(scene).await;
        assert_eq!(lose_schedules(scene), 1);
        let words = ["1 of 1 pushes", "lost their schedule", "push 1 of", "push.redrive"];
        only(&findings(scene).await, "failed schedules", &words);
        assert!(scene.world.scheduler().lose("reminders", "sweep"));
        let found = findings(scene).await;
        assert_eq!(found.len(), 2, "{found:#?}");
        assert!(found[0].starts_with("failed sweep"), "{found:#?}");
        scene.world.clear_faults();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_finds_a_quota_that_runs_out() {
    play(async |scene| {
        in_use(scene).await;
        scene.advance_to("2027-01-11T09:00:30+08:00").await;
        scene.world.platform().limit_calls(SERVICE, "/cgi-bin/message/template/send", 1);
        let words = ["0 of 1 calls", "/cgi-bin/message/template/send"];
        only(&findings(scene).await, "failed service_account.quota", &words);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_warns_that_a_flood_would_starve_the_others_until_something_is_reserved() {
    let reserving =
        |text: &str| Options { reserved_concurrency: Some(text.to_owned()), ..Options::default() };
    play_with(reserving("callback=-1,api=-1,dispatch=-1"), async |scene| {
        in_use(scene).await;
        let words = [
            "A flood on callback or api",
            "reserved for callback, api, dispatch",
            "aws lambda get-account-settings",
            "of 1000: callback 200, api 400, dispatch 200",
            "10 of a new account",
        ];
        only(&findings(scene).await, "warning concurrency", &words);
    })
    .await;
    play_with(reserving("callback=200,api=400,dispatch=200"), async |scene| {
        in_use(scene).await;
        assert_eq!(findings(scene).await, [""; 0]);
    })
    .await;
    play_with(reserving("callback=200,api=400,dispatch=0"), async |scene| {
        in_use(scene).await;
        only(&findings(scene).await, "warning concurrency", &["Switched off", "dispatch"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_finds_missing_settings_and_broken_secrets() {
    let options = Options { settings: None, ..Options::default() };
    play_with(options, async |scene| {
        let found = findings(scene).await;
        assert!(
            found.iter().any(|line| line.starts_with("failed settings: there are no settings")),
            "{found:#?}"
        );
        scene.advance(SignedDuration::from_mins(2)).await;
        scene.world.ssm().change_secrets(|secrets| secrets["session_signing_key"] = json!("short"));
        let found = findings(scene).await;
        assert!(
            found
                .iter()
                .any(|line| line.starts_with("failed secrets") && line.contains("session_signing_key")),
            "{found:#?}"
        );
    })
    .await;
}
