//! What is done about an attempt that nobody knows the outcome of, row by row: the channel, the evidence, the user, the
//! moment.

use jiff::Timestamp;

use super::super::situation::{Situation, instant};
use super::*;
use crate::channel::Channel;
use crate::receipt::Outcome;
use crate::reminder::{State, Status};

use Channel::{MiniSubscription, ServiceNotification, ServiceTemplate};

const NOON: &str = "2027-02-01T12:00:00+08:00";

fn words(resolution: &Resolution) -> String {
    let clock = |at: &Timestamp| {
        let zone = jiff::tz::TimeZone::get("Asia/Shanghai").expect("a zone");
        at.to_zoned(zone).strftime("%H:%M:%S").to_string()
    };
    match resolution {
        Resolution::Sent(noted) => format!("sent as {}", noted.msgid.as_str()),
        Resolution::Take(receipt) => format!("take {}", receipt.msgid.as_str()),
        Resolution::Retry { at, .. } => format!("never sent, again at {}", clock(at)),
        Resolution::Repeat { attempt, uncertain, .. } => {
            let how = if attempt.as_settings_ask { "as the settings ask" } else { "harmlessly" };
            format!("repeat {how}{}", if *uncertain { ", its credit is uncertain" } else { "" })
        }
        Resolution::Wait { at, .. } => format!("wait until {}", clock(at)),
        Resolution::Gather { others_matter } => format!("gather, others matter: {others_matter}"),
        Resolution::Announce => "announce".to_owned(),
        Resolution::Unknown => "unknown".to_owned(),
    }
}

/// An attempt that began at noon and was lost; `seconds` later somebody looks.
struct Lost {
    situation: Situation,
    attempt: Attempt,
}

impl Lost {
    fn new(channel: Channel, user: &[&str], seconds: i64) -> Self {
        let mut situation = Situation::at(NOON).user(user);
        let attempt = situation.attempt(channel);
        if let (Some(template_id), Some(user)) = (&attempt.one_time_template, &mut situation.user) {
            user.ledger(template_id).reserve(&attempt.id, false, instant(NOON));
        }
        let push = situation.push();
        push.attempts = 1;
        push.first_template_attempt = channel.is_idempotent().then_some(instant(NOON));
        push.state = State::Unresolved { attempt: attempt.clone(), look_at: instant(NOON) };
        situation.now += SignedDuration::from_secs(seconds);
        Self { situation, attempt }
    }

    fn check(&self, evidence: Option<&Evidence>, expected: &str, case: &str) {
        assert_eq!(words(&resolve(&self.attempt, evidence, &self.situation.facts())), expected, "{case}");
    }

    /// A receipt that came so many seconds after noon, and was received then.
    fn receipt(&self, msgid: &str, seconds: i64) -> Receipt {
        let at = instant(NOON) + SignedDuration::from_secs(seconds);
        Receipt {
            msgid: msgid.into(),
            template_id: self.attempt.one_time_template.as_deref().map(Into::into),
            create_time: at,
            received_at: at,
            outcome: Outcome::Delivered,
            push: None,
        }
    }
}

