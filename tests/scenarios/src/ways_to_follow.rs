//! `GET /me` offers the ways to follow that work for this user, where they are.

use serde_json::json;
use simulator::people::Person;

use crate::scene::{play, play_without_service_account};
use crate::verbs::Verbs;

async fn ways(person: &Person, query: &str) -> String {
    let me = person.gets(&format!("/me{query}")).await;
    assert_eq!(me.status, 200, "{me}");
    me.body["guide"]["methods"].to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn ways_to_follow_are_those_that_work_here_in_their_order() {
    play(async |scene| {
        let linked = scene.user("小明").await;
        let scanned = r#"["official_account","profile","qrcode","article","contact"]"#;
        assert_eq!(ways(&linked, "?scene=1047").await, scanned);
        assert_eq!(ways(&linked, "?scene=1047&platform=ios").await, scanned);
        assert_eq!(ways(&linked, "?scene=1089&platform=ohos").await, r#"["profile","qrcode","article"]"#);
        let me = linked.gets("/me").await.body;
        let original_id = &scene.world.ssm().secrets()["service_account"]["original_id"];
        assert_eq!(&me["guide"]["profile"]["username"], original_id, "{me}");
        // Nothing links this one's two openids but the code.
        let unlinked = scene.nameless("小红").await;
        assert_eq!(
            ways(&unlinked, "?scene=1047").await,
            r#"["qrcode","official_account","article","contact"]"#
        );
        linked.follows().await;
        assert_eq!(ways(&linked, "").await, "[]");
        let wrong = unlinked.gets("/me?scene=door&platform=").await;
        let fields: Vec<_> =
            wrong.body["errors"].as_array().expect("errors").iter().map(|one| &one["field"]).collect();
        assert_eq!((wrong.status, fields), (422, vec![&json!("scene"), &json!("platform")]), "{wrong}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn owner_who_gave_no_original_id_has_no_profile_to_open() {
    play(async |scene| {
        scene.world.ssm().change_secrets(|secrets| {
            secrets["service_account"].as_object_mut().expect("an object").remove("original_id");
        });
        let person = scene.user("小明").await;
        assert_eq!(ways(&person, "").await, r#"["qrcode","article","contact"]"#);
        assert_eq!(person.gets("/me").await.body["guide"].get("profile"), None);
    })
    .await;
    play_without_service_account(async |scene| {
        assert_eq!(ways(&scene.user("小明").await, "?scene=1047").await, "[]");
    })
    .await;
}
