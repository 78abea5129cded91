//! Metrics in CloudWatch's embedded metric format: one JSON object on a line of its own, which CloudWatch reads out of
//! the log. The names are those of the alarms and the dashboard in `template.yaml`.
//!
//! Not a tracing event: the runtime's formatter would wrap it, and CloudWatch looks for `_aws` at the top of a line
//! only. Lambda hands a custom runtime's lines on as they are; one without a level counts as INFO. Nothing in here names
//! a person or repeats a text: dimensions are words of closed sets.

use std::fmt;
use std::io::Write as _;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use wechat::ErrClass;

use crate::account::Account;
use crate::reminder::{Push, State};

const NAMESPACE: &str = "Reminders";

/// Where the lines go.
#[derive(Clone)]
pub struct Metrics {
    write: Arc<dyn Fn(&str) + Send + Sync>,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

/// No unit is written beside it: the name says which, and every line is paid for by its bytes.
#[derive(Clone, Copy)]
enum Quantity {
    Count(u32),
    Seconds(SignedDuration),
}

/// What a measured value counts for. CloudWatch takes each set of dimensions for a metric of its own, which is paid for:
/// so it is what an alarm or a widget of `template.yaml` reads, and no more.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CountedAs {
    Whole,
    WholeAndKind,
}

/// A name of `template.yaml`, and what is added to it.
struct Measured {
    name: &'static str,
    quantity: Quantity,
    counted_as: CountedAs,
}

const fn count(name: &'static str, count: u32) -> Measured {
    Measured { name, quantity: Quantity::Count(count), counted_as: CountedAs::Whole }
}

const fn one(name: &'static str) -> Measured {
    count(name, 1)
}

const fn one_of_a_kind(name: &'static str) -> Measured {
    Measured { counted_as: CountedAs::WholeAndKind, ..one(name) }
}

impl Metrics {
    pub fn new(write: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self { write: Arc::new(write) }
    }

    /// What Lambda sends to the log.
    pub fn to_stdout() -> Self {
        Self::new(|line| {
            // One write, so that no log line comes between; a closed standard output is no reason to fail.
            let _ = std::io::stdout().lock().write_all(format!("{line}\n").as_bytes());
        })
    }

    /// A write of ours changed a push of a reminder from `before` to `after`: the one place where pushes are counted. What
    /// WeChat took is counted by how late it was, so that one line says both; that line is all the log has of a push to which
    /// nothing happened, and names the reminder.
    pub(crate) fn push_changed(&self, reminder_id: &str, before: &Push, after: &Push, now: Timestamp) {
        if before.state == after.state {
            return;
        }
        let channel = after.channel().or(before.channel()).map(|channel| ("Channel", channel.as_str()));
        let is_taken = |state: &State| {
            matches!(state, State::Sent { .. } | State::Delivered { .. } | State::Unknown { .. })
        };
        let (mut measured, mut about) = (Vec::new(), None);
        match after.state {
            // A receipt that was here first makes it `Delivered` in the same write.
            State::Sent { .. } | State::Delivered { .. } if !is_taken(&before.state) => {
                let late = now.duration_since(after.fires_at).max(SignedDuration::ZERO);
                let (quantity, counted_as) = (Quantity::Seconds(late), CountedAs::WholeAndKind);
                measured.push(Measured { name: "LatenessSeconds", quantity, counted_as });
                about = Some(("Id", json!(reminder_id)));
            }
            State::Undeliverable { .. } => {
                let why = ("Reason", after.undeliverable_for());
                return self.emit(now, Some(why), &[one_of_a_kind("PushesUndeliverable")]);
            }
            State::Unknown { .. } => measured.push(one("PushesUnknown")),
            State::Retrying { .. } => measured.push(one("PushesRetrying")),
            _ => {}
        }
        if matches!(after.state, State::Delivered { .. }) {
            measured.push(one("PushesDelivered"));
        }
        self.emit_about(now, channel, &measured, about.as_slice());
    }

    /// WeChat refused a call, for this class of reasons.
    pub(crate) fn refused_by_wechat(&self, account: Account, class: ErrClass, errcode: i64, now: Timestamp) {
        let mut measured = vec![one("WechatErrors")];
        if class == ErrClass::Config {
            measured.push(one("WechatConfigErrors"));
        }
        let about =
            [("Account", json!(account.name())), ("Class", json!(word(class))), ("Errcode", json!(errcode))];
        self.emit_about(now, None, &measured, &about);
    }

