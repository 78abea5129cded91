//! The user's reminders, page by page, soonest expiry first.

use http::Method;
use serde_json::{Value, json};

use crate::scene::{AT, passport, path, play, registered};
use crate::wire::items;

/// Of the second of three reminders the index tells what it was, and of the first nothing can be read.
#[tokio::test(flavor = "multi_thread")]
async fn page_leaves_out_what_cannot_be_read_or_is_somewhere_else_by_now_and_goes_on_behind_it() {
    play(async |scene| {
        let person = scene.user("小明").await;
        let mut ids = Vec::new();
        for day in [12, 14, 16] {
            let mut reminder = passport(AT);
            reminder["expires_at"] = json!(format!("2027-02-{day}T00:00:00+08:00"));
            ids.push(registered(&person, reminder).await.body["id"].clone());
        }
        let sort_key = |id: &Value| format!("REMINDER#{}", id.as_str().expect("an id"));
        let second = items(scene, &[]).into_iter().find(|item| item["sk"]["S"] == sort_key(&ids[1]));
        let place = second.expect("it is there")["state_expiry"].clone();
        let done = person.calls(Method::POST, &format!("{}/done", path(&ids[1])), Value::Null).await;
        assert_eq!(done.status, 200);
        let partition = format!("USER#{}", person.mini_program_openid);
        let change = |id: &Value, attribute: &str, value: &Value| {
            let change = json!({
                "TableName": simulator::stack::TABLE_NAME,
                "Key": {"pk": {"S": partition}, "sk": {"S": sort_key(id)}},
                "UpdateExpression": format!("SET {attribute} = :value"),
                "ExpressionAttributeValues": {":value": value},
            });
            scene.world.dynamodb().run("UpdateItem", &change).expect("it is changed");
        };
        change(&ids[0], "doc", &json!({"S": "{"}));
        change(&ids[1], "state_expiry", &place);
        let (mut found, mut next) = (Vec::new(), "/reminders?limit=1".to_owned());
        loop {
            let page = person.gets(&next).await.body;
            found
                .extend(page["reminders"].as_array().expect("reminders").iter().map(|one| one["id"].clone()));
            let Some(cursor) = page["cursor"].as_str() else { break };
            next = format!("/reminders?limit=1&cursor={cursor}");
        }
        assert_eq!(found, [ids[2].clone()]);
        // Nor does it hide the others where they are counted.
        assert_eq!(person.gets(&path(&ids[2])).await.body["coverage"]["pushes"], 1);
        assert_eq!(person.registers(passport(AT)).await.status, 201);
    })
    .await;
}
