//! What automatic replies carry: pictures and their media ids, cards, codes, people; and how many there may be.

use jiff::SignedDuration;
use scenarios::mishap::{Call, refusal};
use serde_json::{Value, json};
use simulator::people::Person;
use wechat::ErrCode;

use crate::scene::{Scene, play, session};
use crate::verbs::Verbs;
use crate::wire::{Pictures, put_replies, set_replies};

async fn says(person: &Person, to: &str, content: &str) -> Value {
    person.says(to, content).await.body
}

fn calls(scene: &Scene, path: &str) -> usize {
    let wanted = format!("wechat:{path}");
    scene.requests_since(0).iter().filter(|request| **request == wanted).count()
}

const UPLOAD: &str = "/cgi-bin/media/upload";

#[tokio::test(flavor = "multi_thread")]
async fn picture_is_uploaded_once_renewed_before_it_dies_and_again_when_wechat_forgot_it() {
    play(async |scene| {
        let pictures = Pictures::served().await;
        let rule = json!([{"account": "mini_program", "on": "message", "reply": [{"image": pictures.url}]}]);
        set_replies(scene, rule).await;
        let person = scene.user("小明").await;
        // (hours until the next message, uploads by then)
        for (n, (hours, uploads)) in
            [(0, 1), (1, 1), (58, 1), (2, 2), (59, 2), (200, 3)].into_iter().enumerate()
        {
            scene.advance(SignedDuration::from_hours(hours)).await;
            says(&person, "mini_program", "图").await;
            assert_eq!(session(&person).await.len(), n + 1, "after {hours} hours");
            assert_eq!((calls(scene, UPLOAD), pictures.fetched()), (uploads, uploads), "after {hours} hours");
        }
        scene.plan(Call::CustomSend, refusal(ErrCode::INVALID_MEDIA_ID));
        says(&person, "mini_program", "图").await;
        let sent = session(&person).await;
        assert_eq!((sent.len(), calls(scene, UPLOAD)), (7, 4));
        let media_id = sent[6]["image"]["media_id"].as_str().expect("a media id");
        assert_ne!(sent[5]["image"]["media_id"], media_id);
        let file = scene.world.platform().media_file(media_id).expect("uploaded");
        assert_eq!(file[..4], *b"\x89PNG");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn picture_that_cannot_be_had_costs_only_its_own_reply() {
    play(async |scene| {
        let rule = json!([{"account": "mini_program", "on": "message",
            "reply": [{"image": "http://127.0.0.1:1/none.png"}, {"text": "在"}]},
            {"account": "service_account", "on": "message", "reply": [{"image": "http://127.0.0.1:1/none.png"}]}]);
        set_replies(scene, rule).await;
        let person = scene.follower("小明").await;
        says(&person, "mini_program", "图").await;
        assert_eq!(session(&person).await.len(), 1);
        says(&person, "service_account", "图").await;
        let callbacks = scene.world.platform().callbacks();
        assert_eq!(callbacks.last().expect("a callback").attempts[0].answer, "success");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn code_sent_into_the_session_binds_whoever_entered_it() {
    play(async |scene| {
        let rule = json!([{"account": "mini_program", "on": "enter_session", "session_from": "follow",
            "reply": [{"text": "长按识别"}, {"image": "bind_qrcode"}]}]);
        set_replies(scene, rule).await;
        // Nobody has seen this user before, and no unionid will ever tell who they are.
        let mut person = Person::arrives(&scene.world, "无名", false).await;
        person.enters_session("follow").await;
        let sent = session(&person).await;
        assert_eq!((sent.len(), &sent[0]["msgtype"]), (2, &json!("text")));
        let media_id = sent[1]["image"]["media_id"].as_str().expect("a media id");
        let file = scene.world.platform().media_file(media_id).expect("uploaded");
        assert_eq!(file[..8], *b"\x89PNG\r\n\x1a\n");
        let drawn = scene.world.platform().qr_code_urls().pop().expect("a code was made");
        person.follows_by_code(&json!(drawn)).await;
        assert_eq!(person.logs_in().await.body["followed"], true);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn card_carries_its_picture_and_what_followed_the_prefix() {
    play(async |scene| {
        let pictures = Pictures::served().await;
        let rule = json!([{"account": "mini_program", "on": "enter_session", "session_from_prefix": "item:",
            "reply": [
                {"miniprogrampage": {"title": "看看{session_from_rest}", "pagepath": "pages/item/item?id={session_from_rest}", "thumb_url": pictures.url}},
                {"link": {"title": "怎么用", "description": "一分钟", "url": "https://example.com/?id={session_from_rest}", "thumb_url": pictures.url}},
            ]}]);
        set_replies(scene, rule).await;
        let person = scene.user("小明").await;
        person.enters_session("item:42&x=护照").await;
        let sent = session(&person).await;
        let card = &sent[0]["miniprogrampage"];
        assert_eq!(card["title"], "看看42&x=护照");
        assert_eq!(card["pagepath"], "pages/item/item?id=42%26x%3D%E6%8A%A4%E7%85%A7");
        let thumb = card["thumb_media_id"].as_str().expect("a media id");
        assert!(scene.world.platform().media_file(thumb).is_some());
        assert_eq!(sent[1]["link"]["url"], "https://example.com/?id=42%26x%3D%E6%8A%A4%E7%85%A7");
        assert_eq!(sent[1]["link"]["thumb_url"], json!(pictures.url));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn user_who_asks_for_a_person_gets_one() {
    play(async |scene| {
        let rule = json!([
            {"account": "mini_program", "on": "text", "contains": ["人工"], "reply": [{"transfer_customer_service": {}}]},
            {"account": "mini_program", "on": "message", "reply": [{"text": "在"}]},
        ]);
        set_replies(scene, rule).await;
        let person = scene.user("小明").await;
        assert_eq!(says(&person, "mini_program", "我要转人工").await["pushed"], true);
        assert_eq!(says(&person, "mini_program", "在吗").await["pushed"], false, "the human has the chat");
        assert_eq!(session(&person).await, Vec::<Value>::new());
        scene.advance(SignedDuration::from_mins(31)).await;
        assert_eq!(says(&person, "mini_program", "在吗").await["pushed"], true);
        assert_eq!(session(&person).await.len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn service_accounts_answer_arrives_unharmed() {
    play(async |scene| {
        let pictures = Pictures::served().await;
        let harmful = "a]]>b <xml> & ]]]]>> \"c\"\n第二行";
        let rule = json!([
            {"account": "service_account", "on": "text", "equals": "图", "reply": [{"image": pictures.url}]},
            {"account": "service_account", "on": "message", "reply": [{"text": harmful}]},
        ]);
        set_replies(scene, rule).await;
        let person = scene.follower("小明").await;
        for content in ["在吗", "图"] {
            says(&person, "service_account", content).await;
        }
        let inbox = person.inbox().await;
        let replies: Vec<&Value> =
            inbox.iter().filter(|item| item["kind"] == "reply").map(|item| &item["body"]).collect();
        assert_eq!(replies.len(), 2, "{inbox:?}");
        assert_eq!(replies[0]["Content"], harmful);
        assert_eq!(replies[1]["MsgType"], "image");
        for callback in scene.world.platform().callbacks() {
            assert_eq!((callback.attempts.len(), &callback.attempts[0].refused), (1, &None));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn allowance_is_used_to_the_last_message_and_never_beyond() {
    play(async |scene| {
        let texts = |count: usize| (0..count).map(|n| json!({"text": format!("{n}")})).collect::<Vec<_>>();
        let rules = |entering: usize, message: usize| {
            json!([
                {"account": "mini_program", "on": "enter_session", "reply": texts(entering)},
                {"account": "mini_program", "on": "message", "reply": texts(message)},
            ])
        };
        for (entering, message) in [(3, 5), (2, 6), (0, 5)] {
            assert_ne!(put_replies(scene, rules(entering, message)).await, Value::Null, "{entering} {message}");
        }
        let transfer = json!([{"account": "mini_program", "on": "enter_session", "reply": [{"transfer_customer_service": {}}]}]);
        assert_ne!(put_replies(scene, transfer).await, Value::Null);
        set_replies(scene, rules(2, 5)).await;
        let person = scene.user("小明").await;
        person.enters_session("").await;
        assert_eq!(session(&person).await.len(), 2);
        says(&person, "mini_program", "在吗").await;
        let contents: Vec<Value> = session(&person).await.iter().map(|body| body["text"]["content"].clone()).collect();
        assert_eq!(contents, ["0", "1", "0", "1", "2", "3", "4"]);
        assert_eq!(calls(scene, "/cgi-bin/message/custom/send"), 7, "nothing was refused");
    })
    .await;
}
