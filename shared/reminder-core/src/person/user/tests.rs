//! What is known of a user, row by row: what was told, in whatever order, and the moment.

use super::*;
use crate::cases::{self, instant};
use crate::channel::Channel;
use crate::person::ledger::Standing;
use crate::person::link::Ground;
use crate::person::login::Login;

#[test]
fn profile_after_forgetting_is_younger_than_all_before_it() {
    let forgotten = instant("2027-01-10T10:00:00.500Z");
    for now in
        [forgotten, forgotten - SignedDuration::from_secs(2), forgotten + SignedDuration::from_hours(1)]
    {
        let user = User::since("o1".into(), Some(forgotten), now);
        assert!(user.created_at.as_millisecond() > forgotten.as_millisecond(), "{now}");
        for (second, younger) in [(-1, true), (0, false), (1, false)] {
            assert_eq!(user.is_younger_than(forgotten.as_second() + second), younger, "{now} {second}");
        }
    }
    let first = User::since("o1".into(), None, forgotten);
    assert_eq!((first.created_at, first.is_younger_than(0)), (forgotten, false));
}

#[test]
fn keeping_somebody_is_written_once_a_month_at_most() {
    let now = instant("2027-01-10T10:00:00Z");
    let mut user = User::new("o1".into(), now);
    let mut written = 0;
    for day in 0..365 {
        let at = now + SignedDuration::from_hours(24 * day);
        written += i32::from(user.keep_until(at + KEPT));
        assert!(user.kept_until >= at + KEPT);
    }
    assert_eq!(written, 11);
}

#[test]
fn newest_event_tells_whether_they_follow() {
    use News::{Contradiction, Known, Newer, Older};
    let follow = |followed, at| Follow { followed, at };
    for (known, news, expected) in [
        (follow(false, None), follow(true, Some(5)), Newer),
        (follow(false, None), follow(false, Some(5)), Newer),
        (follow(true, Some(5)), follow(false, Some(6)), Newer),
        (follow(true, Some(5)), follow(true, Some(6)), Newer),
        (follow(true, Some(5)), follow(false, Some(4)), Older),
        (follow(true, Some(5)), follow(true, Some(4)), Older),
        (follow(true, Some(5)), follow(true, Some(5)), Known),
        (follow(true, Some(5)), follow(false, Some(5)), Contradiction),
        (follow(false, Some(5)), follow(true, Some(5)), Contradiction),
        (follow(false, Some(5)), follow(true, None), Older),
        (follow(false, None), follow(true, None), Older),
    ] {
        assert_eq!(known.compare(news), expected, "{known:?} {news:?}");
        let merged = if matches!(expected, Newer | Contradiction) { news } else { known };
        assert_eq!(known.merged(news), merged, "{known:?} {news:?}");
    }
}

#[test]
fn newest_receipt_tells_whether_they_refuse_and_that_they_do_not_is_news_only_of_whom_did() {
    let block = |blocked, at| Block { blocked, at: Some(at) };
    for (known, news, is_news) in [
        (Block::default(), block(true, 5), true),
        (Block::default(), block(false, 5), false),
        (block(true, 5), block(false, 6), true),
        (block(true, 5), block(true, 6), true),
        (block(true, 5), block(false, 5), false),
        (block(true, 5), block(false, 4), false),
        (block(false, 6), block(true, 5), false),
        (block(false, 6), block(false, 7), false),
        (block(false, 6), block(true, 7), true),
    ] {
        let mut learnt = known;
        assert_eq!(learnt.learn(news), is_news, "{known:?} {news:?}");
        assert_eq!(learnt, if is_news { news } else { known });
        assert_eq!(known.is_unknown(), known == Block::default(), "{known:?}");
    }
}

#[test]
fn template_message_reaches_whoever_follows_and_has_not_refused_since() {
    let link = || Some(Link { openid: "s1".into(), ground: Ground::Unionid });
    let follow = |followed| Follow { followed, at: Some(5) };
    let block = |blocked, at| Block { blocked, at: Some(at) };
    for (case, link, follow, block, follows, blocked) in [
        ("they follow", link(), follow(true), Block::default(), true, false),
        ("nobody knows as whom", None, follow(true), block(true, 6), false, false),
        ("they left", link(), follow(false), block(true, 6), false, false),
        ("they refused", link(), follow(true), block(true, 6), true, true),
        ("they take them again", link(), follow(true), block(false, 6), true, false),
        ("they have followed anew", link(), follow(true), block(true, 4), true, false),
        ("in that very second", link(), follow(true), block(true, 5), true, false),
    ] {
        let user = User { link, follow, block, ..User::new("o1".into(), Timestamp::UNIX_EPOCH) };
        assert_eq!((user.follows(), user.is_blocked()), (follows, blocked), "{case}");
        assert_eq!(user.service_openid().is_some(), case != "nobody knows as whom", "{case}");
    }
}

#[test]
fn what_rests_may_be_told_once_messages_arrive_again() {
    let now = instant("2027-01-10T10:00:00Z");
    let block = |blocked, at| Block { blocked, at: Some(at) };
    for (case, known, follower, news, is_news, looks) in [
        ("they refuse", Block::default(), "s1", block(true, 5), true, false),
        ("they arrive again", block(true, 5), "s1", block(false, 6), true, true),
        ("that is old", block(true, 5), "s1", block(false, 4), false, false),
        ("they always did", Block::default(), "s1", block(false, 6), false, false),
        ("at a phone that is theirs no longer", block(true, 5), "s2", block(false, 6), false, false),
    ] {
        let mut user = User {
            link: Some(Link { openid: "s1".into(), ground: Ground::Unionid }),
            block: known,
            rested_at: Some(now),
            ..User::new("o1".into(), now)
        };
        assert_eq!(user.learn_of_block(&follower.into(), news, now), is_news, "{case}");
        assert_eq!(user.block, if is_news { news } else { known }, "{case}");
        assert_eq!(user.look_at_rest.is_some(), looks, "{case}");
    }
}

