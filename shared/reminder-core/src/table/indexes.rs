//! What the indexes name: a user's reminders by expiry, profiles by what the ids of their reminders begin with, what is due,
//! what rests.

use aws_sdk_dynamodb::types::{AttributeValue, Select};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::item::{Attributes, key_of, rests_partition};
use super::keys::Key;
use super::queries::Bookmark;
use super::{Table, TableError};

/// A page of the index `by_expiry`.
#[derive(Debug)]
pub struct Page {
    pub keys: Vec<Key>,
    /// The `state_expiry` that it ended with, if there may be more behind it.
    pub ended_with: Option<String>,
}

/// Behind which item of the index `resting` a page begins, to be kept between two invocations.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Behind {
    pk: String,
    sk: String,
    until: i64,
}

/// Prints nothing: openids are in the key.
impl std::fmt::Debug for Behind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Behind(…)")
    }
}

impl Behind {
    fn start_key(self, partition: String) -> Attributes {
        Attributes::from([
            ("pk".to_owned(), AttributeValue::S(self.pk)),
            ("sk".to_owned(), AttributeValue::S(self.sk)),
            ("rests".to_owned(), AttributeValue::S(partition)),
            ("rests_until".to_owned(), AttributeValue::N(self.until.to_string())),
        ])
    }

    fn of(key: &Attributes) -> Option<Self> {
        let until = key.get("rests_until")?.as_n().ok()?.parse().ok()?;
        let Key { pk, sk } = key_of(key);
        Some(Self { pk, sk, until })
    }
}

impl Table {
    /// Keys of the user's reminders whose `state_expiry` lies in `from..=to`, soonest expiry first, at most `limit`.
    pub async fn by_expiry(
        &self,
        partition: &str,
        from: &str,
        to: &str,
        limit: usize,
    ) -> Result<Page, TableError> {
        let output = self
            .client
            .query()
            .table_name(&self.name)
            .index_name("by_expiry")
            .select(Select::AllProjectedAttributes)
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND state_expiry BETWEEN :from AND :to")
            .expression_attribute_values(":pk", AttributeValue::S(partition.to_owned()))
            .expression_attribute_values(":from", AttributeValue::S(from.to_owned()))
            .expression_attribute_values(":to", AttributeValue::S(to.to_owned()))
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(|error| TableError::failed("Query", &error))?;
        let ended_with = output.last_evaluated_key.as_ref().and_then(|key| key.get("state_expiry"));
        let ended_with = ended_with.and_then(|value| value.as_s().ok()).cloned();
        Ok(Page { keys: output.items.iter().flatten().map(key_of).collect(), ended_with })
    }

    /// Keys of the profiles with this owner tag: one, as a rule.
    pub async fn owners(&self, tag: &str) -> Result<Vec<Key>, TableError> {
        let output = self
            .client
            .query()
            .table_name(&self.name)
            .index_name("owners")
            .select(Select::AllProjectedAttributes)
            .key_condition_expression("owner_tag = :tag")
            .expression_attribute_values(":tag", AttributeValue::S(tag.to_owned()))
            .send()
            .await
            .map_err(|error| TableError::failed("Query", &error))?;
        Ok(output.items.iter().flatten().map(key_of).collect())
    }

    /// Keys of what should have been looked at from `from` until `until`, oldest first, at most `limit` of this shard;
    /// behind the page that ended with `after`.
    pub async fn due(
        &self,
        shard: u32,
        from: Timestamp,
        until: Timestamp,
        limit: usize,
        after: Option<Bookmark>,
    ) -> Result<(Vec<Key>, Option<Bookmark>), TableError> {
        if until < from {
            // DynamoDB refuses such a range.
            return Ok((Vec::new(), None));
        }
        let output = self
            .client
            .query()
            .table_name(&self.name)
            .index_name("due")
            .select(Select::AllProjectedAttributes)
            .key_condition_expression("due_shard = :shard AND next_look_at BETWEEN :from AND :until")
            .expression_attribute_values(":shard", AttributeValue::S(shard.to_string()))
            .expression_attribute_values(":from", AttributeValue::N(from.as_second().to_string()))
            .expression_attribute_values(":until", AttributeValue::N(until.as_second().to_string()))
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .set_exclusive_start_key(after.map(|Bookmark(key)| key))
            .send()
            .await
            .map_err(|error| TableError::failed("Query", &error))?;
        let next = output.last_evaluated_key.map(Bookmark);
        Ok((output.items.unwrap_or_default().iter().map(key_of).collect(), next))
    }

    /// Keys of what rests so, by the index `resting`, and matters after `now`: soonest end first, at most `limit` of this
    /// shard.
    pub async fn resting(
        &self,
        kind: &str,
        shard: u32,
        now: Timestamp,
        limit: usize,
        behind: Option<Behind>,
    ) -> Result<(Vec<Key>, Option<Behind>), TableError> {
        let partition = rests_partition(kind, shard);
        let output = self
            .client
            .query()
            .table_name(&self.name)
            .index_name("resting")
            .select(Select::AllProjectedAttributes)
            .key_condition_expression("rests = :rests AND rests_until > :now")
            .expression_attribute_values(":rests", AttributeValue::S(partition.clone()))
            .expression_attribute_values(":now", AttributeValue::N(now.as_second().to_string()))
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .set_exclusive_start_key(behind.map(|behind| behind.start_key(partition)))
            .send()
            .await
            .map_err(|error| TableError::failed("Query", &error))?;
        let next = output.last_evaluated_key.as_ref().and_then(Behind::of);
        Ok((output.items.unwrap_or_default().iter().map(key_of).collect(), next))
    }
}
