//! The settings document: wrong ones are refused whole, right ones are in force at once.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use simulator::wechat::{AccountName, Api, Kind, Template};

use scenarios::mishap::Call;
use simulator::faults::Fault;

use crate::operations::{ask, put_settings};
use crate::scene::{SUBSCRIPTION, play};

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_are_wrong_are_refused_with_every_error_and_the_old_ones_stay() {
    play(async |scene| {
        let before = scene.world.operations(json!({"operation": "settings.get"})).await.expect("an answer");
        let refused = scene
            .world
            .operations(json!({"operation": "settings.put", "settings": {"timezone": "Mars/Olympus", "colour": "red"}}))
            .await
            .expect("an answer");
        let fields: Vec<&str> = refused["errors"]
            .as_array()
            .expect("errors")
            .iter()
            .map(|error| error["field"].as_str().expect("a field"))
            .collect();
        assert_eq!(fields, ["timezone", "templates", "colour"]);
        let after = scene.world.operations(json!({"operation": "settings.get"})).await.expect("an answer");
        assert_eq!(before, after);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn template_id_of_the_sample_is_refused_until_it_is_the_owners() {
    play(async |scene| {
        let mut sample: Value =
            serde_json::from_str(include_str!("../../../events/operations-settings-put.json")).expect("JSON");
        let refused = ask(scene, sample.clone()).await;
        let field = "templates.expiry.mini_subscription.template_id";
        assert_eq!(refused["errors"][0]["field"], field, "{refused}");
        assert_eq!(refused["errors"][0]["code"], "format", "{refused}");
        sample["settings"]["templates"]["expiry"]["mini_subscription"]["template_id"] = json!(SUBSCRIPTION);
        assert_eq!(ask(scene, sample).await, json!({"version": 2}));
    })
    .await;
}

/// WeChat refuses every message whose fixed word is none of its list's.
#[tokio::test(flavor = "multi_thread")]
async fn fixed_word_that_wechat_does_not_list_is_a_warning_and_an_ailment() {
    play(async |scene| {
        let listed = ["即将到期", "已到期"].map(str::to_owned).to_vec();
        scene.world.platform().add_template(Template {
            account: AccountName::MiniProgram,
            template_id: SUBSCRIPTION.to_owned(),
            title: "到期提醒".to_owned(),
            keywords: ["thing1", "date2", "enum3"].map(str::to_owned).to_vec(),
            fixed_values: BTreeMap::from([("enum3".to_owned(), listed)]),
            kind: Kind::OneTime,
            api: Api::Subscription,
        });
        let put = async |word: &str| {
            let mut document = ask(scene, json!({"operation": "settings.get"})).await["settings"].clone();
            document["templates"]["expiry"]["mini_subscription"]["data"] =
                json!({"thing1": "{title}", "date2": "{expires_at}", "enum3": word});
            ask(scene, json!({"operation": "settings.put", "settings": document})).await
        };
        let doctor = async || ask(scene, json!({"operation": "doctor"})).await.to_string();
        let warned = put("快到期").await;
        let warning = &warned["warnings"][0];
        assert_eq!(warning["field"], "templates.expiry.mini_subscription.data.enum3", "{warned}");
        assert_eq!(warning["params"]["allowed"], json!(["即将到期", "已到期"]), "{warned}");
        assert!(doctor().await.contains("takes fixed values for enum3, and 快到期 is none of them"));
        assert_eq!(put("即将到期").await.get("warnings"), None);
        assert!(!doctor().await.contains("takes fixed values"));
        // Where WeChat cannot be asked, nothing is said of it, and the settings are taken all the same.
        scene.plan(Call::NewtmplGettemplate, Fault::HttpStatus(502));
        assert_eq!(put("快到期").await.get("warnings"), None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_operation_says_which_there_are() {
    play(async |scene| {
        let answer = scene.world.operations(json!({"operation": "settings.burn"})).await.expect("an answer");
        assert!(answer["error"].is_string() && answer["operations"].is_array(), "{answer}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn replaced_settings_are_kept_and_can_be_restored_the_last_twenty_of_them() {
    play(async |scene| {
        let first = ask(scene, json!({"operation": "settings.get"})).await["settings"].clone();
        for n in 0..22 {
            put_settings(scene, |settings| settings["neutral_title"] = json!(format!("第{n}版"))).await;
        }
        let history = ask(scene, json!({"operation": "settings.history"})).await;
        let versions: Vec<u64> = history["versions"]
            .as_array()
            .expect("versions")
            .iter()
            .map(|one| one["version"].as_u64().expect("a number"))
            .collect();
        assert_eq!(versions, (3..=23).rev().collect::<Vec<_>>(), "what is in force, and twenty before it");
        let gone = ask(scene, json!({"operation": "settings.restore", "version": 2})).await;
        assert!(gone["error"].as_str().is_some_and(|error| error.contains("not kept")), "{gone}");
        let restored = ask(scene, json!({"operation": "settings.restore", "version": 4})).await;
        assert_eq!(restored, json!({"version": 24}), "an old version is a new one");
        let now = ask(scene, json!({"operation": "settings.get"})).await["settings"].clone();
        assert_eq!(now["neutral_title"], "第2版");
        assert_eq!(now["templates"], first["templates"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_replace_the_version_they_were_made_from_or_nothing() {
    play(async |scene| {
        let settings = ask(scene, json!({"operation": "settings.get"})).await["settings"].clone();
        let put = |if_version: u64| {
            ask(scene, json!({"operation": "settings.put", "settings": settings, "if_version": if_version}))
        };
        assert_eq!(put(1).await, json!({"version": 2}));
        for wrong in [0, 1, 3] {
            let answer = put(wrong).await;
            assert!(answer["error"].is_string(), "{wrong}: {answer}");
            assert_eq!(answer["version"], 2, "{wrong}");
        }
        let answer =
            ask(scene, json!({"operation": "settings.restore", "version": 1, "if_version": 1})).await;
        assert_eq!(answer["version"], 2, "{answer}");
        let history = ask(scene, json!({"operation": "settings.history"})).await;
        assert_eq!(history["versions"].as_array().map(Vec::len), Some(2), "nothing was changed");
    })
    .await;
}

/// Of a historic template, or of a type that is new at WeChat.
#[tokio::test(flavor = "multi_thread")]
async fn keyword_of_no_known_type_is_a_warning_and_filled_as_text() {
    play(async |scene| {
        let mut settings = ask(scene, json!({"operation": "settings.get"})).await["settings"].clone();
        let data = json!({"first": "{title}", "keyword1": "{expires_at}", "brand_new2": "{note}"});
        settings["templates"]["expiry"]["service_template"]["data"] = data;
        let put = ask(scene, json!({"operation": "settings.put", "settings": settings})).await;
        assert_eq!(put["warnings"].as_array().map(Vec::len), Some(1), "{put}");
        assert_eq!(put["warnings"][0]["field"], "templates.expiry.service_template.data.brand_new2");
        settings["templates"]["expiry"]["service_template"]["data"] = json!({"first": "{title}"});
        let known = ask(scene, json!({"operation": "settings.put", "settings": settings})).await;
        assert_eq!(known.get("warnings"), None, "{known}");
    })
    .await;
}