/// Once for all that happens in a minute.
#[test]
fn what_rests_is_looked_at_a_full_minute_after_it_may_be_told() {
    let rested = Some(instant("2027-01-09T10:00:00Z"));
    for (rested_at, now, expected) in [
        (rested, "2027-01-10T10:00:00Z", Some("2027-01-10T10:01:00Z")),
        (rested, "2027-01-10T10:00:00.001Z", Some("2027-01-10T10:02:00Z")),
        (rested, "2027-01-10T10:00:59Z", Some("2027-01-10T10:02:00Z")),
        (None, "2027-01-10T10:00:00Z", None),
    ] {
        let mut user = User { rested_at, ..User::new("o1".into(), Timestamp::UNIX_EPOCH) };
        user.may_be_reached(instant(now));
        let expected = expected.map(instant);
        assert_eq!(user.look_at_rest, expected, "{now}");
        assert_eq!(user.indexed().next_look_at, expected, "{now}");
    }
}

#[test]
fn reminder_is_of_the_profile_that_was_there_when_it_was_made() {
    let made = instant("2027-01-10T10:00:00Z");
    for (since, owned) in [("2027-01-10T10:00:00Z", true), ("2027-01-10T10:00:00.001Z", false)] {
        let user = User::new("o1".into(), instant(since));
        assert_eq!(user.owns(&cases::reminder(made)), owned, "{since}");
        assert_eq!(Login::of(&user).owns(&cases::reminder(made)), owned, "{since}: as its login states it");
        assert!(Login::of(&user).is_of(&user));
        assert!(!Login::of(&user).is_of(&User::new("o1".into(), made + SignedDuration::from_hours(1))));
    }
}

#[test]
fn user_is_kept_while_they_come() {
    let now = instant("2027-01-10T10:00:00Z");
    let mut user = User::new("o1".into(), now);
    let until = user.kept_until;
    assert_eq!(until, now + KEPT + ROUNDED_UP_BY);
    assert!(!user.keep_until(until), "that is known");
    let later = until + SignedDuration::from_secs(1);
    assert!(user.keep_until(later));
    assert_eq!(user.kept_until, later + ROUNDED_UP_BY);
    let entries = user.indexed();
    assert_eq!((entries.ttl, entries.owner_tag), (Some(user.kept_until), Some(id::owner_tag(&user.openid))));
}

#[test]
fn credit_of_an_attempt_is_uncertain_in_the_ledger_of_its_template() {
    let now = instant("2027-01-10T10:00:00Z");
    let attempt = |template: Option<&str>, credit: Option<&str>| Attempt {
        one_time_template: template.map(str::to_owned),
        credit: credit.map(str::to_owned),
        ..cases::attempt("a", Channel::MiniSubscription, now)
    };
    for (case, attempt, is_news) in [
        ("it needs none", attempt(None, None), false),
        ("of a template that nothing was accepted of", attempt(Some("another"), None), false),
        ("its own", attempt(Some("t"), None), true),
        ("of the attempt that it repeats", attempt(Some("t"), Some("a")), true),
        ("of one that holds none", attempt(Some("t"), Some("b")), false),
    ] {
        let mut user = User::new("o1".into(), now);
        let ledger = user.ledger("t");
        assert!(ledger.accept("event", now, false, now) && ledger.accept("event 2", now, false, now));
        assert!(ledger.reserve("a", false, now));
        assert_eq!((user.available("t"), user.available("another")), (1, 0), "{case}");
        assert_eq!(user.set_uncertain(&attempt), is_news, "{case}");
        let left = user.ledger_of("t").map(|ledger| ledger.left(Standing::Uncertain));
        assert_eq!(left, Some(u32::from(is_news)), "{case}");
        assert!(!user.set_uncertain(&attempt), "{case}: told twice");
        assert!(user.ledger_of("another").is_none(), "{case}");
    }
}

#[test]
fn look_at_what_rests_is_done_unless_something_happened_meanwhile() {
    let moment = |minute: i64| Some(instant("2027-01-10T10:00:00Z") + SignedDuration::from_mins(minute));
    let user = |rested_at, look_at_rest| User {
        rested_at,
        look_at_rest,
        ..User::new("o1".into(), Timestamp::UNIX_EPOCH)
    };
    let seen = user(moment(0), moment(5));
    for (case, user_now, rests, expected, is_news) in [
        ("nothing rests any more", seen.clone(), false, (None, None), true),
        ("something still does", seen.clone(), true, (moment(0), None), true),
        ("another came to rest", user(moment(1), moment(5)), false, (moment(1), None), true),
        ("something may reach them anew", user(moment(0), moment(6)), false, (None, moment(6)), true),
        ("both", user(moment(1), moment(6)), false, (moment(1), moment(6)), false),
        ("another look was made", user(moment(0), None), true, (moment(0), None), false),
    ] {
        let mut user = user_now;
        assert_eq!(user.looked_at_rest(&seen, rests), is_news, "{case}");
        assert_eq!((user.rested_at, user.look_at_rest), expected, "{case}");
    }
}
