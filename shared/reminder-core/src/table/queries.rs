//! Reading many items at once: a whole partition, or what of it has certain sort keys.

use aws_sdk_dynamodb::types::AttributeValue;

use super::item::Attributes;
use super::keys::Key;
use super::{Item, Record, Table, TableError};

/// Where a page ended.
#[derive(Debug, Clone)]
pub struct Bookmark(pub(super) Attributes);

pub(super) fn readable<'a, T: Item>(items: impl IntoIterator<Item = &'a Attributes>) -> Vec<Record<T>> {
    let read = items.into_iter().map(Record::decode).filter_map(|record| {
        record.inspect_err(|error| tracing::error!(%error, "an item is passed over")).ok()
    });
    read.collect()
}

/// The primary key of an item, or of its entry in an index.
pub(crate) fn key_of(item: &Attributes) -> Key {
    let text = |column| item.get(column).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
    Key { pk: text("pk"), sk: text("sk") }
}

impl Table {
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
}
