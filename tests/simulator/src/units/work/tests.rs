//! What requests ask for.

use serde_json::json;

use super::*;

fn layout() -> Layout {
    let key = |hash: &str, range: &str| json!([{"AttributeName": hash, "KeyType": "HASH"}, {"AttributeName": range, "KeyType": "RANGE"}]);
    let keys_only = json!({"ProjectionType": "KEYS_ONLY"});
    let table = json!({
        "KeySchema": key("pk", "sk"),
        "GlobalSecondaryIndexes": [{"IndexName": "due", "KeySchema": key("d", "at"), "Projection": keys_only}],
        "LocalSecondaryIndexes": [{"IndexName": "by", "KeySchema": key("pk", "k"), "Projection": keys_only}],
    });
    Layout::of(table.as_object().expect("a table"))
}

#[test]
fn items_are_found_by_their_keys() {
    let key = json!({"pk": {"S": "p"}, "sk": {"S": "s"}});
    let item = json!({"pk": {"S": "p"}, "sk": {"S": "s"}, "a": {"N": "1"}});
    let keys = vec![object(&key)];
    let written = |put: Option<&Value>| Write { key: object(&key), put: put.map(object) };
    let alone = |put| Work::Writes { in_transaction: false, writes: vec![written(put)] };
    for (operation, request, work) in [
        ("GetItem", json!({"Key": key}), Work::Gets(Consistency::Eventual, keys.clone())),
        (
            "BatchGetItem",
            json!({"RequestItems": {"t": {"Keys": [key], "ConsistentRead": true}}}),
            Work::Gets(Consistency::Strong, keys.clone()),
        ),
        (
            "TransactGetItems",
            json!({"TransactItems": [{"Get": {"Key": key}}]}),
            Work::Gets(Consistency::Transactional, keys.clone()),
        ),
        ("PutItem", json!({"Item": item}), alone(Some(&item))),
        ("UpdateItem", json!({"Key": key}), alone(None)),
        ("DeleteItem", json!({"Key": key}), alone(None)),
        ("BatchWriteItem", json!({"RequestItems": {"t": [{"DeleteRequest": {"Key": key}}]}}), alone(None)),
        (
            "TransactWriteItems",
            json!({"TransactItems": [{"Put": {"Item": item}}, {"ConditionCheck": {"Key": key}}]}),
            Work::Writes { in_transaction: true, writes: vec![written(Some(&item)), written(None)] },
        ),
        ("DescribeTable", json!({"TableName": "t"}), Work::Nothing),
    ] {
        assert_eq!(Work::of(operation, &request, &layout()), work, "{operation}");
    }
}

#[test]
fn a_query_says_how_it_reads() {
    let query = |index: Option<&str>, condition: &str, consistent: bool, select: &str, projection: &str| {
        let mut query = json!({
            "KeyConditionExpression": condition, "ConsistentRead": consistent,
            "ExpressionAttributeValues": {":v": {"S": "p"}, ":n": {"N": "3"}},
            "ExpressionAttributeNames": {"#h": "pk"},
        });
        for (name, value) in [
            ("IndexName", index.unwrap_or_default()),
            ("Select", select),
            ("ProjectionExpression", projection),
        ] {
            if !value.is_empty() {
                query[name] = value.into();
            }
        }
        let Work::Range(range) = Work::of("Query", &query, &layout()) else { panic!("a query") };
        (range.partition.unwrap_or_default(), range.consistency, range.fetches)
    };
    let p = || "p".to_owned();
    let strong = Consistency::Strong;
    let eventual = Consistency::Eventual;
    assert_eq!(query(None, "pk = :v AND sk > :n", true, "", ""), (p(), strong, false));
    assert_eq!(query(None, "#h=:v", false, "ALL_ATTRIBUTES", "a"), (p(), eventual, false));
    assert_eq!(query(Some("due"), "at < :n AND d = :v", true, "", ""), (p(), eventual, false));
    assert_eq!(query(Some("by"), "pk = :v", true, "", "#h, k"), (p(), strong, false));
    assert_eq!(query(Some("by"), "pk = :v", true, "", "a"), (p(), strong, true));
    assert_eq!(query(Some("by"), "pk = :v", false, "ALL_ATTRIBUTES", ""), (p(), eventual, true));
}
