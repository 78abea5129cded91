//! The moments that we choose, row by row: now, the expiry, and for how long it has been tried. What outcome asks for which
//! pause is settled in `settle`, with a table of its own.

use super::super::situation::{Situation, instant};
use super::*;
use crate::channel::Channel;
use crate::reminder::LAST_CALL;

const NOON: &str = "2027-02-01T12:00:00+08:00";
const NIGHT: &str = "2027-02-01T23:00:00+08:00";

/// The item's last call is at this moment.
fn last_call(situation: &mut Situation, at: Timestamp) {
    situation.reminder.content.expires_at = at + LAST_CALL;
}

#[test]
fn quiet_hours_are_waited_for_if_they_end_before_the_last_call() {
    let end = instant("2027-02-02T08:00:00+08:00");
    for (case, now, call, waits) in [
        ("by day", NOON, end, false),
        ("they end with it", NIGHT, end, false),
        ("a second before it", NIGHT, end + SignedDuration::from_secs(1), true),
        ("long before it", NIGHT, end + SignedDuration::from_hours(1), true),
    ] {
        let mut situation = Situation::at(now);
        last_call(&mut situation, call);
        let found = situation.facts().quiet_end(instant(now));
        assert_eq!(found.is_some(), waits, "{case}");
        assert!(found.is_none_or(|at| end <= at && at <= call.min(end + JITTER)), "{case}: {found:?}");
    }
    let mut situation = Situation::at(NIGHT);
    situation.settings.quiet_hours = None;
    assert_eq!(situation.facts().quiet_end(instant(NIGHT)), None);
}

#[test]
fn quota_is_waited_for_until_after_midnight_in_china() {
    let midnight = instant("2027-02-02T00:00:00+08:00");
    for now in ["2027-02-01T00:00:00+08:00", NOON, "2027-02-01T23:59:59+08:00"] {
        let mut situation = Situation::at(now);
        situation.settings.quiet_hours = None;
        let at = situation.facts().after_quota_reset().expect("it is in time");
        let span = midnight + QUOTA_MARGIN..midnight + QUOTA_MARGIN + QUOTA_JITTER;
        assert!(span.contains(&at), "{now}: {at}");
        last_call(&mut situation, at);
        assert_eq!(situation.facts().after_quota_reset(), None, "{now}: it is too late at the last call");
        last_call(&mut situation, at + SignedDuration::from_secs(1));
        assert_eq!(situation.facts().after_quota_reset(), Some(at), "{now}");
    }
    for n in 0..30 {
        let mut situation = Situation::at(NOON);
        situation.settings.quiet_hours = None;
        situation.reminder.id = format!("reminder{n:012}");
        let at = situation.facts().after_quota_reset().expect("it is in time");
        assert!(midnight + QUOTA_MARGIN <= at, "{n}: nobody knows to the minute when the day begins: {at}");
    }
    let situation = Situation::at(NOON);
    let at = situation.facts().after_quota_reset().expect("it is in time");
    let morning = instant("2027-02-02T08:00:00+08:00");
    assert!(morning <= at && at < morning + JITTER + QUOTA_JITTER, "not in the quiet hours: {at}");
}

#[test]
fn what_nobody_knows_is_repeated_after_growing_pauses_up_to_a_day_and_up_to_the_last_call() {
    let mut situation = Situation::at(NOON);
    let attempt = situation.attempt(Channel::MiniSubscription);
    for (others, hours) in [(0, 1), (1, 2), (2, 4), (3, 8), (4, 16), (5, 24), (6, 24), (99, 24)] {
        let at = situation.facts().repeat_at(&attempt, others).expect("it is in time");
        let pause = at.duration_since(attempt.started_at);
        let expected = SignedDuration::from_hours(hours);
        assert!(expected <= pause && pause < expected + JITTER, "after {others} others: {pause}");
    }
    for (seconds, expected) in [(0, None), (1, Some(1)), (600, Some(600))] {
        let call = attempt.started_at + SignedDuration::from_secs(seconds);
        last_call(&mut situation, call);
        let found = situation.facts().repeat_at(&attempt, 0);
        let found = found.map(|at| at.duration_since(attempt.started_at).as_secs());
        assert_eq!(found, expected, "a last call {seconds} s after it");
    }
}

