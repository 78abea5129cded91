//! Keys and modes of the callback: what is taken while they change, and what is never taken.

use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};
use simulator::people::{answer, client};
use simulator::wechat::{Account, AccountName, Envelope, Format, Mode};

use crate::scene::{Scene, passport, play, service_openid, told};
use crate::verbs::Verbs;
use crate::wire::{MINI, Response, SERVICE, account, addressed, items, post, set_mode, wrapped, written};

const NEW_KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
const NEWER_KEY: &str = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR";

/// A text message to the service account, which is always answered.
fn text(scene: &Scene, account: &Account, from: &str) -> Value {
    let fields = json!({"MsgType": "text", "Content": "在吗", "MsgId": 24_680_000_000_000_009_u64});
    addressed(account, from, json!(scene.world.now().as_second()), &fields)
}

fn follow(scene: &Scene, account: &Account, from: &str) -> Value {
    let fields = json!({"MsgType": "event", "Event": "subscribe", "EventKey": ""});
    addressed(account, from, json!(scene.world.now().as_second()), &fields)
}

async fn send(scene: &Scene, with: &Account, document: &Value) -> Response {
    post(scene, SERVICE, &wrapped(scene, with, Format::Xml, document)).await
}

fn fetched_secrets(scene: &Scene, since: u64) -> usize {
    scene.requests_since(since).iter().filter(|request| request.starts_with("ssm:")).count()
}

