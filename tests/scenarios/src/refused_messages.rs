//! A message that WeChat refuses for something in it: what can be left out is left out, and what only the owner or only
//! another wording can mend is known as that.

use serde_json::{Value, json};
use simulator::people::{Person, answer, client};

use crate::operations::put_settings;
use crate::scene::{AT, SUBSCRIPTION, Scene, TEMPLATE, passport, play, states};
use crate::verbs::Verbs;
use crate::wire::{MINI, SERVICE};

/// The owner chooses other keywords for the service account's template.
async fn change_template(scene: &Scene, keywords: &[&str]) {
    let addresses = scene.world.addresses();
    let url = format!("{}/sim/templates", addresses.url(addresses.control));
    let template = json!({"account": "service_account", "template_id": TEMPLATE, "title": "到期提醒",
        "keywords": keywords});
    let added = answer(client().post(url).body(template.to_string())).await;
    assert!(added.status < 300, "{added}");
}

#[tokio::test(flavor = "multi_thread")]
async fn message_whose_page_is_not_released_is_sent_without_it() {
    let mut item = passport(AT);
    item["page"] = json!("pages/item/item?id=42");
    for channel in ["mini_subscription", "service_notification", "service_template"] {
        play(async |scene| {
            scene.change_account(MINI, |account| {
                account.released_pages = Some(vec!["pages/index/index".to_owned()]);
            });
            let person = scene.user("小明").await;
            match channel {
                "mini_subscription" => scene.accepts(&person, 1).await,
                "service_template" => assert_eq!(person.follows().await.status, 200),
                _ => {
                    person.follows().await;
                    person.unfollows().await;
                    assert_eq!(person.accepts_notification().await.status, 200);
                }
            }
            let reminder = person.registers(item.clone()).await;
            scene.advance_to("2027-01-12T09:01:00+08:00").await;
            assert_eq!(
                states(&person, &reminder.body["id"]).await,
                [format!("delivered {channel}")],
                "{channel}"
            );
            let sends = scene.world.platform().sends();
            let sent = sends.last().expect("a send");
            assert!(
                sent.reached && sent.body.get("page").is_none() && sent.body.get("miniprogram").is_none()
            );
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn template_that_got_a_keyword_waits_for_the_settings() {
    play(async |scene| {
        let (person, reminder) = scene.follower_with_passport().await;
        change_template(scene, &["thing1", "time2", "thing3", "thing4"]).await;
        scene.advance_to("2027-01-12T10:00:00+08:00").await;
        assert!(
            states(&person, &reminder.body["id"]).await[0].starts_with("retrying  service_template: 47003")
        );
        put_settings(scene, |settings| {
            settings["templates"]["expiry"]["service_template"]["data"]["thing4"] = json!("请处理");
        })
        .await;
        scene.advance_to("2027-01-12T20:00:00+08:00").await;
        assert_eq!(states(&person, &reminder.body["id"]).await, ["delivered service_template"]);
    })
    .await;
}

/// The title and the note of the message on the phone.
async fn words(person: &Person) -> Vec<[Value; 2]> {
    let data =
        |item: &Value| ["thing1", "thing3"].map(|keyword| item["body"]["data"][keyword]["value"].clone());
    person.inbox().await.iter().filter(|item| item["kind"] != "reply").map(data).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn words_that_one_account_may_not_say_are_said_by_the_other() {
    play(async |scene| {
        scene.change_account(SERVICE, |account| account.forbidden_words = vec!["护照".to_owned()]);
        let person = scene.follower("小明").await;
        scene.accepts(&person, 1).await;
        let reminder = person.registers(passport(AT)).await;
        scene.advance_to("2027-01-12T09:01:00+08:00").await;
        assert_eq!(states(&person, &reminder.body["id"]).await, ["delivered mini_subscription"]);
        assert_eq!(words(&person).await, [["护照", "到出入境大厅换发"]]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn words_that_nobody_may_say_are_left_out() {
    for (title, shown) in [(None, "您有一项即将到期"), (Some("到期提醒"), "到期提醒")] {
        play(async |scene| {
            if let Some(title) = title {
                put_settings(scene, |settings| settings["neutral_title"] = json!(title)).await;
            }
            for account in [MINI, SERVICE] {
                scene.change_account(account, |account| account.forbidden_words = vec!["出入境".to_owned()]);
            }
            let person = scene.follower("小明").await;
            scene.accepts(&person, 1).await;
            let reminder = person.registers(passport(AT)).await;
            scene.advance_to("2027-01-12T09:05:00+08:00").await;
            assert_eq!(states(&person, &reminder.body["id"]).await, ["delivered service_template"]);
            assert_eq!(words(&person).await, [[shown, "无"]]);
            assert_eq!(person.gets("/me").await.body["credits"][SUBSCRIPTION], 1, "and no credit is spent");
        })
        .await;
    }
}
