//! The rules of an attempt's outcome, row by row: channel and number of the attempt, what WeChat answered, what follows.

use jiff::tz::TimeZone;

use super::super::situation::{Situation, instant};
use super::*;
use crate::channel::Channel;
use crate::reminder::State;

const TODAY: &str = "2027-02-01T12:00:00+08:00";

struct Case {
    channel: Channel,
    /// How many attempts of this push were begun, this one included.
    attempts: u32,
    now: &'static str,
    expires_at: &'static str,
    first_template_attempt: Option<&'static str>,
}

impl Case {
    fn new(channel: Channel, attempts: u32) -> Self {
        let expires_at = "2027-03-01T00:00:00+08:00";
        Self { channel, attempts, now: TODAY, expires_at, first_template_attempt: None }
    }

    fn check(&self, outcome: &Outcome, expected: &str) {
        let mut case = Situation::at(self.now);
        case.reminder.content.expires_at = instant(self.expires_at);
        let attempt = case.attempt(self.channel);
        let push = &mut case.reminder.pushes[0];
        push.attempts = self.attempts;
        push.state = State::Sending { due: attempt.started_at, attempt: attempt.clone() };
        push.first_template_attempt = self.first_template_attempt.map(instant);
        let ruling = rule(&attempt, outcome, &case.facts());
        let case = format!("{} #{} {outcome:?}", self.channel, self.attempts);
        assert_eq!(words(&ruling, instant(self.now)), expected, "{case}");
    }
}

/// A pause in whole minutes: the jitter of under a minute falls away, that of the quota is shown as its hour.
fn words(ruling: &Ruling, now: Timestamp) -> String {
    let minutes = |at: Timestamp| match at.duration_since(now) {
        pause if pause >= SignedDuration::from_hours(7) => {
            let china = TimeZone::get("Asia/Shanghai").expect("a zone");
            at.to_zoned(china).strftime("on the %d after %H").to_string()
        }
        pause => format!("in {} min", pause.as_mins()),
    };
    let mut words = vec![match &ruling.verdict {
        Verdict::Sent => "sent".to_owned(),
        Verdict::Refused | Verdict::Later { at: None, .. } => "next channel".to_owned(),
        Verdict::Later { at: Some(at), fallback: false } => format!("again {}", minutes(*at)),
        Verdict::Later { at: Some(at), fallback: true } => {
            format!("next channel, or again {}", minutes(*at))
        }
        Verdict::Look { at, answered } => {
            format!("look {}{}", minutes(*at), if *answered { ", answered" } else { "" })
        }
    }];
    words.push(match ruling.credit {
        CreditChange::Keep => "credit kept".to_owned(),
        CreditChange::Release => "credit back".to_owned(),
        CreditChange::Exhausted => "no credit left".to_owned(),
    });
    words.extend(ruling.learnt.map(|learnt| format!("{learnt:?}").to_lowercase()));
    words.extend(ruling.words_refused.then(|| "words refused".to_owned()));
    words.extend(ruling.alarm.then(|| "alarm".to_owned()));
    words.join("; ")
}

fn unknown() -> Outcome {
    Outcome::Unknown { reason: "timeout".to_owned(), answered: false }
}

fn refused(errcode: i64) -> Outcome {
    Outcome::Refused(Refusal::new(wechat::ErrCode(errcode), "no"))
}

use Channel::{MiniSubscription, ServiceNotification, ServiceTemplate};