    /// A call that never left (`not_sent`), or whose answer did not come (`no_answer`).
    pub(crate) fn no_answer_from_wechat(&self, account: Account, class: &'static str, now: Timestamp) {
        let about = [("Account", json!(account.name()))];
        self.emit_about(now, Some(("Class", class)), &[one_of_a_kind("WechatErrors")], &about);
    }

    pub(crate) fn token_refreshed(&self, account: Account, done: bool, now: Timestamp) {
        let name = if done { "TokenRefreshes" } else { "TokenRefreshFailures" };
        self.emit_about(now, None, &[one(name)], &[("Account", json!(account.name()))]);
    }

    pub(crate) fn credits_accepted(&self, accepted: u32, now: Timestamp) {
        if accepted > 0 {
            self.emit(now, None, &[count("CreditsAccepted", accepted)]);
        }
    }

    /// A request to the callback was refused as a forgery.
    pub fn callback_refused(&self, account: Account, now: Timestamp) {
        self.emit_about(now, None, &[one("CallbacksRefused")], &[("Account", json!(account.name()))]);
    }

    /// WeChat told of a breach of its rules, or a punishment.
    pub fn punished(&self, account: Account, now: Timestamp) {
        self.emit_about(now, None, &[one("WechatPunishments")], &[("Account", json!(account.name()))]);
    }

    /// Somebody came with a code of `wx.login` that is none, or that WeChat does not accept.
    pub fn login_rejected(&self, now: Timestamp) {
        self.emit(now, None, &[one("LoginsRejected")]);
    }

    /// The owner's backend has an event.
    pub(crate) fn webhook_told(&self, now: Timestamp) {
        self.emit(now, None, &[one("WebhooksTold")]);
    }

    /// It did not take one, this time.
    pub(crate) fn webhook_failed(&self, now: Timestamp) {
        self.emit(now, None, &[one("WebhooksFailed")]);
    }

    /// It did not take one all day.
    pub(crate) fn webhook_given_up(&self, now: Timestamp) {
        self.emit(now, None, &[one("WebhooksGivenUp")]);
    }

    fn emit(&self, now: Timestamp, dimension: Option<(&str, &str)>, measured: &[Measured]) {
        self.emit_about(now, dimension, measured, &[]);
    }

