//! What the API can answer by a word is explained in both languages.

use serde_json::Value;

use crate::scene::play;

const PAGES: [(&str, &str); 2] = [
    ("docs/errors.md", include_str!("../../../docs/errors.md")),
    ("docs/errors.zh-CN.md", include_str!("../../../docs/errors.zh-CN.md")),
];

#[tokio::test(flavor = "multi_thread")]
async fn codes_and_states_of_the_api_are_explained_in_both_languages() {
    play(async |scene| explained(&scene.user("小明").await.gets("/openapi.json").await.body)).await;
}

fn explained(description: &Value) {
    for set in ["Code", "RuleCode", "ReminderState", "PushState"] {
        let words = description["components"]["schemas"][set]["enum"].as_array().expect("a closed set");
        assert!(words.len() >= 3, "{set}: {words:?}");
        for word in words.iter().map(|word| word.as_str().expect("a word")) {
            for (page, text) in PAGES {
                assert!(text.contains(&format!("`{word}`")), "{page} says nothing of {word}, a {set}");
            }
        }
    }
}