#[test]
fn a_refusal_is_settled_by_its_class() {
    let rows: &[(Channel, i64, &str)] = &[
        // Busy is no answer. Where WeChat drops repeats, it is asked again at once.
        (ServiceTemplate, -1, "look in 1 min, answered; credit kept"),
        (MiniSubscription, -1, "look in 5 min, answered; credit kept"),
        (ServiceNotification, -1, "look in 5 min, answered; credit kept"),
        // Another message to this user is on its way: definitely not sent.
        (MiniSubscription, 43108, "again in 1 min; credit back"),
        (ServiceTemplate, 45011, "again in 2 min; credit back"),
        // An equal message of another push went before it.
        (ServiceTemplate, 40241, "again in 1 min; credit back"),
        // This user was sent too much: ten minutes, and up to ten more, so that it is not all at once again.
        (ServiceTemplate, 43117, "next channel, or again in 13 min; credit back"),
        (ServiceTemplate, 40001, "again in 1 min; credit back"),
        (ServiceTemplate, 42001, "again in 1 min; credit back"),
        // The quota comes back after midnight in China; then the quiet hours are waited for.
        (ServiceTemplate, 45009, "again on the 02 after 08; credit back; alarm"),
        (MiniSubscription, 45009, "again on the 02 after 08; credit back; alarm"),
        // The recipient.
        (ServiceTemplate, 43004, "next channel; credit back; unfollowed"),
        (ServiceTemplate, 43101, "next channel; credit back; refuses"),
        (ServiceTemplate, 50005, "next channel; credit back; unfollowed"),
        (ServiceNotification, 43004, "next channel; credit back"),
        (MiniSubscription, 43004, "next channel; credit back"),
        (ServiceTemplate, 43019, "next channel; credit back"),
        (ServiceTemplate, 40003, "next channel; credit back"),
        (MiniSubscription, 43101, "next channel; no credit left"),
        (ServiceNotification, 43101, "next channel; no credit left"),
        // The message.
        (MiniSubscription, 47003, "next channel; credit back; alarm"),
        // What it says: here without the user's words, if nowhere else.
        (ServiceTemplate, 45168, "next channel, or again in 1 min; credit back; words refused; alarm"),
        (ServiceTemplate, 40249, "next channel, or again in 1 min; credit back; words refused; alarm"),
        (ServiceTemplate, 40008, "next channel; credit back; alarm"),
        (ServiceTemplate, 47001, "next channel; credit back; alarm"),
        // Only the owner can mend it.
        (ServiceTemplate, 40037, "next channel, or again in 10 min; credit back; alarm"),
        (MiniSubscription, 41030, "next channel, or again in 10 min; credit back; alarm"),
        (ServiceTemplate, 40164, "next channel, or again in 10 min; credit back; alarm"),
        (ServiceTemplate, 48001, "next channel, or again in 10 min; credit back; alarm"),
        (ServiceTemplate, 43116, "next channel, or again in 10 min; credit back; alarm"),
        (ServiceTemplate, 40039, "next channel, or again in 10 min; credit back; alarm"),
        (ServiceTemplate, 40233, "next channel, or again in 10 min; credit back; alarm"),
        // Nobody has heard of it.
        (ServiceTemplate, 99999, "next channel, or again in 10 min; credit back; alarm"),
        // Known, and not expected of a send.
        (ServiceTemplate, 40029, "next channel, or again in 10 min; credit back; alarm"),
    ];
    for (channel, errcode, expected) in rows {
        Case::new(*channel, 1).check(&refused(*errcode), expected);
    }
}

#[test]
fn a_keyword_without_a_value_is_the_settings_fault_and_a_wrong_value_the_items() {
    let rows = [
        ("argument invalid! data.thing1.value invalid rid: 64d4912a", "next channel; credit back; alarm"),
        ("argument invalid!", "next channel; credit back; alarm"),
        (
            "argument invalid! data.thing1.value is emtpy rid: 5f3a7906",
            "next channel, or again in 10 min; credit back; alarm",
        ),
        (
            "argument invalid! data.thing1.value is empty",
            "next channel, or again in 10 min; credit back; alarm",
        ),
        (
            "argument invalid! data.thing9.value invalid",
            "next channel, or again in 10 min; credit back; alarm",
        ),
    ];
    for (errmsg, expected) in rows {
        let refusal = Refusal::new(ErrCode::ARGUMENT_INVALID, errmsg);
        Case::new(MiniSubscription, 1).check(&Outcome::Refused(refusal), expected);
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
        (2, 99999, "next channel, or again in 20 min; credit back; alarm"),
        (9, 99999, "next channel, or again in 360 min; credit back; alarm"),
    ];
    for (attempts, errcode, expected) in rows {
        Case::new(ServiceTemplate, *attempts).check(&refused(*errcode), expected);
    }
}

