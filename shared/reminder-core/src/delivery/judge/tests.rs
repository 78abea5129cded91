//! The rules of an attempt's outcome, row by row: channel and number of the attempt, what WeChat answered, what follows.

use super::*;
use crate::reminder::{Attempt, State};
use serde_json::Value;

const TODAY: &str = "2027-02-01T12:00:00+08:00";

fn instant(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn settings() -> Settings {
    let document: Value =
        serde_json::from_str(include_str!("../../../../../events/settings.json")).expect("JSON");
    Settings::parse(&document).expect("the sample settings are valid")
}

struct Case {
    channel: Channel,
    /// How many attempts of this push were begun, this one included.
    attempts: u32,
    began: &'static str,
    now: &'static str,
    expires_at: &'static str,
    first_template_attempt: Option<&'static str>,
}

impl Case {
    fn new(channel: Channel, attempts: u32) -> Self {
        let expires_at = "2027-03-01T00:00:00+08:00";
        Self { channel, attempts, began: TODAY, now: TODAY, expires_at, first_template_attempt: None }
    }

    fn check(&self, outcome: &Outcome, expected: &str) {
        let settings = settings();
        let began = instant(self.began);
        let attempt = Attempt {
            id: "a".to_owned(),
            channel: self.channel,
            started_at: began,
            one_time_template: None,
            repeats: Vec::new(),
            credit: None,
            as_settings_ask: false,
            first_started_at: None,
        };
        let mut push = Push::planned(1, 1, began, began);
        push.attempts = self.attempts;
        push.state = State::Sending { attempt };
        push.first_template_attempt = self.first_template_attempt.map(instant);
        let judged = judge(
            outcome,
            &Circumstances {
                channel: self.channel,
                started_at: began,
                push: &push,
                reminder_id: "aaaaabbbbbcccccddddd",
                expires_at: instant(self.expires_at),
                settings: &settings,
                timezone: &TimeZone::get("Asia/Shanghai").expect("a zone"),
                now: instant(self.now),
            },
        );
        let case = format!("{} #{} {outcome:?}", self.channel, self.attempts);
        assert_eq!(words(&judged, instant(self.now)), expected, "{case}");
    }
}

/// A pause in whole minutes: the jitter of under a minute falls away, that of the quota is shown as its hour.
fn words(judged: &Judged, now: Timestamp) -> String {
    let minutes = |at: Timestamp| match at.duration_since(now) {
        pause if pause >= SignedDuration::from_hours(7) => {
            let china = TimeZone::get("Asia/Shanghai").expect("a zone");
            at.to_zoned(china).strftime("on the %d after %H").to_string()
        }
        pause => format!("in {} min", pause.as_mins()),
    };
    let mut words = vec![match &judged.verdict {
        Verdict::Sent => "sent".to_owned(),
        Verdict::NextChannel => "next channel".to_owned(),
        Verdict::Later { at, give_way: false } => format!("again {}", minutes(*at)),
        Verdict::Later { at, give_way: true } => format!("next channel, or again {}", minutes(*at)),
        Verdict::Look { at } => format!("look {}", minutes(*at)),
    }];
    words.push(match judged.credit {
        CreditVerdict::Keep => "credit kept".to_owned(),
        CreditVerdict::Release => "credit back".to_owned(),
        CreditVerdict::Exhausted => "no credit left".to_owned(),
    });
    words.extend(judged.unfollowed.then(|| "unfollowed".to_owned()));
    words.extend(judged.alarm.then(|| "alarm".to_owned()));
    words.join("; ")
}

fn refused(errcode: i64) -> Outcome {
    Outcome::Refused(Refusal::new(wechat::ErrCode(errcode), "no"))
}

use Channel::{MiniSubscription, ServiceNotification, ServiceTemplate};

#[test]
fn a_refusal_is_settled_by_its_class() {
    let rows: &[(Channel, i64, &str)] = &[
        // Busy is no answer. Where WeChat drops repeats, it is asked again at once.
        (ServiceTemplate, -1, "look in 1 min; credit kept"),
        (MiniSubscription, -1, "look in 5 min; credit kept"),
        (ServiceNotification, -1, "look in 5 min; credit kept"),
        // Another message to this user is on its way: definitely not sent.
        (MiniSubscription, 43108, "again in 1 min; credit back"),
        (ServiceTemplate, 45011, "again in 2 min; credit back"),
        (ServiceTemplate, 40001, "again in 1 min; credit back"),
        (ServiceTemplate, 42001, "again in 1 min; credit back"),
        // The quota comes back after midnight in China; then the quiet hours are waited for.
        (ServiceTemplate, 45009, "again on the 02 after 08; credit back; alarm"),
        (MiniSubscription, 45009, "again on the 02 after 08; credit back; alarm"),
        // The recipient.
        (ServiceTemplate, 43004, "next channel; credit back; unfollowed"),
        (ServiceTemplate, 50005, "next channel; credit back; unfollowed"),
        (ServiceNotification, 43004, "next channel; credit back"),
        (MiniSubscription, 43004, "next channel; credit back"),
        (ServiceTemplate, 43019, "next channel; credit back"),
        (ServiceTemplate, 40003, "next channel; credit back"),
        (MiniSubscription, 43101, "next channel; no credit left"),
        (ServiceNotification, 43101, "next channel; no credit left"),
        // The message.
        (MiniSubscription, 47003, "next channel; credit back; alarm"),
        (ServiceTemplate, 45168, "next channel; credit back; alarm"),
        (ServiceTemplate, 47001, "next channel; credit back; alarm"),
        // Only the owner can mend it.
        (ServiceTemplate, 40037, "next channel, or again in 10 min; credit back; alarm"),
        (MiniSubscription, 41030, "next channel, or again in 10 min; credit back; alarm"),
        (ServiceTemplate, 40164, "next channel, or again in 10 min; credit back; alarm"),
        (ServiceTemplate, 48001, "next channel, or again in 10 min; credit back; alarm"),
        // Nobody has heard of it.
        (ServiceTemplate, 99999, "again in 1 min; credit back; alarm"),
    ];
    for (channel, errcode, expected) in rows {
        Case::new(*channel, 1).check(&refused(*errcode), expected);
    }
}

#[test]
fn what_does_not_pass_is_asked_less_and_less_often() {
    let rows: &[(u32, i64, &str)] = &[
        (1, 45011, "again in 2 min; credit back"),
        (2, 45011, "again in 4 min; credit back"),
        (3, 45011, "next channel, or again in 8 min; credit back"),
        (5, 45011, "next channel, or again in 32 min; credit back"),
        (6, 45011, "next channel, or again in 60 min; credit back"),
        (40, 45011, "next channel, or again in 60 min; credit back"),
        (2, 40037, "next channel, or again in 20 min; credit back; alarm"),
        (6, 40037, "next channel, or again in 320 min; credit back; alarm"),
        (7, 40037, "next channel, or again in 360 min; credit back; alarm"),
        (2, 99999, "again in 2 min; credit back; alarm"),
        (3, 99999, "next channel; credit back; alarm"),
    ];
    for (attempts, errcode, expected) in rows {
        Case::new(ServiceTemplate, *attempts).check(&refused(*errcode), expected);
    }
}

#[test]
fn an_attempt_without_answer_is_settled_by_how_far_it_came() {
    let not_sent = || Outcome::NotSent("no connection".to_owned());
    let no_token = |config| Outcome::NoToken { reason: "none".to_owned(), config };
    let rows: &[(Channel, u32, Outcome, &str)] = &[
        (ServiceTemplate, 1, Outcome::Sent { msgid: None }, "sent; credit kept"),
        (MiniSubscription, 1, Outcome::Sent { msgid: None }, "sent; credit kept"),
        (ServiceTemplate, 1, Outcome::Unknown("timeout".to_owned()), "look in 1 min; credit kept"),
        (MiniSubscription, 1, Outcome::Unknown("timeout".to_owned()), "look in 5 min; credit kept"),
        (ServiceNotification, 9, Outcome::Unknown("timeout".to_owned()), "look in 5 min; credit kept"),
        (MiniSubscription, 1, not_sent(), "again in 1 min; credit back"),
        (MiniSubscription, 4, not_sent(), "next channel, or again in 8 min; credit back"),
        (ServiceTemplate, 1, no_token(false), "again in 1 min; credit back"),
        (ServiceTemplate, 1, no_token(true), "again in 1 min; credit back; alarm"),
        (ServiceTemplate, 12, no_token(false), "next channel, or again in 60 min; credit back"),
        (ServiceTemplate, 12, no_token(true), "next channel, or again in 360 min; credit back; alarm"),
        (MiniSubscription, 1, Outcome::NoCredit, "next channel; credit kept"),
        (ServiceTemplate, 1, Outcome::Unfit(String::new()), "next channel; credit back; alarm"),
    ];
    for (channel, attempts, outcome, expected) in rows {
        Case::new(*channel, *attempts).check(outcome, expected);
    }
}

#[test]
fn a_template_message_is_repeated_only_while_wechat_remembers_its_id() {
    let unknown = Outcome::Unknown("timeout".to_owned());
    let rows = [
        // Began, and the first attempt of all: the repeat must begin within nine minutes of that, a late firing included.
        ("12:00:00", "12:00:00", "look in 1 min; credit kept"),
        ("12:06:00", "12:00:00", "look in 1 min; credit kept"),
        ("12:06:59", "12:00:00", "look in 1 min; credit kept"),
        ("12:07:00", "12:00:00", "look in 5 min; credit kept"),
        ("12:30:00", "12:00:00", "look in 5 min; credit kept"),
    ];
    for (began, first, expected) in rows {
        let full = |time: &str| -> &'static str { format!("2027-02-01T{time}+08:00").leak() };
        let case = Case {
            began: full(began),
            now: full(began),
            first_template_attempt: Some(full(first)),
            ..Case::new(ServiceTemplate, 2)
        };
        case.check(&unknown, expected);
    }
}

#[test]
fn no_moment_of_ours_lies_in_the_quiet_hours_or_past_the_last_call() {
    let rows: &[(&str, &str, i64, &str)] = &[
        // Now, expiry, code.
        (
            "2027-02-01T22:29:30+08:00",
            "2027-03-01T00:00:00+08:00",
            45011,
            "again on the 02 after 08; credit back",
        ),
        ("2027-02-01T03:00:00+08:00", "2027-03-01T00:00:00+08:00", 45011, "again in 300 min; credit back"),
        // The quiet hours would outlast it: rather in them than never.
        ("2027-02-01T23:00:00+08:00", "2027-02-02T06:00:00+08:00", 45011, "again in 2 min; credit back"),
        // A long pause is cut to the last call, a minute and a half before the expiry.
        (
            "2027-02-01T12:00:00+08:00",
            "2027-02-01T12:06:00+08:00",
            40037,
            "next channel, or again in 4 min; credit back; alarm",
        ),
        ("2027-02-01T12:00:00+08:00", "2027-02-01T12:02:00+08:00", 40037, "next channel; credit back; alarm"),
        ("2027-02-01T12:00:00+08:00", "2027-02-01T12:02:00+08:00", 45011, "next channel; credit back"),
        // The quota would come back too late.
        ("2027-02-01T12:00:00+08:00", "2027-02-02T00:05:00+08:00", 45009, "next channel; credit back; alarm"),
    ];
    for (now, expires_at, errcode, expected) in rows {
        let case = Case { began: now, now, expires_at, ..Case::new(ServiceTemplate, 1) };
        case.check(&refused(*errcode), expected);
    }
}

#[test]
fn pushes_of_one_minute_do_not_come_back_in_one_second() {
    let settings = settings();
    let at = |id: &str| {
        let began = instant(TODAY);
        let push = Push { attempts: 1, ..Push::planned(1, 1, began, began) };
        let around = Circumstances {
            channel: ServiceTemplate,
            started_at: began,
            push: &push,
            reminder_id: id,
            expires_at: instant("2027-03-01T00:00:00+08:00"),
            settings: &settings,
            timezone: &TimeZone::get("Asia/Shanghai").expect("a zone"),
            now: began,
        };
        match judge(&refused(45011), &around).verdict {
            Verdict::Later { at, .. } => at,
            verdict => panic!("{verdict:?}"),
        }
    };
    let moments: std::collections::BTreeSet<Timestamp> =
        (0..60).map(|n| at(&format!("reminder{n:012}"))).collect();
    assert!(moments.len() > 30, "{} of 60 moments differ", moments.len());
}
