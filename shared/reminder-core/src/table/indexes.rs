//! What the indexes name: a user's reminders by expiry, profiles by what the ids of their reminders begin with, what is due,
//! what rests.

use aws_sdk_dynamodb::types::{AttributeValue, Select};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::found::Freshness;
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

/// Which keys of an index.
struct Asked {
    index: &'static str,
    /// A global index has no newest.
    freshness: Freshness,
    condition: &'static str,
    values: Vec<(&'static str, AttributeValue)>,
    limit: Option<usize>,
    after: Option<Attributes>,
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn seconds(at: Timestamp) -> AttributeValue {
    AttributeValue::N(at.as_second().to_string())
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
        let asked = Asked {
            index: "by_expiry",
            freshness: Freshness::Newest,
            condition: "pk = :pk AND state_expiry BETWEEN :from AND :to",
            values: vec![(":pk", text(partition)), (":from", text(from)), (":to", text(to))],
            limit: Some(limit),
            after: None,
        };
        let (keys, end) = self.keys(asked).await?;
        let ended_with = end.as_ref().and_then(|key| key.get("state_expiry"));
        Ok(Page { keys, ended_with: ended_with.and_then(|value| value.as_s().ok()).cloned() })
    }

    /// Keys of the profiles with this owner tag: one, as a rule.
    pub async fn owners(&self, tag: &str) -> Result<Vec<Key>, TableError> {
        let asked = Asked {
            index: "owners",
            freshness: Freshness::MaybeStale,
            condition: "owner_tag = :tag",
            values: vec![(":tag", text(tag))],
            limit: None,
            after: None,
        };
        Ok(self.keys(asked).await?.0)
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
        let (from, until) = (seconds(from), seconds(until));
        let asked = Asked {
            index: "due",
            freshness: Freshness::MaybeStale,
            condition: "due_shard = :shard AND next_look_at BETWEEN :from AND :until",
            values: vec![(":shard", text(&shard.to_string())), (":from", from), (":until", until)],
            limit: Some(limit),
            after: after.map(|Bookmark(key)| key),
        };
        let (keys, end) = self.keys(asked).await?;
        Ok((keys, end.map(Bookmark)))
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
        let asked = Asked {
            index: "resting",
            freshness: Freshness::MaybeStale,
            condition: "rests = :rests AND rests_until > :now",
            values: vec![(":rests", text(&partition)), (":now", seconds(now))],
            limit: Some(limit),
            after: behind.map(|behind| behind.start_key(partition)),
        };
        let (keys, end) = self.keys(asked).await?;
        Ok((keys, end.as_ref().and_then(Behind::of)))
    }

    /// The keys that an index names, and where the page ended, if there may be more behind it.
    async fn keys(&self, asked: Asked) -> Result<(Vec<Key>, Option<Attributes>), TableError> {
        let values = asked.values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let output = self
            .client
            .query()
            .table_name(&self.name)
            .index_name(asked.index)
            .select(Select::AllProjectedAttributes)
            .consistent_read(asked.freshness == Freshness::Newest)
            .key_condition_expression(asked.condition)
            .set_expression_attribute_values(Some(values))
            .set_limit(asked.limit.map(|limit| i32::try_from(limit).unwrap_or(i32::MAX)))
            .set_exclusive_start_key(asked.after)
            .send()
            .await
            .map_err(|error| TableError::failed("Query", &error))?;
        Ok((output.items.iter().flatten().map(key_of).collect(), output.last_evaluated_key))
    }
}