#[test]
fn an_attempt_without_answer_is_settled_by_how_far_it_came() {
    let not_sent = || Outcome::NotSent("no connection".to_owned());
    let no_token = |config| Outcome::NoToken { reason: "none".to_owned(), errmsg: String::new(), config };
    let rows: &[(Channel, u32, Outcome, &str)] = &[
        (ServiceTemplate, 1, Outcome::Sent { msgid: None }, "sent; credit kept"),
        (MiniSubscription, 1, Outcome::Sent { msgid: None }, "sent; credit kept"),
        (ServiceTemplate, 1, unknown(), "look in 1 min; credit kept"),
        (MiniSubscription, 1, unknown(), "look in 5 min; credit kept"),
        (ServiceNotification, 9, unknown(), "look in 5 min; credit kept"),
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
    let unknown = unknown();
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
        // The quota would come back too late: it may be cleared.
        (
            "2027-02-01T12:00:00+08:00",
            "2027-02-02T00:05:00+08:00",
            45009,
            "next channel, or again in 60 min; credit back; alarm",
        ),
        // Up to the last call, and at night.
        (
            "2027-02-01T23:40:00+08:00",
            "2027-02-02T00:05:00+08:00",
            45009,
            "next channel, or again in 23 min; credit back; alarm",
        ),
        ("2027-02-02T00:03:00+08:00", "2027-02-02T00:05:00+08:00", 45009, "next channel; credit back; alarm"),
    ];
    for (now, expires_at, errcode, expected) in rows {
        let case = Case { now, expires_at, ..Case::new(ServiceTemplate, 1) };
        case.check(&refused(*errcode), expected);
    }
}

#[test]
fn pushes_of_one_moment_do_not_come_back_in_one_second() {
    let rows = [
        (TODAY, 45011),
        // All of them wait for the end of the quiet hours.
        ("2027-02-01T23:00:00+08:00", 45011),
        ("2027-02-01T12:00:00+08:00", 45009),
        ("2027-02-01T23:00:00+08:00", 43117),
        ("2027-02-01T23:00:00+08:00", 43108),
    ];
    for (now, errcode) in rows {
        let at = |id: &str| {
            let mut case = Situation::at(now);
            case.reminder.id = id.to_owned();
            let attempt = case.attempt(ServiceTemplate);
            match rule(&attempt, &refused(errcode), &case.facts()).verdict {
                Verdict::Later { at: Some(at), .. } => at,
                _ => panic!("it is tried again"),
            }
        };
        let moments: std::collections::BTreeSet<Timestamp> =
            (0..60).map(|n| at(&format!("reminder{n:012}"))).collect();
        assert!(moments.len() > 30, "{now} {errcode}: {} of 60 moments differ", moments.len());
    }
}

fn clock(at: Timestamp) -> String {
    at.to_zoned(TimeZone::get("Asia/Shanghai").expect("a zone")).strftime("%H:%M").to_string()
}

/// How an attempt ends, in words.
fn ending(settlement: &Settlement) -> String {
    let channel = |kept: bool| if kept { "" } else { ", not to be asked again" };
    match &settlement.ending {
        Ending::Sent { msgid, receipt } => {
            let msgid = msgid.as_ref().map_or("unnamed", |msgid| msgid.as_str());
            let receipt = receipt.as_ref().map_or(String::new(), |receipt| format!(", {receipt:?}"));
            format!("sent as {msgid}{receipt}")
        }
        Ending::Fallback { attempt, keep_channel } => {
            format!("fallback to {}{}", attempt.channel, channel(*keep_channel))
        }
        Ending::Retry { at, keep_channel } => {
            let morning = at.to_zoned(TimeZone::get("Asia/Shanghai").expect("a zone")).hour() == 8;
            format!("retry{}{}", if morning { " in the morning" } else { "" }, channel(*keep_channel))
        }
        Ending::Undeliverable { refused, rest } => {
            let unfit = if *rest == Rest::Unfit { ", for its words" } else { "" };
            format!("undeliverable{}{unfit}", channel(!refused))
        }
        Ending::Unresolved { answered: false, .. } => "unresolved".to_owned(),
        Ending::Unresolved { answered: true, .. } => "unresolved, answered".to_owned(),
        Ending::NotRepeated { .. } => "unresolved, not sent this time".to_owned(),
        Ending::Denied { look_at } => format!("denied, looked at {}", clock(*look_at)),
        Ending::Wait { look_at } => format!("wait until {}", clock(*look_at)),
        Ending::NotTaken { .. } => "not taken".to_owned(),
        Ending::Unknown => "unknown".to_owned(),
    }
}