#[test]
fn what_was_not_taken_is_sent_again_by_how_late_it_is() {
    const HOUR: i64 = 3600;
    const DAY: i64 = 24 * HOUR;
    for (late, pause) in [
        (0, 0),
        (HOUR - 1, 0),
        (HOUR, HOUR / 3),
        (3 * HOUR, HOUR),
        (3 * DAY, DAY),
        (4 * DAY, DAY),
        (30 * DAY - 1, DAY),
        (30 * DAY, 7 * DAY),
        (90 * DAY, 7 * DAY),
    ] {
        let mut situation = Situation::at(NOON);
        situation.settings.quiet_hours = None;
        situation.push().fires_at -= SignedDuration::from_secs(late);
        let now = situation.now;
        let found = situation.facts().after_silence().duration_since(now).as_secs();
        assert_eq!(found, pause, "{late} s late");
        last_call(&mut situation, now + SignedDuration::from_secs(60));
        let found = situation.facts().after_silence().duration_since(now).as_secs();
        assert_eq!(found, pause.min(60), "{late} s late, and the last call comes");
        last_call(&mut situation, now - SignedDuration::from_secs(1));
        assert_eq!(situation.facts().after_silence(), now, "{late} s late, and the last call is over");
    }
    let night = Situation::at(NIGHT).facts().after_silence();
    assert!(night >= instant("2027-02-02T08:00:00+08:00"), "not in the quiet hours: {night}");
}

#[test]
fn next_channel_is_tried_at_once_by_day_and_shortly_after_the_users_own_moment() {
    for (case, now, at_once, minutes, expected) in [
        ("by day", NOON, true, 999, true),
        ("at the user's own moment", NIGHT, false, 0, true),
        ("ten minutes after it", NIGHT, false, 10, true),
        ("eleven", NIGHT, false, 11, false),
        ("at once, by night", NIGHT, true, 0, false),
    ] {
        let mut situation = Situation::at(now);
        situation.push().at_once = at_once;
        situation.push().fires_at -= SignedDuration::from_mins(minutes);
        assert_eq!(situation.facts().may_go_on(), expected, "{case}");
    }
}

#[test]
fn it_is_time_as_exactly_as_clocks_agree() {
    let situation = Situation::at(NOON);
    for (seconds, expected) in [(-1, true), (0, true), (5, true), (6, false)] {
        let at = situation.now + SignedDuration::from_secs(seconds);
        assert_eq!(situation.facts().is_time(at), expected, "{seconds}");
    }
}

#[test]
fn what_is_tried_soon_is_a_minute_or_two_ahead_and_no_later_than_the_last_call() {
    let mut situation = Situation::at(NOON);
    let now = situation.now;
    for (call, expected) in [(999, Some(60..120)), (60, Some(60..61)), (59, None)] {
        last_call(&mut situation, now + SignedDuration::from_secs(call));
        let soon = situation.facts().soon().map(|at| at.duration_since(now).as_secs());
        assert_eq!(soon.is_some(), expected.is_some(), "{call}");
        assert!(soon.zip(expected).is_none_or(|(soon, span)| span.contains(&soon)), "{call}: {soon:?}");
    }
}

#[test]
fn pushes_of_a_reminder_wait_for_what_they_share_together_and_reminders_apart() {
    let waiting_for = |id: &str, n: u8, attempts: u32| {
        let mut situation = Situation::at(NOON);
        situation.reminder.id = id.to_owned();
        situation.push().n = n;
        situation.push().attempts = attempts;
        let facts = situation.facts();
        [facts.quiet_end(instant(NIGHT)), facts.after_quota_reset(), facts.after(USUAL), facts.soon()]
    };
    let first = waiting_for("one", 1, 1);
    assert_eq!(first, waiting_for("one", 2, 1), "they failed together");
    assert_eq!(first[..2], waiting_for("one", 3, 4)[..2], "one of them failed more often");
    assert_ne!(first, waiting_for("another", 1, 1));
}

#[test]
fn users_own_quiet_hours_take_the_place_of_the_settings() {
    let mut situation = Situation::at(NIGHT);
    assert!(situation.facts().quiet_end(instant(NIGHT)).is_some(), "the settings' hours");
    let own = |from: &str, to: &str| Some(format!("{from}-{to}").try_into().expect("quiet hours"));
    let mut ends = |hours| {
        situation.user.as_mut().expect("a user").preferences.quiet_hours = hours;
        situation.facts().quiet_end(instant(NIGHT)).map(|end| end >= instant("2027-02-02T09:00:00+08:00"))
    };
    assert_eq!(ends(own("23:30", "06:00")), None);
    assert_eq!(ends(own("22:00", "09:00")), Some(true));
    assert_eq!(ends(None), Some(false));
    situation.user = None;
    assert!(situation.facts().quiet_end(instant(NIGHT)).is_some());
}
