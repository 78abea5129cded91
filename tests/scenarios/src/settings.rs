//! The settings document: wrong ones are refused whole, right ones are in force at once.

use serde_json::json;

use crate::scene::play;

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
async fn unknown_operation_says_which_there_are() {
    play(async |scene| {
        let answer = scene.world.operations(json!({"operation": "settings.burn"})).await.expect("an answer");
        assert!(answer["error"].is_string() && answer["operations"].is_array(), "{answer}");
    })
    .await;
}