struct EndingCase {
    case: &'static str,
    user: &'static [&'static str],
    channel: Channel,
    outcome: Outcome,
    alter: fn(&mut Situation, &mut Attempt),
    expected: &'static str,
}

fn plain(_: &mut Situation, _: &mut Attempt) {}

fn in_the_third_attempt(situation: &mut Situation, _: &mut Attempt) {
    situation.push().attempts = 3;
}

fn expires_at_midnight(situation: &mut Situation, _: &mut Attempt) {
    situation.reminder.content.expires_at = instant("2027-02-02T00:05:00+08:00");
}

/// The user chose eleven at night, so many minutes ago.
fn late_at_night(situation: &mut Situation, minutes: i64) {
    let chosen = instant("2027-02-01T23:00:00+08:00");
    situation.push().fires_at = chosen;
    situation.now = chosen + SignedDuration::from_mins(minutes);
    situation.run_began = situation.now;
}

fn repeats(situation: &mut Situation, attempt: &mut Attempt) {
    let before = Attempt { id: "before".to_owned(), ..attempt.clone() };
    *attempt = Attempt {
        id: "a".to_owned(),
        ..situation.facts().attempt(attempt.channel, Repeat::Harmless(&before))
    };
}

fn repeats_after(secs: i64, situation: &mut Situation, attempt: &mut Attempt) {
    let began = situation.now - SignedDuration::from_secs(secs);
    *attempt = Attempt { started_at: began, ..attempt.clone() };
    repeats(situation, attempt);
}

fn repeats_as_settings_ask(situation: &mut Situation, attempt: &mut Attempt) {
    let before = Attempt { id: "before".to_owned(), ..attempt.clone() };
    let repeat = Repeat::AsSettingsAsk(&before);
    *attempt = Attempt { id: "a".to_owned(), ..situation.facts().attempt(attempt.channel, repeat) };
}