fn change(scene: &Scene, change: impl FnOnce(&mut Value)) {
    scene.world.ssm().change_secrets(|secrets| change(&mut secrets["service_account"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_both_taken_while_they_change_and_each_is_answered_with_itself() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        let from = service_openid(&person);
        let old = account(scene, SERVICE);
        let new = Account { encoding_aes_key: NEW_KEY.to_owned(), ..old.clone() };
        change(scene, |account| {
            account["previous_encoding_aes_key"] = json!(old.encoding_aes_key);
            account["encoding_aes_key"] = json!(NEW_KEY);
        });
        scene.world.recycle();
        for key in [&old, &new] {
            let answered = send(scene, key, &text(scene, key, &from)).await;
            let (fields, encrypted) =
                key.unwrap_answer(Format::Xml, &answered.body).expect("with the same key");
            assert_eq!((answered.status, encrypted, &fields["MsgType"]), (200, true, &json!("text")));
        }
        // The platform itself, once its console has the new key.
        scene.change_account(SERVICE, |account| account.encoding_aes_key = NEW_KEY.to_owned());
        person.says("service_account", "在吗").await;
        let callbacks = scene.world.platform().callbacks();
        let last = callbacks.last().expect("a callback");
        assert_eq!((last.attempts.len(), &last.attempts[0].refused), (1, &None));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_fetched_again_when_signatures_fail_once_a_minute() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        let from = service_openid(&person);
        let known = account(scene, SERVICE);
        let by_key = Account { encoding_aes_key: NEWER_KEY.to_owned(), ..known.clone() };
        let by_token = Account { callback_token: "another".to_owned(), ..by_key.clone() };
        for new in [by_key, by_token] {
            scene.advance(SignedDuration::from_secs(61)).await;
            // Somebody who has neither key knocks first, and uses up this minute's look.
            let forger = Account { callback_token: "forger".to_owned(), ..known.clone() };
            let before = scene.world.journal().last();
            for _ in 0..5 {
                assert_eq!(send(scene, &forger, &text(scene, &forger, &from)).await.status, 403);
            }
            assert_eq!(fetched_secrets(scene, before), 1);
            change(scene, |account| {
                account["encoding_aes_key"] = json!(new.encoding_aes_key);
                account["callback_token"] = json!(new.callback_token);
            });
            assert_eq!(send(scene, &new, &text(scene, &new, &from)).await.status, 403);
            assert_eq!(fetched_secrets(scene, before), 1);
            scene.advance(SignedDuration::from_secs(60)).await;
            let answered = send(scene, &new, &text(scene, &new, &from)).await;
            assert_eq!(answered.status, 200);
            assert!(new.unwrap_answer(Format::Xml, &answered.body).is_ok());
            assert_eq!(fetched_secrets(scene, before), 2);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mode_corrected_in_the_secrets_is_noticed_by_running_functions() {
    play(async |scene| {
        let person = scene.follower("小明").await;
        let from = service_openid(&person);
        for (console, wrong) in [(Mode::Secure, Mode::Plaintext), (Mode::Plaintext, Mode::Secure)] {
            scene.change_account(SERVICE, |account| account.mode = console);
            change(scene, |account| account["mode"] = json!(wrong));
            scene.world.recycle();
            let with = account(scene, SERVICE);
            assert_eq!(send(scene, &with, &text(scene, &with, &from)).await.status, 403, "{console:?}");
            change(scene, |account| account["mode"] = json!(console));
            assert_eq!(
                send(scene, &with, &text(scene, &with, &from)).await.status,
                403,
                "asked a moment ago"
            );
            scene.advance(SignedDuration::from_secs(60)).await;
            assert_eq!(send(scene, &with, &text(scene, &with, &from)).await.status, 200, "{console:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn service_account_added_to_the_secrets_is_noticed_by_running_functions() {
    play(async |scene| {
        let whole = scene.world.ssm().secrets();
        let change_all = |secrets: Value| scene.world.ssm().change_secrets(|stored| *stored = secrets);
        let mut without = whole.clone();
        without.as_object_mut().expect("an object").remove("service_account");
        change_all(without);
        let early = scene.subscriber("小红", 1).await;
        assert_eq!(early.registers(passport("2027-01-10T10:30:00+08:00")).await.status, 201);
        scene.advance_to("2027-01-10T10:31:00+08:00").await;
        assert_eq!(told(&early).await.len(), 1, "dispatch is running, too");
        let code = async || early.calls(Method::POST, "/me/qrcode", Value::Null).await.status;
        assert_eq!(code().await, 404);
        assert!(!scene.world.platform().verify_callback(SERVICE).await);

        // Secrets that cannot be read change nothing for those who have some.
        change_all(json!("broken"));
        scene.advance_to("2027-01-10T10:37:00+08:00").await;
        assert_eq!(early.gets("/me").await.status, 200);
        change_all(whole);
        // The callback looks at once; whoever is not asked from outside looks again after five minutes.
        assert!(scene.world.platform().verify_callback(SERVICE).await);
        assert_eq!(code().await, 404);
        scene.advance_to("2027-01-10T10:43:00+08:00").await;
        assert_eq!(code().await, 201);
        let follower = scene.follower("小明").await;
        assert_eq!(follower.registers(passport("2027-01-10T11:00:00+08:00")).await.status, 201);
        scene.advance_to("2027-01-10T11:01:00+08:00").await;
        assert_eq!(told(&follower).await, ["01-10 11:00 template in service_account"]);
    })
    .await;
}

fn without(mut envelope: Envelope, parameter: &str) -> Envelope {
    envelope.query.retain(|(name, _)| *name != parameter);
    envelope
}

fn with(mut envelope: Envelope, parameter: &'static str, value: &str) -> Envelope {
    envelope = without(envelope, parameter);
    envelope.query.push((parameter, value.to_owned()));
    envelope
}

fn parameter(envelope: &Envelope, name: &str) -> String {
    let found = envelope.query.iter().find(|(known, _)| *known == name);
    found.map(|(_, value)| value.clone()).unwrap_or_default()
}

/// All of it tells of a follow that never happened.
fn forgeries(scene: &Scene, to: AccountName, openid: &str) -> Vec<(&'static str, Envelope)> {
    let account = account(scene, to);
    let document = follow(scene, &account, openid);
    let sealed = |by: &Account| wrapped(scene, by, Format::Xml, &document);
    let good = || sealed(&account);
    let at = |seconds: i64| {
        let at = scene.world.now() + SignedDuration::from_secs(seconds);
        let xml = written(Format::Xml, &document);
        account.wrap(Format::Xml, &xml, openid, at, "7", *b"0123456789abcdef")
    };
    let plain = sealed(&Account { mode: Mode::Plaintext, ..account.clone() });
    let other_body = Envelope { body: good().body, ..good() };
    let weak = parameter(&good(), "signature");
    let nonsense = {
        let envelope = good();
        let start = envelope.body.find("<Encrypt><![CDATA[").expect("ciphertext") + 18;
        let end = envelope.body.rfind("]]>").expect("its end");
        Envelope { body: format!("{}AAAA{}", &envelope.body[..start], &envelope.body[end..]), ..envelope }
    };
    let compatible = sealed(&Account { mode: Mode::Compatible, ..account.clone() });
    let clear = compatible.body.split("<Encrypt>").next().unwrap_or_default().to_owned() + "</xml>";
    vec![
        ("in clear, with a signature of now", plain.clone()),
        ("in clear, said to be encrypted", with(plain.clone(), "encrypt_type", "aes")),
        ("in clear, with everything else of a good callback", Envelope { body: plain.body, ..good() }),
        ("the clear part of compatible mode", Envelope { body: clear, ..compatible }),
        ("no encrypt_type", without(good(), "encrypt_type")),
        ("encrypt_type raw", with(good(), "encrypt_type", "raw")),
        ("301 seconds old", at(-301)),
        ("301 seconds ahead", at(301)),
        ("no timestamp", without(good(), "timestamp")),
        ("a timestamp that is none", with(good(), "timestamp", "soon")),
        (
            "a newer timestamp than was signed",
            with(good(), "timestamp", &(scene.world.now().as_second() + 1).to_string()),
        ),
        ("no nonce", without(good(), "nonce")),
        ("another nonce", with(good(), "nonce", "0")),
        ("for another appid", sealed(&Account { appid: "wx0123456789abcdef".to_owned(), ..account.clone() })),
        ("by another token", sealed(&Account { callback_token: "made up".to_owned(), ..account.clone() })),
        ("by another key", sealed(&Account { encoding_aes_key: NEW_KEY.to_owned(), ..account.clone() })),
        ("another callback's body", other_body),
        ("no msg_signature", without(good(), "msg_signature")),
        ("an empty msg_signature", with(good(), "msg_signature", "")),
        ("the weak signature for the strong", with(good(), "msg_signature", &weak)),
        ("a ciphertext nobody signed", nonsense),
        ("no body", Envelope { body: String::new(), ..good() }),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn forgeries_of_any_kind_change_nothing() {
    play(async |scene| {
        let victim = scene.user("小明").await;
        let service_openid = service_openid(&victim);
        let before = items(scene, &["HEALTH#"]);
        let since = scene.world.journal().last();
        for (to, openid, other) in
            [(MINI, &victim.mini_program_openid, SERVICE), (SERVICE, &service_openid, MINI)]
        {
            for (title, envelope) in forgeries(scene, to, openid) {
                assert_eq!(post(scene, to, &envelope).await.status, 403, "{to:?}: {title}");
            }
            let good = account(scene, to);
            let good = wrapped(scene, &good, Format::Xml, &follow(scene, &good, openid));
            assert_eq!(
                post(scene, other, &good).await.status,
                403,
                "{to:?}'s callback at the other account's door"
            );
        }
        assert_eq!(items(scene, &["HEALTH#"]), before);
        let called: Vec<String> = scene.requests_since(since);
        assert!(
            !called.iter().any(|call| call.starts_with("wechat:") || call.starts_with("scheduler:")),
            "{called:?}"
        );
        // The same follow, 300 seconds old and honest, is taken.
        let account = account(scene, SERVICE);
        let document = written(Format::Xml, &follow(scene, &account, &service_openid));
        let at = scene.world.now() - SignedDuration::from_secs(300);
        let honest = account.wrap(Format::Xml, &document, &service_openid, at, "8", *b"0123456789abcdef");
        assert_eq!(post(scene, SERVICE, &honest).await.status, 200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn compatible_callback_counts_by_its_encrypted_part_only() {
    play(async |scene| {
        set_mode(scene, Mode::Compatible);
        let person = scene.user("小明").await;
        let from = service_openid(&person);
        let account = account(scene, SERVICE);
        for format in [Format::Xml, Format::Json] {
            let mut envelope = wrapped(scene, &account, format, &text(scene, &account, &from));
            envelope.body = envelope.body.replacen("在吗", "人工", 1).replacen(&from, "oSomebodyElse", 1);
            let answered = post(scene, SERVICE, &envelope).await;
            let (fields, encrypted) = account.unwrap_answer(format, &answered.body).expect("an answer");
            assert!(encrypted);
            assert_eq!(fields["ToUserName"], json!(from));
            for parameter in ["encrypt_type", "msg_signature"] {
                let clear =
                    without(wrapped(scene, &account, format, &text(scene, &account, &from)), parameter);
                assert_eq!(post(scene, SERVICE, &clear).await.status, 403, "without {parameter}");
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn url_is_verified_in_every_mode_and_for_wechat_only() {
    play(async |scene| {
        for mode in [Mode::Secure, Mode::Compatible, Mode::Plaintext] {
            set_mode(scene, mode);
            for name in AccountName::ALL {
                assert!(scene.world.platform().verify_callback(name).await, "{name:?} in {mode:?}");
                let account = Account { mode: Mode::Plaintext, ..account(scene, name) };
                let document = follow(scene, &account, "o1");
                let query = with(wrapped(scene, &account, Format::Xml, &document), "echostr", "\"4375\" <b>");
                for (envelope, status) in [
                    (query.clone(), 200),
                    (with(query.clone(), "nonce", "0"), 403),
                    (without(query.clone(), "signature"), 403),
                    (without(query.clone(), "echostr"), 403),
                ] {
                    let addresses = scene.world.addresses();
                    let base = addresses.url(addresses.wechat_callback);
                    let echo = "echostr=%224375%22%20%3Cb%3E";
                    let query = envelope.query_string().replace("echostr=\"4375\" <b>", echo);
                    let got = answer(client().get(format!("{base}{}?{query}", name.path()))).await;
                    assert_eq!(got.status, status, "{query}");
                    assert_eq!(got.body == json!("\"4375\" <b>"), status == 200, "{got}");
                }
            }
        }
    })
    .await;
}
