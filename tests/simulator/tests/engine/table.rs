//! The table is the template's.

use serde_json::{Value, json};

use crate::support;

fn sorted(schema: &Value) -> Vec<String> {
    let mut keys: Vec<_> = schema.as_array().expect("a list").iter().map(Value::to_string).collect();
    keys.sort();
    keys
}

#[tokio::test]
async fn the_table_has_the_keys_and_indexes_of_the_template() {
    let (world, _) = support::world().await;
    let template = simulator::template::Template::read(simulator::template::TEMPLATE).expect("the template");
    let described = world
        .dynamodb()
        .run("DescribeTable", &json!({ "TableName": "reminders" }))
        .expect("a table")["Table"]
        .clone();
    let wanted = Value::from(template.table);
    for key in ["KeySchema", "AttributeDefinitions"] {
        assert_eq!(sorted(&described[key]), sorted(&wanted[key]), "{key}");
    }
    for key in ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"] {
        let indexes = wanted[key].as_array().expect("the template has one");
        assert_eq!(described[key].as_array().map(Vec::len), Some(indexes.len()), "{key}");
        for (made, wanted) in described[key].as_array().into_iter().flatten().zip(indexes) {
            assert_eq!(made["IndexName"], wanted["IndexName"]);
            assert_eq!(made["KeySchema"], wanted["KeySchema"]);
            assert_eq!(made["Projection"]["ProjectionType"], wanted["Projection"]["ProjectionType"]);
        }
    }
    let ttl =
        world.dynamodb().run("DescribeTimeToLive", &json!({ "TableName": "reminders" })).expect("a TTL");
    assert_eq!(ttl["TimeToLiveDescription"]["AttributeName"].as_str(), template.ttl_attribute.as_deref());
}

#[tokio::test]
async fn a_database_in_a_folder_is_there_again() {
    let folder = std::env::temp_dir().join(format!("simulator-{}", std::process::id()));
    for expected in [0, 1] {
        let options = simulator::options::Options { data: Some(folder.clone()), ..support::bare() };
        let functions = support::fakes(&support::Seen::default());
        let world = simulator::world::World::start(options, functions).await.expect("a world");
        assert_eq!(world.dynamodb().items().expect("items").len(), expected);
        let item = json!({ "pk": { "S": "USER#a" }, "sk": { "S": "PROFILE" } });
        world.dynamodb().run("PutItem", &json!({ "TableName": "reminders", "Item": item })).expect("a write");
    }
    std::fs::remove_dir_all(folder).expect("the folder is ours");
}
