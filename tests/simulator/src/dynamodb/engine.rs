//! The embedded database: one operation in, its answer out, in DynamoDB's own JSON.

use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The operations this world knows; PartiQL is none of them.
pub(crate) const OPERATIONS: [&str; 16] = [
    "GetItem",
    "PutItem",
    "UpdateItem",
    "DeleteItem",
    "Query",
    "Scan",
    "BatchGetItem",
    "BatchWriteItem",
    "TransactGetItems",
    "TransactWriteItems",
    "DescribeTable",
    "ListTables",
    "CreateTable",
    "DeleteTable",
    "UpdateTimeToLive",
    "DescribeTimeToLive",
];

/// How the database says that a value broke one of DynamoDB's own rules, inside a reading error.
const VALIDATION_MARKERS: [&str; 2] = ["VALIDATION_REQUEST:", "VALIDATION:"];

const EMPTY_KEY: &str = "One or more parameter values are not valid: an attribute value for a key attribute cannot contain \
                         an empty string value";

/// DynamoDB takes no empty text for a part of a key, in a condition either; the embedded one does.
fn has_an_empty_key(query: &[u8]) -> bool {
    let query: Value = serde_json::from_slice(query).unwrap_or_default();
    let condition = query["KeyConditionExpression"].as_str().unwrap_or_default();
    let names = condition.split(|letter: char| !(letter.is_alphanumeric() || letter == ':' || letter == '_'));
    names.into_iter().any(|name| query["ExpressionAttributeValues"][name]["S"] == "")
}

/// One operation of DynamoDB.
pub(super) fn dispatch(db: &Database, operation: &str, body: &[u8]) -> Result<Vec<u8>, DynoxideError> {
    if operation == "Query" && has_an_empty_key(body) {
        return Err(DynoxideError::ValidationException(EMPTY_KEY.to_owned()));
    }
    match operation {
        "GetItem" => run(body, |request| db.get_item(request)),
        "PutItem" => run(body, |request| db.put_item(request)),
        "UpdateItem" => run(body, |request| db.update_item(request)),
        "DeleteItem" => run(body, |request| db.delete_item(request)),
        "Query" => run(body, |request| db.query(request)),
        "Scan" => run(body, |request| db.scan(request)),
        "BatchGetItem" => run(body, |request| db.batch_get_item(request)),
        "BatchWriteItem" => run(body, |request| db.batch_write_item(request)),
        "TransactGetItems" => run(body, |request| db.transact_get_items(request)),
        "TransactWriteItems" => run(body, |request| db.transact_write_items(request)),
        "DescribeTable" => run(body, |request| db.describe_table(request)),
        "ListTables" => run(body, |request| db.list_tables(request)),
        "CreateTable" => run(body, |request| db.create_table(request)),
        "DeleteTable" => run(body, |request| db.delete_table(request)),
        "UpdateTimeToLive" => run(body, |request| db.update_time_to_live(request)),
        "DescribeTimeToLive" => run(body, |request| db.describe_time_to_live(request)),
        _ => Err(DynoxideError::ValidationException(format!("{operation} is not part of this world"))),
    }
}

fn run<Q: DeserializeOwned, A: Serialize>(
    body: &[u8],
    operation: impl FnOnce(Q) -> Result<A, DynoxideError>,
) -> Result<Vec<u8>, DynoxideError> {
    let request = serde_json::from_slice(body).map_err(|error| unreadable(&error.to_string()))?;
    let answer = operation(request).map_err(in_envelope)?;
    serde_json::to_vec(&answer).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

fn unreadable(message: &str) -> DynoxideError {
    let rule = VALIDATION_MARKERS.iter().find_map(|marker| message.strip_prefix(marker));
    match rule {
        Some(message) => {
            // The reader adds where it was; DynamoDB does not say.
            let end = message.rfind(" at line ").unwrap_or(message.len());
            DynoxideError::ValidationException(message[..end].to_owned())
        }
        None if message.contains("missing field") => DynoxideError::ValidationException(message.to_owned()),
        None => DynoxideError::SerializationException(message.to_owned()),
    }
}

fn in_envelope(error: DynoxideError) -> DynoxideError {
    match error {
        DynoxideError::EnvelopedValidation(message) => {
            DynoxideError::ValidationException(format!("1 validation error detected: {message}"))
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_empty_text_is_no_part_of_a_key() {
        let query = |condition: &str| {
            let values = json!({ ":pk": {"S": "A"}, ":sk": {"S": ""}, ":other": {"S": ""} });
            let query = json!({ "KeyConditionExpression": condition, "ExpressionAttributeValues": values });
            has_an_empty_key(query.to_string().as_bytes())
        };
        assert!(query("pk = :pk AND begins_with(sk, :sk)"));
        assert!(query("pk = :pk AND sk = :sk"));
        assert!(!query("pk = :pk"), "what only a filter names may be empty");
    }
}
