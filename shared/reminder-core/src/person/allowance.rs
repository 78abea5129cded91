//! What one user may make in a day, and have in all: so that nobody makes the owner's bill, or uses up what WeChat gives
//! the owner for everybody.
//!
//! A day is China's, like WeChat's own quotas. It is counted in an item of its own, because a user's is written by
//! deliveries all the time, and in one transaction with what is counted: never twice, and never without it.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::types::builders::UpdateBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, Update};
use jiff::{SignedDuration, Timestamp};
use wechat::OpenId;

use crate::table::item::{Attributes, key_attributes};
use crate::table::keys::Key;
use crate::table::{Part, Table, TableError, keys};

/// A person's cupboards, with room; it keeps one request able to read them all (docs/design.md §5).
pub const ACTIVE_REMINDERS_MAX: usize = 200;
/// Reminders made or renewed in a day: all that a person may have, and second thoughts about some.
pub const SAVED_A_DAY_MAX: u32 = 250;
/// QR codes asked of WeChat in a day: one is good for as long as anybody looks at it.
pub const CODES_A_DAY_MAX: u32 = 20;
/// What is done or expired stays to be read: years of a household. The oldest goes first.
pub const FINISHED_REMINDERS_MAX: usize = 1000;
/// Whoever saves so many in a day may have more finished ones than stay: looked at once in such a day.
const TIDIED_AFTER: u32 = 10;

const SECONDS_A_DAY: i64 = 24 * 3600;
/// China keeps no summer time.
const CHINA_IS_AHEAD_S: i64 = 8 * 3600;
/// The count is of one day; clocks may differ, and forgetting waits for it.
const KEPT: SignedDuration = SignedDuration::from_hours(48);

/// What a user has used of it, as it was read.
#[derive(Debug, Clone)]
pub(crate) struct Allowance {
    key: Key,
    /// None: nothing is counted yet.
    seen: Option<Used>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Used {
    /// Days since 1970, in China.
    day: i64,
    saved: u32,
    codes: u32,
    /// The last day on which the finished ones were looked at.
    tidied: i64,
    /// What the newest QR code says.
    scene_str: Option<String>,
    /// The last forgetting of this user, by the id of its transaction.
    forgotten: Option<String>,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use<'a> {
    /// A reminder made or renewed, as long as no more than `highest` were before it.
    Save {
        highest: u32,
        tidies: bool,
    },
    Code {
        scene_str: &'a str,
    },
}

impl Allowance {
    pub(crate) async fn read(table: &Table, openid: &OpenId) -> Result<Self, TableError> {
        let key = keys::allowance(openid);
        let seen = table.attributes(key.clone()).await?.as_ref().map(Used::decode);
        Ok(Self { key, seen })
    }

    /// How many reminders may still be made or renewed today.
    pub(crate) fn saves_left(&self, now: Timestamp) -> u32 {
        SAVED_A_DAY_MAX.saturating_sub(self.today(now).saved)
    }

    /// How many QR codes may still be made today.
    pub(crate) fn codes_left(&self, now: Timestamp) -> u32 {
        CODES_A_DAY_MAX.saturating_sub(self.today(now).codes)
    }

    /// What the newest QR code says.
    pub(crate) fn newest_code(&self) -> Option<&str> {
        self.seen.as_ref()?.scene_str.as_deref()
    }

    /// Whether the reminder that is saved next is the one after which the finished ones are looked at.
    pub(crate) fn is_to_tidy(&self, now: Timestamp) -> bool {
        let used = self.today(now);
        used.saved >= TIDIED_AFTER && used.tidied != used.day
    }

    /// Counts a reminder made or renewed. It holds as long as today's allowance is not used up, fewer than `room` were saved
    /// since this was read (whatever they are, there is room for this one, too), and the user was not forgotten since.
    pub(crate) fn save(&self, table: &Table, room: usize, now: Timestamp) -> Part {
        let room = u32::try_from(room).unwrap_or(u32::MAX);
        let highest = self.today(now).saved.saturating_add(room).min(SAVED_A_DAY_MAX).saturating_sub(1);
        self.part(table, Use::Save { highest, tidies: self.is_to_tidy(now) }, now)
    }

    /// Counts a QR code that says `scene_str`.
    pub(crate) fn code(&self, table: &Table, scene_str: &str, now: Timestamp) -> Part {
        self.part(table, Use::Code { scene_str }, now)
    }

