//! Reading many items at once: a whole partition, what of it has certain sort keys, or the table page by page.

use aws_sdk_dynamodb::types::AttributeValue;

use super::found::{Freshness, readable};
use super::item::Attributes;
use super::{Item, Record, Table, TableError};

/// Where a page ended.
#[derive(Debug, Clone)]
pub struct Bookmark(pub(super) Attributes);

/// Which items of a partition.
struct Range {
    condition: &'static str,
    values: Attributes,
    freshness: Freshness,
}

impl Range {
    fn of(partition: &str, prefix: Option<&str>) -> Self {
        match prefix {
            None => Self::new("pk = :pk", &[(":pk", partition)]),
            Some(prefix) => {
                let values = [(":pk", partition), (":prefix", prefix)];
                Self::new("pk = :pk AND begins_with(sk, :prefix)", &values)
            }
        }
    }

    fn between(partition: &str, from: &str, to: &str) -> Self {
        let values = [(":pk", partition), (":from", from), (":to", to)];
        Self::new("pk = :pk AND sk BETWEEN :from AND :to", &values)
    }

    fn new(condition: &'static str, values: &[(&str, &str)]) -> Self {
        let text = |(name, text): &(&str, &str)| (name.to_string(), AttributeValue::S(text.to_string()));
        Self { condition, values: values.iter().map(text).collect(), freshness: Freshness::Newest }
    }
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

    /// The items of one partition whose sort keys lie in `from..=to`, page by page to the end.
    pub(crate) async fn between(
        &self,
        partition: &str,
        from: &str,
        to: &str,
        freshness: Freshness,
    ) -> Result<Vec<Attributes>, TableError> {
        self.all_in(&Range { freshness, ..Range::between(partition, from, to) }).await
    }

    /// A partition, or what of it has a sort key that begins with `prefix`, page by page to the end.
    pub(crate) async fn partition(
        &self,
        partition: &str,
        prefix: Option<&str>,
    ) -> Result<Vec<Attributes>, TableError> {
        self.all_in(&Range::of(partition, prefix)).await
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
        self.page_in(&Range::of(partition, prefix), limit, after).await
    }

    /// One page of the whole table, in no order, behind the page that ended with `after`; at half the price, perhaps without
    /// the newest writes.
    pub(crate) async fn scan(
        &self,
        after: Option<Bookmark>,
    ) -> Result<(Vec<Attributes>, Option<Bookmark>), TableError> {
        let output = self
            .client
            .scan()
            .table_name(&self.name)
            .set_exclusive_start_key(after.map(|Bookmark(key)| key))
            .send()
            .await
            .map_err(|error| TableError::failed("Scan", &error))?;
        Ok((output.items.unwrap_or_default(), output.last_evaluated_key.map(Bookmark)))
    }

    async fn all_in(&self, range: &Range) -> Result<Vec<Attributes>, TableError> {
        let (mut items, mut after) = (Vec::new(), None);
        loop {
            let (page, next) = self.page_in(range, None, after).await?;
            items.extend(page);
            if next.is_none() {
                return Ok(items);
            }
            after = next;
        }
    }

    async fn page_in(
        &self,
        range: &Range,
        limit: Option<usize>,
        after: Option<Bookmark>,
    ) -> Result<(Vec<Attributes>, Option<Bookmark>), TableError> {
        let output = self
            .client
            .query()
            .table_name(&self.name)
            .consistent_read(range.freshness == Freshness::Newest)
            .key_condition_expression(range.condition)
            .set_expression_attribute_values(Some(range.values.clone()))
            .set_limit(limit.map(|limit| i32::try_from(limit).unwrap_or(i32::MAX)))
            .set_exclusive_start_key(after.map(|Bookmark(key)| key))
            .send()
            .await
            .map_err(|error| TableError::failed("Query", &error))?;
        Ok((output.items.unwrap_or_default(), output.last_evaluated_key.map(Bookmark)))
    }
}
