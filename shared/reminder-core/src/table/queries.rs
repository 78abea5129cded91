//! Reading many items at once: a user's reminders by expiry, a whole partition, what is due.

use aws_sdk_dynamodb::types::{AttributeValue, Select};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::item::{Attributes, key_of, rests_partition};
use super::keys::Key;
use super::{Item, Record, Table, TableError};

/// A page of a query by index or key.
#[derive(Debug)]
pub struct Page<T> {
    pub items: Vec<Record<T>>,
    /// Whether there may be more behind the last item.
    pub more: bool,
}

/// Where a page ended.
#[derive(Debug, Clone)]
pub struct Bookmark(Attributes);

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

fn readable<'a, T: Item>(items: impl IntoIterator<Item = &'a Attributes>) -> Vec<Record<T>> {
    let read = items.into_iter().map(Record::decode).filter_map(|record| {
        record.inspect_err(|error| tracing::error!(%error, "an item is passed over")).ok()
    });
    read.collect()
}

impl Table {
    /// The user's reminders whose `state_expiry` lies in `from..=to`, soonest expiry first, at most `limit`.
    pub async fn by_expiry<T: Item>(
        &self,
        partition: &str,
        from: &str,
        to: &str,
        limit: usize,
    ) -> Result<Page<T>, TableError> {
        let output = self
            .client
            .query()
            .table_name(&self.name)
            .index_name("by_expiry")
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND state_expiry BETWEEN :from AND :to")
            .expression_attribute_values(":pk", AttributeValue::S(partition.to_owned()))
            .expression_attribute_values(":from", AttributeValue::S(from.to_owned()))
            .expression_attribute_values(":to", AttributeValue::S(to.to_owned()))
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(|error| TableError::failed("Query", &error))?;
        let more = output.last_evaluated_key.is_some();
        Ok(Page { items: readable(output.items.iter().flatten()), more })
    }

    /// All items of one partition; one that cannot be read hides no other.
    pub async fn readable_of<T: Item>(&self, partition: &str) -> Result<Vec<Record<T>>, TableError> {
        Ok(readable(&self.partition(partition, None).await?))
    }

    /// All items of one partition whose sort key begins with `prefix`, which is not empty; one that cannot be read hides no
    /// other.
    pub async fn readable_with_prefix<T: Item>(
        &self,
        partition: &str,
        prefix: &str,
    ) -> Result<Vec<Record<T>>, TableError> {
        Ok(readable(&self.partition(partition, Some(prefix)).await?))
    }

    /// The same, for what must not overlook any.
    ///
    /// # Errors
    /// Also when one of them cannot be read.
    pub async fn all_with_prefix<T: Item>(
        &self,
        partition: &str,
        prefix: &str,
    ) -> Result<Vec<Record<T>>, TableError> {
        self.partition(partition, Some(prefix)).await?.iter().map(Record::decode).collect()
    }

    /// The items of one partition whose sort keys lie in `from..=to`: few, by what they are.
    pub(crate) async fn between(
        &self,
        partition: &str,
        from: &str,
        to: &str,
    ) -> Result<Vec<Attributes>, TableError> {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let output = self
            .client
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":pk", text(partition))
            .expression_attribute_values(":from", text(from))
            .expression_attribute_values(":to", text(to))
            .send()
            .await
            .map_err(|error| TableError::failed("Query", &error))?;
        Ok(output.items.unwrap_or_default())
    }

    /// A partition, or what of it has a sort key that begins with `prefix`, page by page to the end.
    pub(crate) async fn partition(
        &self,
        partition: &str,
        prefix: Option<&str>,
    ) -> Result<Vec<Attributes>, TableError> {
        let (mut items, mut after) = (Vec::new(), None);
        loop {
            let (page, next) = self.page(partition, prefix, None, after).await?;
            items.extend(page);
            if next.is_none() {
                return Ok(items);
            }
            after = next;
        }
    }

    /// One page of a partition, or of what of it has a sort key that begins with `prefix`: as long as DynamoDB makes it, or
    /// `limit` items; behind the page that ended with `after`.
    pub(crate) async fn page(
        &self,
        partition: &str,
        prefix: Option<&str>,
        limit: Option<usize>,
        after: Option<Bookmark>,
    ) -> Result<(Vec<Attributes>, Option<Bookmark>), TableError> {
        let condition = match prefix {
            Some(_) => "pk = :pk AND begins_with(sk, :prefix)",
            None => "pk = :pk",
        };
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let prefix = prefix.map(|prefix| (":prefix".to_owned(), text(prefix)));
        let values = prefix.into_iter().chain([(":pk".to_owned(), text(partition))]).collect();
        let output = self
            .client
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            .key_condition_expression(condition)
            .set_expression_attribute_values(Some(values))
            .set_limit(limit.map(|limit| i32::try_from(limit).unwrap_or(i32::MAX)))
            .set_exclusive_start_key(after.map(|Bookmark(key)| key))
            .send()
            .await
            .map_err(|error| TableError::failed("Query", &error))?;
        Ok((output.items.unwrap_or_default(), output.last_evaluated_key.map(Bookmark)))
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
