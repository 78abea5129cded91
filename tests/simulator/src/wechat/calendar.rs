//! Days and months where WeChat is: quotas start anew at midnight in China (docs/wechat.md §10.3).

use jiff::Timestamp;
use jiff::tz::Offset;

const CHINA: Offset = Offset::constant(8);
const SECONDS_PER_DAY: i64 = 86_400;

/// Days since the epoch, by the Chinese calendar day.
pub(crate) fn china_day(now: Timestamp) -> i64 {
    (now.as_second() + i64::from(CHINA.seconds())).div_euclid(SECONDS_PER_DAY)
}

/// Year and month in China.
pub(crate) fn china_month(now: Timestamp) -> (i16, i8) {
    let date = CHINA.to_datetime(now).date();
    (date.year(), date.month())
}

/// `YYYY-MM-DDTHH:MM:SSZ`, the one form in which the control API writes instants.
pub(crate) fn written(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