#[test]
fn an_attempt_ends_by_its_outcome_and_by_what_else_can_be_tried() {
    const ALL: &[&str] = &["linked", "follows", "accepts 2", "notices 1"];
    let busy = || refused(-1);
    let row = |case, user, channel, outcome, alter: fn(&mut Situation, &mut Attempt), expected| EndingCase {
        case,
        user,
        channel,
        outcome,
        alter,
        expected,
    };
    let rows = [
        row("taken", ALL, ServiceTemplate, Outcome::Sent { msgid: None }, plain, "sent as unnamed"),
        row("unfollowed", ALL, ServiceTemplate, refused(43004), plain, "fallback to mini_subscription"),
        row(
            "on the blacklist",
            ALL,
            ServiceTemplate,
            refused(43019),
            plain,
            "fallback to mini_subscription, not to be asked again",
        ),
        row("no credit left", ALL, MiniSubscription, refused(43101), plain, "fallback to service_template"),
        row(
            "no credit of ours",
            ALL,
            MiniSubscription,
            Outcome::NoCredit,
            plain,
            "fallback to service_template",
        ),
        row(
            "misfit",
            ALL,
            MiniSubscription,
            refused(47003),
            plain,
            "fallback to service_template, not to be asked again",
        ),
        row(
            "cannot be made",
            ALL,
            ServiceTemplate,
            Outcome::Unfit(String::new()),
            plain,
            "fallback to mini_subscription, not to be asked again",
        ),
        row("wrong template", ALL, ServiceTemplate, refused(40037), plain, "fallback to mini_subscription"),
        row("rate, patience left", ALL, ServiceTemplate, refused(45011), plain, "retry"),
        row(
            "rate, patience over",
            ALL,
            ServiceTemplate,
            refused(45011),
            in_the_third_attempt,
            "fallback to mini_subscription",
        ),
        // Rather another channel than a long wait.
        row("quota", ALL, ServiceTemplate, refused(45009), plain, "fallback to mini_subscription"),
        row(
            "quota, nothing else",
            &["accepts 1"],
            MiniSubscription,
            refused(45009),
            plain,
            "retry in the morning",
        ),
        row(
            "quota, soon back",
            ALL,
            ServiceTemplate,
            refused(45009),
            |s, _| {
                s.settings.quiet_hours = None;
                s.now = instant("2027-02-01T23:40:00+08:00");
                s.run_began = s.now;
            },
            "retry",
        ),
        row(
            "quota, too late",
            ALL,
            ServiceTemplate,
            refused(45009),
            expires_at_midnight,
            "fallback to mini_subscription",
        ),
        row(
            "quota, too late, nothing else",
            &["accepts 1"],
            MiniSubscription,
            refused(45009),
            expires_at_midnight,
            "retry",
        ),
        row(
            "not sent at the time the user chose, in the quiet hours",
            ALL,
            ServiceTemplate,
            Outcome::NotSent(String::new()),
            |s, _| late_at_night(s, 10),
            "fallback to mini_subscription",
        ),
        row(
            "later in them",
            ALL,
            ServiceTemplate,
            Outcome::NotSent(String::new()),
            |s, _| late_at_night(s, 11),
            "retry in the morning",
        ),
        row(
            "later in them, nothing to wait for",
            ALL,
            ServiceTemplate,
            refused(43019),
            |s, _| late_at_night(s, 11),
            "retry in the morning, not to be asked again",
        ),
        row("no answer", ALL, ServiceTemplate, unknown(), plain, "unresolved"),
        row("busy", ALL, MiniSubscription, busy(), plain, "unresolved, answered"),
        row(
            "unheard of, the third time",
            ALL,
            ServiceTemplate,
            refused(99999),
            in_the_third_attempt,
            "fallback to mini_subscription",
        ),
        // What was tried in this run is not tried again in it.
        row(
            "the last of three",
            ALL,
            ServiceNotification,
            refused(43004),
            |s, _| s.tried.channels = vec![ServiceTemplate, MiniSubscription],
            "undeliverable, not to be asked again",
        ),
        row(
            "the last of three, one gave way",
            ALL,
            ServiceNotification,
            refused(43004),
            |s, _| {
                s.tried.channels = vec![ServiceTemplate, MiniSubscription];
                s.tried.again_at = Some(s.now + SignedDuration::from_mins(10))
            },
            "retry, not to be asked again",
        ),
        row(
            "the second of three",
            ALL,
            MiniSubscription,
            refused(47003),
            |s, _| s.tried.channels = vec![ServiceTemplate],
            "fallback to service_notification, not to be asked again",
        ),
        row(
            "no time left in this run",
            ALL,
            ServiceTemplate,
            refused(43004),
            |s, _| s.now += SignedDuration::from_secs(16),
            "retry",
        ),
        row(
            "just time enough",
            ALL,
            ServiceTemplate,
            refused(43004),
            |s, _| s.now += SignedDuration::from_secs(15),
            "fallback to mini_subscription",
        ),
        row(
            "words refused here, not yet elsewhere",
            ALL,
            ServiceTemplate,
            refused(40249),
            plain,
            "fallback to mini_subscription",
        ),
        row(
            "unheard of, nothing else",
            &["accepts 1"],
            MiniSubscription,
            refused(99999),
            in_the_third_attempt,
            "retry",
        ),
        row("words refused everywhere", &["accepts 1"], MiniSubscription, refused(45168), plain, "retry"),
        row(
            "even the neutral words",
            &["accepts 1"],
            MiniSubscription,
            refused(45168),
            |s, _| s.push().wordless = vec![MiniSubscription],
            "undeliverable, not to be asked again, for its words",
        ),
        // Nothing else.
        row(
            "unfollowed, nothing else",
            &["linked", "follows"],
            ServiceTemplate,
            refused(43004),
            plain,
            "undeliverable",
        ),
        row(
            "refused, nothing else",
            &["linked", "follows"],
            ServiceTemplate,
            refused(43019),
            plain,
            "undeliverable, not to be asked again",
        ),
        row(
            "wrong template, nothing else",
            &["linked", "follows"],
            ServiceTemplate,
            refused(40037),
            plain,
            "retry",
        ),
        row(
            "wrong template, and it expires",
            &["linked", "follows"],
            ServiceTemplate,
            refused(40037),
            |s, _| s.reminder.content.expires_at = instant("2027-02-01T12:02:00+08:00"),
            "undeliverable, not to be asked again",
        ),
        row(
            "rate, patience over, nothing else",
            &["accepts 1"],
            MiniSubscription,
            refused(45011),
            in_the_third_attempt,
            "retry",
        ),
        // A repeat: whatever is said of it says nothing of the attempt before.
        row("a repeat, unfollowed", ALL, ServiceTemplate, refused(43004), repeats, "wait until 12:05"),
        row(
            "a repeat, too fast",
            ALL,
            ServiceTemplate,
            refused(45011),
            repeats,
            "unresolved, not sent this time",
        ),
        row(
            "a repeat, the same within a minute of what may have been sent",
            ALL,
            ServiceTemplate,
            refused(40241),
            |s, attempt| repeats_after(60, s, attempt),
            "sent as unnamed",
        ),
        row(
            "a repeat, the same within a minute of something else",
            ALL,
            ServiceTemplate,
            refused(40241),
            |s, attempt| repeats_after(61, s, attempt),
            "unresolved, not sent this time",
        ),
        row("the same as another push of a minute ago", ALL, ServiceTemplate, refused(40241), plain, "retry"),
        row("too frequent", ALL, ServiceTemplate, refused(43117), plain, "fallback to mini_subscription"),
        row(
            "too frequent, nothing else",
            &["linked", "follows"],
            ServiceTemplate,
            refused(43117),
            plain,
            "retry",
        ),
        row("a repeat, busy", ALL, ServiceTemplate, busy(), repeats, "unresolved, answered"),
        row(
            "a repeat, taken",
            ALL,
            ServiceTemplate,
            Outcome::Sent { msgid: None },
            repeats,
            "sent as unnamed",
        ),
        row(
            "a repeat on its credit, no credit",
            ALL,
            MiniSubscription,
            refused(43101),
            repeats,
            "denied, looked at 12:30",
        ),
        row(
            "a repeat within the minute, the same again",
            ALL,
            ServiceTemplate,
            refused(40241),
            |situation, attempt| repeats_after(30, situation, attempt),
            "sent as unnamed",
        ),
        row(
            "what cannot be made, nothing else",
            &["accepts 1"],
            MiniSubscription,
            Outcome::Unfit("thing1".to_owned()),
            plain,
            "undeliverable, not to be asked again, for its words",
        ),
        row(
            "a repeat that needs no credit, no credit",
            ALL,
            ServiceTemplate,
            refused(43101),
            repeats,
            "wait until 12:05",
        ),
        row(
            "a repeat on a credit of its own, no credit",
            ALL,
            MiniSubscription,
            refused(43101),
            repeats_as_settings_ask,
            "unresolved, not sent this time",
        ),
    ];
    for EndingCase { case, user, channel, outcome, alter, expected } in rows {
        let mut situation = Situation::at(TODAY).user(user);
        let mut attempt = situation.attempt(channel);
        situation.push().attempts = 1;
        alter(&mut situation, &mut attempt);
        situation.push().state = State::Sending { due: attempt.started_at, attempt: attempt.clone() };
        let settlement = settle(&attempt, &outcome, None, &situation.facts());
        assert_eq!(ending(&settlement), expected, "{case}");
    }
}

