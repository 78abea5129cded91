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
use crate::channel::Channel;
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

#[derive(Clone, Copy)]
enum Unit {
    Count,
    Seconds,
    Milliseconds,
}

/// A name of `template.yaml`, and what is added to it.
type Measured = (&'static str, Unit, f64);

const fn one(name: &'static str) -> Measured {
    (name, Unit::Count, 1.0)
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

    /// A write of ours changed a push from `before` to `after`: the one place where pushes are counted.
    pub(crate) fn push_changed(&self, before: &Push, after: &Push, now: Timestamp) {
        if before.state == after.state {
            return;
        }
        let channel = after.channel().or(before.channel()).map(Channel::as_str);
        let is_taken = |state: &State| {
            matches!(state, State::Sent { .. } | State::Delivered { .. } | State::Unknown { .. })
        };
        let mut measured = Vec::new();
        match after.state {
            // A receipt that was here first makes it `Delivered` in the same write.
            State::Sent { .. } | State::Delivered { .. } if !is_taken(&before.state) => {
                let late = now.duration_since(after.fires_at).max(SignedDuration::ZERO);
                measured.push(one("PushesSent"));
                measured.push(("LatenessSeconds", Unit::Seconds, late.as_secs_f64()));
                if before.attempt().is_some_and(|attempt| attempt.one_time_template.is_some()) {
                    measured.push(one("CreditsUsed"));
                }
            }
            State::Undeliverable { .. } => {
                let why = ("Reason", after.undeliverable_for());
                return self.emit(now, Some(why), &[one("PushesUndeliverable")]);
            }
            State::Unknown { .. } => measured.push(one("PushesUnknown")),
            State::Retrying { .. } => measured.push(one("PushesRetrying")),
            _ => {}
        }
        if matches!(after.state, State::Delivered { .. }) {
            measured.push(one("PushesDelivered"));
        }
        self.emit(now, channel.map(|channel| ("Channel", channel)), &measured);
    }

    /// WeChat refused a call, for this class of reasons.
    pub(crate) fn refused_by_wechat(&self, account: Account, class: ErrClass, errcode: i64, now: Timestamp) {
        let mut measured = vec![one("WechatErrors")];
        if class == ErrClass::Config {
            measured.push(one("WechatConfigErrors"));
        }
        let about = [("Account", json!(account.name())), ("Errcode", json!(errcode))];
        self.emit_about(now, Some(("Class", word(class))), &measured, &about);
    }

    /// A call that never left (`not_sent`), or whose answer did not come (`no_answer`).
    pub(crate) fn no_answer_from_wechat(&self, account: Account, class: &'static str, now: Timestamp) {
        let about = [("Account", json!(account.name()))];
        self.emit_about(now, Some(("Class", class)), &[one("WechatErrors")], &about);
    }

    pub(crate) fn token_refreshed(&self, account: Account, done: bool, now: Timestamp) {
        let name = if done { "TokenRefreshes" } else { "TokenRefreshFailures" };
        self.emit_about(now, None, &[one(name)], &[("Account", json!(account.name()))]);
    }

    pub(crate) fn credits_accepted(&self, count: u32, now: Timestamp) {
        if count > 0 {
            self.emit(now, None, &[("CreditsAccepted", Unit::Count, f64::from(count))]);
        }
    }

    /// A callback was accepted and acted on within this time.
    pub fn callback_answered(&self, account: Account, took: std::time::Duration, now: Timestamp) {
        let took = ("CallbackMilliseconds", Unit::Milliseconds, took.as_secs_f64() * 1000.0);
        self.emit_about(now, None, &[took], &[("Account", json!(account.name()))]);
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

    fn emit(&self, now: Timestamp, dimension: Option<(&str, &str)>, measured: &[Measured]) {
        self.emit_about(now, dimension, measured, &[]);
    }

    /// Each metric once without dimension, which is what the alarms watch, and once with. `about` can be searched for in
    /// the log and makes no metric of its own.
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
        let dimensions = match dimension {
            Some((name, _)) => json!([[], [name]]),
            None => json!([[]]),
        };
        let metrics: Vec<Value> =
            measured.iter().map(|(name, unit, _)| json!({ "Name": name, "Unit": unit.as_str() })).collect();
        let mut line = Map::new();
        line.insert(
            "_aws".to_owned(),
            json!({
                "Timestamp": now.as_millisecond(),
                "CloudWatchMetrics": [{ "Namespace": NAMESPACE, "Dimensions": dimensions, "Metrics": metrics }],
            }),
        );
        line.extend(dimension.map(|(name, value)| (name.to_owned(), json!(value))));
        line.extend(about.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        line.extend(measured.iter().map(|(name, _, value)| ((*name).to_owned(), json!(value))));
        (self.write)(&Value::Object(line).to_string());
    }
}

impl Unit {
    fn as_str(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Seconds => "Seconds",
            Self::Milliseconds => "Milliseconds",
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
        insta::assert_snapshot!(lines[0], @r#"{"_aws":{"Timestamp":1803816000000,"CloudWatchMetrics":[{"Namespace":"Reminders","Dimensions":[[],["Class"]],"Metrics":[{"Name":"WechatErrors","Unit":"Count"},{"Name":"WechatConfigErrors","Unit":"Count"}]}]},"Class":"config","Account":"mini_program","Errcode":40164,"WechatErrors":1.0,"WechatConfigErrors":1.0}"#);
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
            let lines = written(|metrics| metrics.push_changed(before, after, now));
            let line: Value = serde_json::from_str(lines.first().map_or("{}", String::as_str)).expect("JSON");
            let metrics =
                line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().cloned().unwrap_or_default();
            let names: Vec<String> =
                metrics.iter().map(|metric| metric["Name"].as_str().unwrap_or_default().to_owned()).collect();
            (names.join(" "), line["LatenessSeconds"].as_f64())
        };
        assert_eq!(names(&planned, &planned), (String::new(), None));
        assert_eq!(names(&planned, &sent), ("PushesSent LatenessSeconds".to_owned(), Some(40.0)));
        assert_eq!(names(&sent, &delivered), ("PushesDelivered".to_owned(), None));
        assert_eq!(
            names(&planned, &delivered),
            ("PushesSent LatenessSeconds PushesDelivered".to_owned(), Some(40.0))
        );
        let given_up = with(State::Undeliverable { at: now, rest: Rest::Unreachable });
        assert_eq!(names(&planned, &given_up), ("PushesUndeliverable".to_owned(), None));
        let given_up = Push { reason: Some("expired".to_owned()), ..given_up };
        let lines = written(|metrics| metrics.push_changed(&planned, &given_up, now));
        assert!(lines[0].contains(r#""Dimensions":[[],["Reason"]]"#), "{lines:?}");
        assert!(lines[0].contains(r#""Reason":"expired""#), "{lines:?}");
    }
}
