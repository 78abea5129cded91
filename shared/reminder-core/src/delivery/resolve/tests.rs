//! What is done about an attempt that nobody knows the outcome of, row by row: the channel, the evidence, the user, the
//! moment.

use jiff::Timestamp;

use super::super::situation::{Situation, instant};
use super::*;
use crate::app::minutes::{Noted as Minutes, Sign};
use crate::channel::Channel;
use crate::receipt::Outcome;
use crate::reminder::{EARLY_BY_AT_MOST, Repeated, State, Status};

use Channel::{MiniSubscription, ServiceNotification, ServiceTemplate};

const NOON: &str = "2027-02-01T12:00:00+08:00";

fn words(resolution: &Resolution) -> String {
    let clock = |at: &Timestamp| {
        let zone = jiff::tz::TimeZone::get("Asia/Shanghai").expect("a zone");
        // What is hours ahead is jittered.
        let form = if *at < instant(NOON) + SignedDuration::from_mins(40) { "%H:%M:%S" } else { "%d %H:%M" };
        at.to_zoned(zone).strftime(form).to_string()
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
        Resolution::NotTaken { at } => format!("not taken, again at {}", clock(at)),
        Resolution::Gather { others_matter } => format!("gather, others matter: {others_matter}"),
        Resolution::Used => "its credit was used".to_owned(),
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
        let resolution = resolve(&self.attempt, evidence, &self.situation.facts());
        assert_eq!(words(&resolution), expected, "{case}");
        if let Resolution::Wait { at, .. } = resolution {
            assert!(
                self.situation.now + EARLY_BY_AT_MOST < at,
                "{case}: the same run would look at it again"
            );
        }
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
        (
            "it went to a phone that is theirs no longer",
            ServiceTemplate,
            60,
            |l| l.attempt.follower = Some("s-other".into()),
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
                l.attempt.repeats = vec![repeated("a", 0)]
            },
            "gather, others matter: false",
        ),
        (
            "its credit went with the phone",
            ServiceNotification,
            300,
            |l| {
                l.attempt.id = "b".to_owned();
                l.attempt.follower = Some("s-other".into());
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
    at_night.check(None, "never sent, again at 02 08:00", "at night");
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
    let mut after_twelve = Lost::new(MiniSubscription, &["accepts 1"], 1_800);
    after_twelve.situation.push().attempts = 12;
    after_twelve.check(Some(&Evidence::default()), "wait until 01 13:00", "no longer at once");
    after_twelve.situation.push().attempts = 14;
    after_twelve.check(Some(&Evidence::default()), "wait until 01 16:00", "in growing pauses");
    let lost = Lost::new(MiniSubscription, &["accepts 1"], 300);
    let other = Attempt { id: "other".to_owned(), ..lost.attempt.clone() };
    let evidence = Evidence { others: vec![other], ..Evidence::default() };
    lost.check(
        Some(&evidence),
        "wait until 12:30:00",
        "another attempt may have left its credit with WeChat",
    );
}

fn repeated(id: &str, seconds: i64) -> Repeated {
    Repeated { id: id.to_owned(), started_at: instant(NOON) + SignedDuration::from_secs(seconds) }
}

#[test]
#[expect(clippy::type_complexity, reason = "the rows of a table")]
fn in_the_end_the_settings_decide() {
    type Alter = fn(&mut Lost);
    const HOUR: i64 = 3_660;
    let rows: &[(&str, Channel, &[&str], i64, Alter, &str)] = &[
        ("silence says nothing yet", MiniSubscription, &["accepts 2"], 300, |_| {}, "wait until 12:30:00"),
        (
            "nor whatever the settings say",
            MiniSubscription,
            &["accepts 2"],
            300,
            |l| l.situation.settings.on_unknown = OnUnknown::Report,
            "wait until 12:30:00",
        ),
        ("an hour later", MiniSubscription, &["accepts 2"], 1_800, |_| {}, "wait until 01 13:00"),
        (
            "repeat",
            MiniSubscription,
            &["accepts 2"],
            HOUR,
            |_| {},
            "repeat as the settings ask, its credit is uncertain",
        ),
        (
            "repeat",
            ServiceTemplate,
            &["linked", "follows"],
            HOUR,
            |_| {},
            "repeat as the settings ask, its credit is uncertain",
        ),
        (
            "two hours after the first repeat",
            MiniSubscription,
            &["accepts 2"],
            HOUR,
            |l| l.situation.push().asked_repeats = 1,
            "wait until 01 14:00",
        ),
        (
            "eight hours after the third",
            MiniSubscription,
            &["accepts 2"],
            HOUR,
            |l| l.situation.push().asked_repeats = 3,
            "wait until 01 20:00",
        ),
        (
            "a day at most",
            MiniSubscription,
            &["accepts 2"],
            HOUR,
            |l| l.situation.push().asked_repeats = 40,
            "wait until 02 12:00",
        ),
        (
            "lost twice",
            MiniSubscription,
            &["accepts 2"],
            HOUR,
            |l| l.situation.push().lost_repeats = 2,
            "announce",
        ),
        (
            "lost once",
            MiniSubscription,
            &["accepts 2"],
            HOUR,
            |l| l.situation.push().lost_repeats = 1,
            "repeat as the settings ask, its credit is uncertain",
        ),
        (
            "lost twice, and answered now",
            MiniSubscription,
            &["accepts 2"],
            HOUR,
            |l| {
                l.situation.push().lost_repeats = 2;
                l.attempt.answered = true
            },
            "repeat as the settings ask, its credit is uncertain",
        ),
        (
            "answered for days",
            MiniSubscription,
            &["accepts 2"],
            25 * 3600,
            |l| {
                l.situation.push().asked_repeats = 100;
                l.attempt.answered = true
            },
            "repeat as the settings ask, its credit is uncertain",
        ),
        (
            "report",
            MiniSubscription,
            &["accepts 2"],
            HOUR,
            |l| l.situation.settings.on_unknown = OnUnknown::Report,
            "announce",
        ),
        ("no credit is left for it", ServiceNotification, &["linked", "notices 1"], HOUR, |_| {}, "announce"),
        ("they unfollowed", ServiceTemplate, &["linked", "accepts 5"], HOUR, |_| {}, "announce"),
        (
            "it is done",
            MiniSubscription,
            &["accepts 2"],
            HOUR,
            |l| l.situation.reminder.status = Status::Done { at: l.situation.now },
            "announce",
        ),
        ("at night", MiniSubscription, &["accepts 2"], 11 * 3600, |_| {}, "wait until 02 08:00"),
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

/// Receipts of others came in these minutes.
fn worked(minutes: &[i64]) -> Option<Minutes> {
    let mut noted = Minutes::default();
    for minute in minutes {
        noted.insert(Sign::SubscriptionReceipt, instant(NOON) + SignedDuration::from_mins(*minute));
    }
    Some(noted)
}

#[test]
fn silence_of_half_an_hour_is_an_answer_where_callbacks_worked() {
    type Alter = fn(&mut Lost, &mut Evidence);
    let rows: &[(&str, i64, &[i64], Alter, &str)] = &[
        // Seconds since it began; minutes in which other receipts came.
        ("it was not taken", 1_800, &[0], |_, _| {}, "not taken, again at 12:30:00"),
        ("too early to say", 1_799, &[0], |_, _| {}, "wait until 12:30:59"),
        ("nothing came at all", 1_800, &[], |_, _| {}, "wait until 01 13:00"),
        (
            "something came that may be its own",
            1_800,
            &[0],
            |_, e| e.has_unmatched = true,
            "wait until 01 13:00",
        ),
        (
            "it repeats one of which nothing is known",
            1_800,
            &[0],
            |l, _| l.attempt.repeats = vec![repeated("b", -601)],
            "wait until 01 13:00",
        ),
        (
            "it repeats one that went out between the same callbacks",
            1_800,
            &[0],
            |l, _| l.attempt.repeats = vec![repeated("b", -600)],
            "not taken, again at 12:30:00",
        ),
        (
            "it repeats one that was not taken either",
            1_800,
            &[0, -11],
            |l, _| l.attempt.repeats = vec![repeated("b", -601)],
            "not taken, again at 12:30:00",
        ),
        (
            "whatever the settings say",
            1_800,
            &[0],
            |l, _| l.situation.settings.on_unknown = OnUnknown::Report,
            "not taken, again at 12:30:00",
        ),
        (
            "it has expired",
            1_800,
            &[0],
            |l, _| l.situation.reminder.content.expires_at = l.situation.now,
            "not taken, again at 12:30:00",
        ),
        (
            "late by an hour",
            1_800,
            &[0],
            |l, _| l.situation.push().fires_at -= SignedDuration::from_mins(30),
            "not taken, again at 01 12:50",
        ),
        (
            "late by two days",
            1_800,
            &[0],
            |l, _| l.situation.push().fires_at -= SignedDuration::from_hours(48),
            "not taken, again at 02 08:00",
        ),
        (
            "late by ten days",
            1_800,
            &[0],
            |l, _| l.situation.push().fires_at -= SignedDuration::from_hours(240),
            "not taken, again at 02 12:30",
        ),
        (
            "late by thirty-one days",
            1_800,
            &[0],
            |l, _| {
                l.situation.push().fires_at -= SignedDuration::from_hours(31 * 24);
                l.situation.reminder.content.expires_at = instant("2027-05-01T00:00:00+08:00")
            },
            "not taken, again at 08 12:30",
        ),
    ];
    for (case, seconds, minutes, alter, expected) in rows {
        let mut lost = Lost::new(MiniSubscription, &["accepts 2"], *seconds);
        let mut evidence = Evidence { minutes: worked(minutes), ..Evidence::default() };
        alter(&mut lost, &mut evidence);
        lost.check(Some(&evidence), expected, case);
    }
}

#[test]
#[expect(clippy::type_complexity, reason = "the rows of a table")]
fn a_receipt_tells_and_goes_to_the_attempt_that_began_last_before_it_if_that_is_one() {
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
        ("the other began after it", None, &[("7", 3)], &[64], false, "take 7"),
        ("the other began before it", None, &[("7", 65)], &[64], false, "wait until 12:30:00"),
        ("the other began in its second", None, &[("7", 64)], &[64], false, "wait until 12:30:00"),
        ("the other began before ours", None, &[("7", 5)], &[-64], false, "take 7"),
        ("one for two that began with each other", None, &[("7", 5)], &[0], false, "wait until 12:30:00"),
        ("one for two that began in a minute", None, &[("7", 3)], &[60], false, "wait until 12:30:00"),
        ("whichever was first", None, &[("7", 3)], &[-60], false, "wait until 12:30:00"),
        ("two for three", None, &[("7", 3), ("8", 9)], &[5, -5], false, "wait until 12:30:00"),
        ("nobody will know", None, &[("7", 3)], &[5], true, "unknown"),
        ("each has one", None, &[("7", 3), ("8", 9)], &[5], false, "take 7"),
        ("one of them too young", None, &[("7", 241), ("8", 242)], &[5], false, "wait until 12:06:00"),
    ];
    for (case, noted, receipts, others, announced, expected) in rows {
        let evidence = Evidence {
            noted: noted.clone(),
            unmatched: receipts.iter().map(|(msgid, seconds)| lost.receipt(msgid, *seconds)).collect(),
            others: others.iter().map(|seconds| began(*seconds)).collect(),
            announced: *announced,
            ..Evidence::default()
        };
        lost.check(Some(&evidence), expected, case);
    }
}

/// WeChat refused the repeat with 43101, and no receipt is there.
#[test]
fn what_wechat_denied_was_sent_unless_silence_says_otherwise() {
    type Alter = fn(&mut Lost, &mut Evidence);
    let rows: &[(&str, i64, &[i64], Alter, &str)] = &[
        ("too early to say", 1_799, &[0], |_, _| {}, "wait until 12:30:59"),
        ("callbacks did not work", 1_800, &[], |_, _| {}, "wait until 01 15:00"),
        ("something came", 1_800, &[0], |_, e| e.has_unmatched = true, "wait until 01 15:00"),
        ("callbacks did not work, hours later", 10_800, &[], |_, _| {}, "repeat harmlessly"),
        (
            "and it expires first",
            1_800,
            &[],
            |l, _| l.situation.reminder.content.expires_at = instant("2027-02-01T15:01:30+08:00"),
            "its credit was used",
        ),
        (
            "and it does not quite expire first",
            1_800,
            &[],
            |l, _| l.situation.reminder.content.expires_at = instant("2027-02-01T15:01:31+08:00"),
            "wait until 01 15:00",
        ),
        ("and it is denied again", 10_800, &[], |l, _| l.attempt.denials = 2, "its credit was used"),
        (
            "and something was accepted since",
            10_800,
            &[],
            |l, _| {
                let template_id = l.attempt.one_time_template.clone().expect("one message each");
                let ledger = l.situation.user.as_mut().expect("a user").ledger(&template_id);
                assert!(ledger.accept("later", instant(NOON), false, instant(NOON)));
                assert!(ledger.reserve("another", false, instant(NOON)));
            },
            "its credit was used",
        ),
        (
            "and it is done",
            10_800,
            &[],
            |l, _| l.situation.reminder.status = Status::Done { at: l.situation.now },
            "its credit was used",
        ),
        (
            "and the three hours end at night",
            30_600,
            &[],
            |l, _| l.attempt.started_at = instant("2027-02-01T20:00:00+08:00"),
            "wait until 02 08:00",
        ),
        (
            "its receipt",
            1_800,
            &[0],
            |_, e| e.noted = Some(Noted { msgid: "9".into(), receipt: None }),
            "sent as 9",
        ),
        ("callbacks worked: later on this channel", 1_800, &[0], |_, _| {}, "not taken, again at 01 15:30"),
        (
            "callbacks worked: now on another one",
            1_800,
            &[0],
            |l, _| {
                let user = crate::cases::user(
                    &["linked", "follows"],
                    &l.situation.settings.templates["expiry"],
                    l.situation.now,
                );
                l.situation.user = Some(user);
            },
            "not taken, again at 12:30:00",
        ),
    ];
    for (case, seconds, minutes, alter, expected) in rows {
        let mut lost = Lost::new(MiniSubscription, &["accepts 1"], *seconds);
        lost.attempt.denials = 1;
        lost.attempt.repeats = vec![repeated("b", -300)];
        lost.attempt.credit = Some("b".to_owned());
        let mut evidence = Evidence { minutes: worked(minutes), ..Evidence::default() };
        alter(&mut lost, &mut evidence);
        lost.check(Some(&evidence), expected, case);
    }
}