    /// Says that the user is forgotten, in the transaction `id` that does it: what is being saved by an allowance read
    /// before is not written. The counts stay, for forgetting gives no new allowance.
    pub(crate) fn forget(table: &Table, openid: &OpenId, id: &str, now: Timestamp) -> Part {
        let update = Update::builder()
            .table_name(&table.name)
            .set_key(Some(key_attributes(keys::allowance(openid))))
            .update_expression(
                "SET forgotten = :id, #day = if_not_exists(#day, :day), #ttl = if_not_exists(#ttl, :ttl), \
                 saved = if_not_exists(saved, :none), codes = if_not_exists(codes, :none)",
            )
            .expression_attribute_names("#day", "day")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":id", AttributeValue::S(id.to_owned()))
            .expression_attribute_values(":day", number(day(now)))
            .expression_attribute_values(":none", number(0))
            .expression_attribute_values(":ttl", number((now + KEPT).as_second()));
        Part::update(update.build().expect("an update has all it needs"))
    }

    /// What the newest QR code says is forgotten, if it is this; the count stays.
    pub(crate) async fn forget_code(
        table: &Table,
        openid: &OpenId,
        scene_str: &str,
    ) -> Result<(), TableError> {
        let outcome = table
            .client
            .update_item()
            .table_name(&table.name)
            .set_key(Some(key_attributes(keys::allowance(openid))))
            .update_expression("REMOVE scene_str")
            .condition_expression("scene_str = :scene_str")
            .expression_attribute_values(":scene_str", AttributeValue::S(scene_str.to_owned()))
            .send()
            .await;
        match outcome {
            Err(SdkError::ServiceError(context)) if context.err().is_conditional_check_failed_exception() => {
                Ok(())
            }
            outcome => outcome.map(drop).map_err(|error| TableError::failed("UpdateItem", &error)),
        }
    }

    /// A clock that is behind does not bring yesterday back.
    fn today(&self, now: Timestamp) -> Used {
        let day = day(now);
        match &self.seen {
            Some(used) if used.day >= day => used.clone(),
            _ => Used { day, ..Used::default() },
        }
    }

    fn part(&self, table: &Table, counted: Use<'_>, now: Timestamp) -> Part {
        let Used { day, .. } = self.today(now);
        let update = match &self.seen {
            Some(used) if used.day == day => one_more(used, counted),
            seen => first_of(day, seen.as_ref(), counted, now),
        };
        let update = update.table_name(&table.name).set_key(Some(key_attributes(self.key.clone())));
        Part::update(update.build().expect("an update has all it needs"))
    }
}

/// One more on a day of which some were counted.
fn one_more(used: &Used, counted: Use<'_>) -> UpdateBuilder {
    let update = Update::builder()
        .expression_attribute_names("#day", "day")
        .expression_attribute_values(":day", number(used.day))
        .expression_attribute_values(":one", number(1));
    match counted {
        Use::Save { highest, tidies } => {
            let tidied = if tidies { "SET tidied = :day " } else { "" };
            let update = update
                .update_expression(format!("{tidied}ADD saved :one"))
                .expression_attribute_values(":highest", number(highest.into()));
            unless_forgotten(update, "#day = :day AND saved <= :highest", used)
        }
        Use::Code { scene_str } => update
            .update_expression("SET scene_str = :scene_str ADD codes :one")
            .condition_expression("#day = :day AND codes < :most")
            .expression_attribute_values(":most", number(CODES_A_DAY_MAX.into()))
            .expression_attribute_values(":scene_str", AttributeValue::S(scene_str.to_owned())),
    }
}

/// The first of a day: the counts begin anew, if nothing was counted since they were read.
fn first_of(day: i64, seen: Option<&Used>, counted: Use<'_>, now: Timestamp) -> UpdateBuilder {
    let update = Update::builder()
        .expression_attribute_names("#day", "day")
        .expression_attribute_names("#ttl", "ttl")
        .expression_attribute_values(":day", number(day))
        .expression_attribute_values(":one", number(1))
        .expression_attribute_values(":none", number(0))
        .expression_attribute_values(":ttl", number((now + KEPT).as_second()));
    let update = match seen {
        None => update.condition_expression("attribute_not_exists(pk)"),
        Some(used) => {
            let update = update
                .expression_attribute_values(":seen", number(used.day))
                .expression_attribute_values(":saved", number(used.saved.into()));
            unless_forgotten(update, "#day = :seen AND saved = :saved", used)
        }
    };
    let counts = "SET #day = :day, #ttl = :ttl";
    match counted {
        Use::Save { .. } => update.update_expression(format!("{counts}, saved = :one, codes = :none")),
        Use::Code { scene_str } => update
            .update_expression(format!("{counts}, saved = :none, codes = :one, scene_str = :scene_str"))
            .expression_attribute_values(":scene_str", AttributeValue::S(scene_str.to_owned())),
    }
}