#[test]
fn what_can_be_said_without_evidence_is_said_first() {
    const EVERYTHING: &[&str] = &["linked", "follows", "accepts 2", "notices 1"];
    type Alter = fn(&mut Lost);
    let rows: &[(&str, Channel, i64, Alter, &str)] = &[
        ("WeChat remembers its id", ServiceTemplate, 60, |_| {}, "repeat harmlessly"),
        ("to the last second", ServiceTemplate, 539, |_| {}, "repeat harmlessly"),
        ("it has forgotten it", ServiceTemplate, 540, |_| {}, "gather, others matter: false"),
        (
            "remembered since the first attempt",
            ServiceTemplate,
            400,
            |l| {
                l.situation.push().first_template_attempt =
                    Some(instant(NOON) - SignedDuration::from_secs(140))
            },
            "gather, others matter: false",
        ),
        (
            "done meanwhile",
            ServiceTemplate,
            60,
            |l| l.situation.reminder.status = Status::Done { at: l.situation.now },
            "wait until 12:05:00",
        ),
        (
            "expired meanwhile",
            ServiceTemplate,
            60,
            |l| l.situation.reminder.content.expires_at = l.situation.now,
            "wait until 12:05:00",
        ),
        ("too early to look", MiniSubscription, 60, |_| {}, "wait until 12:05:00"),
        ("a minute ahead at least", MiniSubscription, 270, |_| {}, "wait until 12:05:30"),
        ("time to look", MiniSubscription, 300, |_| {}, "gather, others matter: false"),
        ("time to look", ServiceNotification, 300, |_| {}, "gather, others matter: false"),
        (
            "its credit was never reserved",
            MiniSubscription,
            60,
            |l| l.attempt.id = "b".to_owned(),
            "never sent, again at 12:01:00",
        ),
        (
            "nor was that of a repeat, which says nothing",
            MiniSubscription,
            300,
            |l| {
                l.attempt.id = "b".to_owned();
                l.attempt.repeats = vec!["a".to_owned()]
            },
            "gather, others matter: false",
        ),
        (
            "its user is gone",
            MiniSubscription,
            300,
            |l| l.situation.user = None,
            "gather, others matter: false",
        ),
    ];
    for (case, channel, seconds, alter, expected) in rows {
        let mut lost = Lost::new(*channel, EVERYTHING, *seconds);
        alter(&mut lost);
        lost.check(None, expected, case);
    }
    let mut at_night = Lost::new(MiniSubscription, EVERYTHING, 11 * 3600);
    at_night.attempt.id = "b".to_owned();
    at_night.check(None, "never sent, again at 08:00:23", "at night");
}

#[test]
fn the_last_credit_is_the_one_that_makes_a_repeat_harmless() {
    type Alter = fn(&mut Lost);
    let rows: &[(&str, Channel, &[&str], Alter, bool)] = &[
        ("the only one", MiniSubscription, &["accepts 1"], |_| {}, true),
        ("one of two", MiniSubscription, &["accepts 2"], |_| {}, false),
        ("one is reported besides", MiniSubscription, &["accepts 1", "reports 1"], |_| {}, false),
        ("it was only reported", MiniSubscription, &["reports 1"], |_| {}, false),
        ("of the service account", ServiceNotification, &["linked", "notices 1"], |_| {}, false),
        (
            "reports are what counts",
            MiniSubscription,
            &["accepts 1"],
            |l| l.situation.settings.credit_source = CreditSource::Client,
            false,
        ),
        ("twelve attempts", MiniSubscription, &["accepts 1"], |l| l.situation.push().attempts = 12, false),
        ("eleven attempts", MiniSubscription, &["accepts 1"], |l| l.situation.push().attempts = 11, true),
        (
            "the settings have another template",
            MiniSubscription,
            &["accepts 1"],
            |l| l.attempt.one_time_template = Some("old".to_owned()),
            false,
        ),
        (
            "it has expired",
            MiniSubscription,
            &["accepts 1"],
            |l| l.situation.reminder.content.expires_at = l.situation.now,
            false,
        ),
    ];
    for (case, channel, words, alter, expected) in rows {
        let mut lost = Lost::new(*channel, words, 300);
        alter(&mut lost);
        lost.check(None, &format!("gather, others matter: {expected}"), case);
        let repeated = resolve(&lost.attempt, Some(&Evidence::default()), &lost.situation.facts());
        let harmlessly = matches!(repeated, Resolution::Repeat { uncertain: false, .. });
        assert_eq!(harmlessly, *expected, "{case}");
    }
    let lost = Lost::new(MiniSubscription, &["accepts 1"], 300);
    let other = Attempt { id: "other".to_owned(), ..lost.attempt.clone() };
    let evidence = Evidence { others: vec![other], ..Evidence::default() };
    lost.check(Some(&evidence), "announce", "another attempt may have left its credit with WeChat");
}

