//! The grammars of `date` and `time` keywords (docs/wechat.md §9.2), digit by digit.
//!
//! ```text
//! date   = moment [ "~" moment ]        moment = year-month-day [ " " clock ] | year-month | month-day
//! time   = moment [ "~" moment ]        moment = [ year-month-day " " ] clock
//! clock  = HH:MM | HH:MM:SS             in 24 hours, two digits each
//! ```
//! A day is written `2019年10月1日` or with one of `-` `/` `.` throughout. The range sign is the ASCII `~`:
//! WeChat refuses the full-width one.

use jiff::civil::Date;

/// A leap year, for month and day without a year.
const ANY_YEAR: i16 = 2000;

pub(super) fn is_date(value: &str) -> bool {
    one_or_range(value, |moment| match moment.split_once(' ') {
        Some((day, clock)) => is_full_day(day) && is_clock(clock),
        None => is_full_day(moment) || is_part_of_day(moment),
    })
}

pub(super) fn is_time(value: &str) -> bool {
    one_or_range(value, |moment| match moment.split_once(' ') {
        Some((day, clock)) => is_full_day(day) && is_clock(clock),
        None => is_clock(moment),
    })
}

fn one_or_range(value: &str, is_moment: impl Fn(&str) -> bool) -> bool {
    match value.split_once('~') {
        Some((from, to)) => is_moment(from) && is_moment(to),
        None => is_moment(value),
    }
}

fn is_clock(text: &str) -> bool {
    let below = |part: &str, limit: u8| part.len() == 2 && number(part).is_some_and(|n| n < i16::from(limit));
    match text.split(':').collect::<Vec<_>>()[..] {
        [hours, minutes] => below(hours, 24) && below(minutes, 60),
        [hours, minutes, seconds] => below(hours, 24) && below(minutes, 60) && below(seconds, 60),
        _ => false,
    }
}

/// `2019年10月1日`, `2019-10-01`
fn is_full_day(text: &str) -> bool {
    let parts = match text.strip_suffix('日').and_then(|rest| rest.split_once('年')) {
        Some((year, rest)) => rest.split_once('月').map(|(month, day)| [year, month, day]),
        None => separated(text).and_then(|parts| <[&str; 3]>::try_from(parts).ok()),
    };
    parts.is_some_and(|[year, month, day]| is_year(year) && is_day(number(year), month, day))
}

/// `2019年10月`, `10月1日`, `2019-10`, `10-01`
fn is_part_of_day(text: &str) -> bool {
    let year_month = text.strip_suffix('月').and_then(|rest| rest.split_once('年'));
    let month_day = text.strip_suffix('日').and_then(|rest| rest.split_once('月'));
    match (year_month, month_day, separated(text).as_deref()) {
        (Some((year, month)), ..) => is_year(year) && is_day(number(year), month, "1"),
        (_, Some((month, day)), _) => is_day(Some(ANY_YEAR), month, day),
        (_, _, Some([year, month])) if is_year(year) => is_day(number(year), month, "1"),
        (_, _, Some([month, day])) => is_day(Some(ANY_YEAR), month, day),
        _ => false,
    }
}

fn separated(text: &str) -> Option<Vec<&str>> {
    let separator = text.chars().find(|c| matches!(c, '-' | '/' | '.'))?;
    Some(text.split(separator).collect())
}

fn is_year(text: &str) -> bool {
    text.len() == 4 && number(text).is_some_and(|year| year > 0)
}

fn is_day(year: Option<i16>, month: &str, day: &str) -> bool {
    let small = |part: &str| (1..=2).contains(&part.len()).then(|| number(part)?.try_into().ok()).flatten();
    match (year, small(month), small(day)) {
        (Some(year), Some(month), Some(day)) => Date::new(year, month, day).is_ok(),
        _ => false,
    }
}

fn number(text: &str) -> Option<i16> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}
