//! The world in short, as the page shows it: the time, what comes next, what may go wrong, how much there is.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::faults;
use super::state::Control;
use crate::instant::to_seconds;
use crate::scheduler::ScheduleView;

pub(super) fn overview(control: &Control) -> Map<String, Value> {
    let schedules = control.scheduler.schedules();
    let accounts = control.platform.accounts();
    let shown = json!({
        "world": control.world,
        "now": to_seconds(control.timeline.now()),
        "pace": if control.timeline.is_real() { "real" } else { "explicit" },
        "play": if control.timeline.is_real() { 1 } else { control.player.rate() },
        "service_account": accounts.get(crate::wechat::AccountName::ServiceAccount).is_some(),
        "next": next(control, &schedules),
        "next_push": soonest(&schedules, is_one_time).map(|(at, schedule)| told(at, schedule)),
        "faults": faults::listed(control),
        "schedules": schedules.len(),
        // Who only looks is no news: whoever shows it would look again.
        "writes": control.journal.last_write(),
        "dead_letters": control.lambda.dead_letters().len(),
    });
    match shown {
        Value::Object(shown) => shown,
        _ => Map::new(),
    }
}

/// The next event of all. What is on no schedule is WeChat's: a receipt, a callback once more.
fn next(control: &Control, schedules: &[ScheduleView]) -> Value {
    let due = control.timeline.next_due();
    match soonest(schedules, |_| true) {
        Some((at, schedule)) if due.is_none_or(|due| at <= due) => told(at, schedule),
        _ => due.map_or(Value::Null, |due| json!({ "at": to_seconds(due), "what": "wechat" })),
    }
}

fn soonest(
    schedules: &[ScheduleView],
    fits: impl Fn(&ScheduleView) -> bool,
) -> Option<(Timestamp, &ScheduleView)> {
    let waiting = schedules.iter().filter(|schedule| fits(schedule));
    waiting.filter_map(|schedule| Some((schedule.next?, schedule))).min_by_key(|(at, _)| *at)
}

/// One for a reminder; the template's recur.
fn is_one_time(schedule: &ScheduleView) -> bool {
    schedule.expression.starts_with("at(")
}

fn told(at: Timestamp, schedule: &ScheduleView) -> Value {
    let input = schedule.input.as_deref().and_then(|input| serde_json::from_str::<Value>(input).ok());
    let input = input.unwrap_or_default();
    let what = match (&input["id"], &input["erase"]) {
        (Value::String(_), _) => "push",
        (_, Value::Null) if !is_one_time(schedule) => "sweep",
        _ => "other",
    };
    json!({ "at": to_seconds(at), "what": what, "openid": input["openid"], "reminder": input["id"] })
}