#[test]
fn in_the_end_the_settings_decide() {
    type Alter = fn(&mut Lost);
    let rows: &[(&str, Channel, &[&str], i64, Alter, &str)] = &[
        (
            "repeat",
            MiniSubscription,
            &["accepts 2"],
            300,
            |_| {},
            "repeat as the settings ask, its credit is uncertain",
        ),
        (
            "repeat",
            ServiceTemplate,
            &["linked", "follows"],
            600,
            |_| {},
            "repeat as the settings ask, its credit is uncertain",
        ),
        ("once", MiniSubscription, &["accepts 2"], 300, |l| l.situation.push().repeated = true, "announce"),
        (
            "report",
            MiniSubscription,
            &["accepts 2"],
            300,
            |l| l.situation.settings.on_unknown = OnUnknown::Report,
            "announce",
        ),
        ("no credit is left for it", ServiceNotification, &["linked", "notices 1"], 300, |_| {}, "announce"),
        ("they unfollowed", ServiceTemplate, &["linked", "accepts 5"], 600, |_| {}, "announce"),
        (
            "it is done",
            MiniSubscription,
            &["accepts 2"],
            300,
            |l| l.situation.reminder.status = Status::Done { at: l.situation.now },
            "announce",
        ),
        ("at night", MiniSubscription, &["accepts 2"], 11 * 3600, |_| {}, "wait until 08:00:23"),
        (
            "at night, and there is no morning",
            MiniSubscription,
            &["accepts 2"],
            11 * 3600,
            |l| l.situation.reminder.content.expires_at = l.situation.now + SignedDuration::from_mins(10),
            "repeat as the settings ask, its credit is uncertain",
        ),
    ];
    for (case, channel, user, seconds, alter, expected) in rows {
        let mut lost = Lost::new(*channel, user, *seconds);
        alter(&mut lost);
        lost.check(Some(&Evidence::default()), expected, case);
    }
    let announced = Evidence { announced: true, ..Evidence::default() };
    Lost::new(MiniSubscription, &["accepts 2"], 300).check(Some(&announced), "unknown", "announced");
}

#[test]
fn a_receipt_tells_and_goes_to_the_attempt_that_began_last_before_it() {
    let lost = Lost::new(MiniSubscription, &["accepts 2"], 300);
    let began = |seconds: i64| Attempt {
        id: format!("other {seconds}"),
        started_at: instant(NOON) + SignedDuration::from_secs(seconds),
        ..lost.attempt.clone()
    };
    let noted = Noted { msgid: "9".into(), receipt: None };
    let rows: &[(&str, Option<Noted>, &[(&str, i64)], &[i64], bool, &str)] = &[
        // Noted; receipts: msgid, and when they came; when other attempts began; announced.
        ("its own answer was noted", Some(noted.clone()), &[("7", 3)], &[], false, "sent as 9"),
        ("one receipt", None, &[("7", 3)], &[], false, "take 7"),
        ("two receipts", None, &[("7", 3), ("8", 5)], &[], false, "take 7"),
        ("the first is too young", None, &[("7", 241)], &[], false, "wait until 12:06:00"),
        ("just old enough", None, &[("7", 240)], &[], false, "take 7"),
        ("too young, and announced", None, &[("7", 241)], &[], true, "unknown"),
        ("announced", None, &[("7", 3)], &[], true, "take 7"),
        ("the other began after it", None, &[("7", 3)], &[4], false, "take 7"),
        (
            "the other began before it",
            None,
            &[("7", 5)],
            &[4],
            false,
            "repeat as the settings ask, its credit is uncertain",
        ),
        (
            "the other began in its second",
            None,
            &[("7", 4)],
            &[4],
            false,
            "repeat as the settings ask, its credit is uncertain",
        ),
        ("the other began before ours", None, &[("7", 5)], &[-4], false, "take 7"),
        ("each has one", None, &[("7", 3), ("8", 9)], &[5], false, "take 7"),
    ];
    for (case, noted, receipts, others, announced, expected) in rows {
        let evidence = Evidence {
            noted: noted.clone(),
            unmatched: receipts.iter().map(|(msgid, seconds)| lost.receipt(msgid, *seconds)).collect(),
            others: others.iter().map(|seconds| began(*seconds)).collect(),
            announced: *announced,
        };
        lost.check(Some(&evidence), expected, case);
    }
}