#[test]
fn what_is_noted_of_a_message_that_was_taken_is_told() {
    let situation = Situation::at(TODAY).user(&["linked", "follows"]);
    let attempt = situation.attempt(ServiceTemplate);
    let sent = Outcome::Sent { msgid: Some("7".into()) };
    for (receipt, expected) in [
        (None, "sent as 7"),
        (Some(crate::receipt::Outcome::Delivered), "sent as 7, Delivered"),
        (Some(crate::receipt::Outcome::Blocked), "sent as 7, Blocked"),
    ] {
        let noted = Some(Noted { msgid: "7".into(), receipt });
        assert_eq!(ending(&settle(&attempt, &sent, noted, &situation.facts())), expected);
    }
}

#[test]
fn message_is_taken_unnamed_where_the_outcome_says_no_more_than_that() {
    type Alter = fn(&mut Situation, &mut Attempt);
    let named = Outcome::Sent { msgid: Some("7".into()) };
    let unnamed = || Outcome::Sent { msgid: None };
    let soon: Alter = |s, attempt| repeats_after(60, s, attempt);
    let later: Alter = |s, attempt| repeats_after(61, s, attempt);
    let rows: Vec<(&str, Channel, Outcome, Alter, bool)> = vec![
        ("taken as 7", ServiceTemplate, named, plain, false),
        ("taken", ServiceTemplate, unnamed(), plain, true),
        ("no credit", MiniSubscription, refused(43101), plain, false),
        ("no credit, on the credit of the one before", MiniSubscription, refused(43101), repeats, true),
        ("no credit, on one of its own", MiniSubscription, refused(43101), repeats_as_settings_ask, false),
        ("no credit where none is needed", ServiceTemplate, refused(43101), repeats, false),
        ("the same again", ServiceTemplate, refused(40241), soon, true),
        ("the same again, later", ServiceTemplate, refused(40241), later, false),
        ("the same as another", ServiceTemplate, refused(40241), plain, false),
        ("unfollowed", ServiceTemplate, refused(43004), repeats, false),
        ("nobody knows", ServiceTemplate, unknown(), repeats, false),
    ];
    for (case, channel, outcome, alter, expected) in rows {
        let mut situation = Situation::at(TODAY).user(&["linked", "follows", "accepts 2"]);
        let mut attempt = situation.attempt(channel);
        alter(&mut situation, &mut attempt);
        assert_eq!(was_taken_unnamed(&attempt, &outcome), expected, "{case}");
        let noted = Some(Noted { msgid: "9".into(), receipt: None });
        let settled = ending(&settle(&attempt, &outcome, noted, &situation.facts()));
        let is_sent = expected || case == "taken as 7";
        assert_eq!(settled == "sent as 9", is_sent, "{case}: what is noted of it is told");
    }
}