/// Under this condition, and that the user was not forgotten since it was read.
fn unless_forgotten(update: UpdateBuilder, condition: &str, used: &Used) -> UpdateBuilder {
    match &used.forgotten {
        None => update.condition_expression(format!("{condition} AND attribute_not_exists(forgotten)")),
        Some(id) => update
            .condition_expression(format!("{condition} AND forgotten = :forgotten"))
            .expression_attribute_values(":forgotten", AttributeValue::S(id.clone())),
    }
}

impl Used {
    fn decode(item: &Attributes) -> Self {
        let text = |column| item.get(column).and_then(|text| text.as_s().ok()).cloned();
        let number = |column| item.get(column)?.as_n().ok()?.parse::<i64>().ok();
        let count = |column| number(column).and_then(|count| u32::try_from(count).ok()).unwrap_or_default();
        Self {
            day: number("day").unwrap_or_default(),
            saved: count("saved"),
            codes: count("codes"),
            tidied: number("tidied").unwrap_or_default(),
            scene_str: text("scene_str"),
            forgotten: text("forgotten"),
        }
    }
}

fn number(number: i64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

fn day(now: Timestamp) -> i64 {
    (now.as_second() + CHINA_IS_AHEAD_S).div_euclid(SECONDS_A_DAY)
}

/// How long until the next day begins: from then everything is allowed anew.
pub(crate) fn until_midnight(now: Timestamp) -> SignedDuration {
    SignedDuration::from_secs((day(now) + 1) * SECONDS_A_DAY - CHINA_IS_AHEAD_S - now.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::instant;

    fn allowance(seen: Option<Used>) -> Allowance {
        Allowance { key: keys::allowance(&OpenId::from("o1")), seen }
    }

    #[test]
    fn a_day_is_chinas() {
        for (now, seconds) in [
            ("2027-01-10T00:00:00+08:00", 86_400),
            ("2027-01-10T10:00:00+08:00", 50_400),
            ("2027-01-10T23:59:59+08:00", 1),
            ("2027-01-10T23:59:59.5+08:00", 1),
        ] {
            assert_eq!(until_midnight(instant(now)).as_secs(), seconds, "{now}");
        }
    }

    #[test]
    fn what_is_left_begins_anew_with_the_day_and_not_with_a_clock_that_is_behind() {
        let now = instant("2027-01-10T10:00:00+08:00");
        let used = |days: i64| {
            let scene_str = Some("bind:x".to_owned());
            Some(Used { day: day(now) + days, saved: 240, codes: 20, tidied: 0, scene_str, forgotten: None })
        };
        for (seen, saves, codes, tidies) in [
            (None, 250, 20, false),
            (used(-1), 250, 20, false),
            (used(0), 10, 0, true),
            (used(1), 10, 0, true),
            (used(0).map(|used| Used { tidied: used.day, ..used }), 10, 0, false),
            (used(0).map(|used| Used { tidied: used.day - 1, ..used }), 10, 0, true),
            (used(0).map(|used| Used { saved: 9, ..used }), 241, 0, false),
        ] {
            let allowance = allowance(seen.clone());
            let left = (allowance.saves_left(now), allowance.codes_left(now), allowance.is_to_tidy(now));
            assert_eq!(left, (saves, codes, tidies), "{seen:?}");
        }
        assert_eq!(allowance(used(-1)).newest_code(), Some("bind:x"), "it is good over midnight");
    }

    #[test]
    fn what_was_used_is_read_as_it_was_counted() {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let item = Attributes::from([
            ("day".to_owned(), number(20_463)),
            ("saved".to_owned(), number(9)),
            ("codes".to_owned(), number(3)),
            ("tidied".to_owned(), number(20_462)),
            ("scene_str".to_owned(), text("bind:x")),
        ]);
        let scene_str = Some("bind:x".to_owned());
        let used = Used { day: 20_463, saved: 9, codes: 3, tidied: 20_462, scene_str, forgotten: None };
        assert_eq!(Used::decode(&item), used);
        assert_eq!(Used::decode(&Attributes::new()), Used::default(), "nothing was counted yet");
    }
}