    /// `about` can be searched for in the log and makes no metric of its own.
    fn emit_about(
        &self,
        now: Timestamp,
        dimension: Option<(&str, &str)>,
        measured: &[Measured],
        about: &[(&str, Value)],
    ) {
        if measured.is_empty() {
            return;
        }
        let dimension = dimension.filter(|_| measured.iter().any(|one| one.counted_as != CountedAs::Whole));
        let directives: Vec<Value> = [CountedAs::Whole, CountedAs::WholeAndKind]
            .into_iter()
            .filter_map(|counted_as| directive(counted_as, dimension, measured))
            .collect();
        let mut line = Map::new();
        line.insert(
            "_aws".to_owned(),
            json!({ "Timestamp": now.as_millisecond(), "CloudWatchMetrics": directives }),
        );
        line.extend(dimension.map(|(name, value)| (name.to_owned(), json!(value))));
        line.extend(about.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        line.extend(measured.iter().map(|one| (one.name.to_owned(), one.quantity.value())));
        (self.write)(&Value::Object(line).to_string());
    }
}

/// What CloudWatch makes of those that are counted in this way, if there are any.
fn directive(counted_as: CountedAs, dimension: Option<(&str, &str)>, measured: &[Measured]) -> Option<Value> {
    let kind = dimension.map(|(name, _)| vec![name]).unwrap_or_default();
    let dimensions = match counted_as {
        CountedAs::Whole => vec![Vec::new()],
        CountedAs::WholeAndKind => vec![Vec::new(), kind],
    };
    let metrics: Vec<Value> = measured
        .iter()
        .filter(|one| one.counted_as == counted_as)
        .map(|one| json!({ "Name": one.name }))
        .collect();
    let directive = json!({ "Namespace": NAMESPACE, "Dimensions": dimensions, "Metrics": metrics });
    (!metrics.is_empty()).then_some(directive)
}

impl Quantity {
    fn value(self) -> Value {
        match self {
            Self::Count(count) => json!(count),
            // In tenths: CloudWatch's clock is no better.
            Self::Seconds(span) => json!((span.as_secs_f64() * 10.0).round() / 10.0),
        }
    }
}

fn word(class: ErrClass) -> &'static str {
    match class {
        ErrClass::Ok => "ok",
        ErrClass::Token => "token",
        ErrClass::Retry => "retry",
        ErrClass::Rate => "rate",
        ErrClass::Quota => "quota",
        ErrClass::Recipient => "recipient",
        ErrClass::Content => "content",
        ErrClass::Config => "config",
        ErrClass::Bug => "bug",
        ErrClass::Login => "login",
        ErrClass::Ignore => "ignore",
        ErrClass::Unknown => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::channel::Channel;
    use crate::reminder::Rest;

    fn written(act: impl FnOnce(&Metrics)) -> Vec<String> {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let kept = lines.clone();
        act(&Metrics::new(move |line| kept.lock().expect("not poisoned").push(line.to_owned())));
        lines.lock().expect("not poisoned").clone()
    }

    #[test]
    fn a_line_is_what_cloudwatch_reads() {
        let now = Timestamp::from_second(1_803_816_000).expect("an instant");
        let lines = written(|metrics| {
            metrics.refused_by_wechat(Account::MiniProgram, ErrClass::Config, 40164, now);
            metrics.credits_accepted(0, now);
        });
        assert_eq!(lines.len(), 1, "nothing is not counted");
        insta::assert_snapshot!(lines[0], @r#"{"_aws":{"Timestamp":1803816000000,"CloudWatchMetrics":[{"Namespace":"Reminders","Dimensions":[[]],"Metrics":[{"Name":"WechatErrors"},{"Name":"WechatConfigErrors"}]}]},"Account":"mini_program","Class":"config","Errcode":40164,"WechatErrors":1,"WechatConfigErrors":1}"#);
    }

    #[test]
    fn a_push_is_counted_once_per_change_and_its_lateness_once() {
        let fires_at = Timestamp::from_second(1_803_816_000).expect("an instant");
        let now = fires_at + SignedDuration::from_secs(40);
        let planned = Push::planned(1, 1, fires_at, fires_at);
        let with = |state| Push { state, ..planned.clone() };
        let channel = Channel::ServiceTemplate;
        let sent = with(State::Sent { channel, at: now, msgid: None, attempt: String::new() });
        let delivered = with(State::Delivered { channel, at: now });
        let names = |before: &Push, after: &Push| {
            let lines = written(|metrics| metrics.push_changed("k3v9d2m1", before, after, now));
            let line: Value = serde_json::from_str(lines.first().map_or("{}", String::as_str)).expect("JSON");
            let directives = line["_aws"]["CloudWatchMetrics"].as_array().cloned().unwrap_or_default();
            let name = |metric: &Value| metric["Name"].as_str().unwrap_or_default().to_owned();
            let named = |one: &Value| {
                let metrics = one["Metrics"].as_array().into_iter().flatten();
                format!("{} by {}", metrics.map(name).collect::<Vec<_>>().join(" "), one["Dimensions"])
            };
            let named: Vec<String> = directives.iter().map(named).collect();
            (named.join(", "), line["LatenessSeconds"].as_f64())
        };
        assert_eq!(names(&planned, &planned), (String::new(), None));
        let sent_once = r#"LatenessSeconds by [[],["Channel"]]"#;
        assert_eq!(names(&planned, &sent), (sent_once.to_owned(), Some(40.0)));
        assert_eq!(names(&sent, &delivered), ("PushesDelivered by [[]]".to_owned(), None));
        let both = r#"PushesDelivered by [[]], LatenessSeconds by [[],["Channel"]]"#;
        assert_eq!(names(&planned, &delivered), (both.to_owned(), Some(40.0)));
        let given_up = with(State::Undeliverable { at: now, rest: Rest::Unreachable });
        let given_up_once = r#"PushesUndeliverable by [[],["Reason"]]"#;
        assert_eq!(names(&planned, &given_up), (given_up_once.to_owned(), None));
        let given_up = Push { reason: Some("expired".to_owned()), ..given_up };
        let lines = written(|metrics| metrics.push_changed("k3v9d2m1", &planned, &given_up, now));
        assert!(lines[0].contains(r#""Reason":"expired""#), "{lines:?}");
    }
}