/// 43101 is believed as far as the ledger bears it out.
#[test]
fn what_wechat_denies_is_tried_again_while_the_ledger_has_anything_left() {
    type Alter = fn(&mut crate::person::ledger::Ledger, Timestamp);
    let minutes = SignedDuration::from_mins;
    let rows: &[(&str, &[&str], Alter, &str)] = &[
        ("what events told of", &["accepts 1"], |_, _| {}, "again in 180 min"),
        ("one of several", &["accepts 3"], |_, _| {}, "again in 180 min"),
        ("what only the page told of", &["reports 1"], |_, _| {}, "next channel"),
        ("several that only the page told of", &["reports 3"], |_, _| {}, "next channel"),
        ("what was uncertain", &["doubts 1"], |_, _| {}, "next channel"),
        (
            "accepted meanwhile",
            &["accepts 1"],
            |ledger, now| assert!(ledger.accept("later", now + SignedDuration::from_secs(1), false, now)),
            "again in 1 min",
        ),
    ];
    for (case, user, alter, expected) in rows {
        let mut situation = Situation::at(TODAY).user(user);
        let attempt = situation.attempt(MiniSubscription);
        situation.push().attempts = 1;
        let template_id = attempt.one_time_template.clone().expect("one message each");
        let now = situation.now;
        let ledger = situation.user.as_mut().expect("a user").ledger(&template_id);
        assert!(ledger.reserve(&attempt.id, false, now), "{case}");
        alter(ledger, now);
        let ruling = rule(&attempt, &refused(43101), &situation.facts());
        let Verdict::Later { at, fallback } = ruling.verdict else {
            assert_eq!("next channel", *expected, "{case}");
            continue;
        };
        assert!(fallback, "{case}: rather another channel");
        let at = at.expect("there is time");
        assert_eq!(format!("again in {} min", at.duration_since(now).as_mins()), *expected, "{case}");
        assert!(at.duration_since(now) < minutes(182), "{case}");
    }
}

#[test]
fn long_term_subscription_that_wechat_denies_is_tried_once_more() {
    let mut situation = Situation::at(TODAY).user(&["granted"]).long_term(MiniSubscription);
    let attempt = situation.attempt(MiniSubscription);
    situation.push().attempts = 1;
    let verdict = |situation: &Situation| rule(&attempt, &refused(43101), &situation.facts()).verdict;
    assert!(matches!(verdict(&situation), Verdict::Later { at: Some(_), fallback: true }));
    let template_id = situation.facts().subscription(MiniSubscription).expect("set").template_id.clone();
    let hours_ago = situation.now - SignedDuration::from_hours(3);
    let ledger = situation.user.as_mut().expect("a user").ledger(&template_id);
    ledger.account_for("before", hours_ago, CreditChange::Exhausted, false);
    assert!(matches!(verdict(&situation), Verdict::Refused), "twice");
}
