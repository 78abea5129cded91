//! What a change of a reminder or a user is told of: pure comparisons of before and after.

use jiff::Timestamp;

use super::event::{About, Kind};
use crate::person::user::User;
use crate::reminder::{Lifecycle, Push, Reminder, State, Status};

/// Of a reminder as it was read and as it is written at `now`.
pub(super) fn of_reminder(before: &Reminder, after: &Reminder, now: Timestamp) -> Vec<(Kind, About)> {
    let whole = || About {
        reminder: after.id.clone(),
        revision: after.revision,
        push: None,
        channel: None,
        reason: None,
    };
    let mut owed: Vec<(Kind, About)> =
        after.pushes.iter().filter_map(|push| Some((ended(before, push)?, of_push(after, push)))).collect();
    if before.status == Status::Active && matches!(after.status, Status::Done { .. }) {
        owed.push((Kind::Done, whole()));
    }
    if before.watched && !after.watched && after.lifecycle(now) == Lifecycle::Expired {
        owed.push((Kind::Expired, whole()));
    }
    if let Some(kind) = ended_round(before, after, now) {
        owed.push((kind, About { revision: before.revision, ..whole() }));
    }
    owed
}

/// How a round has ended, if the next has begun: the item itself stays active. Its expiry may have been told of by then.
fn ended_round(before: &Reminder, after: &Reminder, now: Timestamp) -> Option<Kind> {
    let (known, next) = before.content.repeat.as_ref().zip(after.content.repeat.as_ref())?;
    match next.round() > known.round() {
        true if now < before.content.expires_at => Some(Kind::Done),
        true if before.watched => Some(Kind::Expired),
        _ => None,
    }
}

/// How the push has ended since.
fn ended(before: &Reminder, push: &Push) -> Option<Kind> {
    let before = before.push(push.revision, push.n)?;
    match (&before.state, &push.state) {
        (State::Delivered { .. }, State::Delivered { .. })
        | (State::Undeliverable { .. }, State::Undeliverable { .. })
        | (State::Unknown { .. }, State::Unknown { .. }) => None,
        (_, State::Delivered { .. }) => Some(Kind::Delivered),
        (_, State::Undeliverable { .. }) => Some(Kind::Undeliverable),
        (_, State::Unknown { .. }) => Some(Kind::Unknown),
        _ => None,
    }
}

fn of_push(reminder: &Reminder, push: &Push) -> About {
    About {
        reminder: reminder.id.clone(),
        revision: push.revision,
        push: Some(push.n),
        channel: push.channel().map(|channel| channel.as_str().to_owned()),
        reason: push.reason.clone(),
    }
}

/// Of a user: the flag that the mini program shows.
pub(super) fn of_user(before: &User, after: &User) -> Option<Kind> {
    match (before.follow.followed, after.follow.followed) {
        (false, true) => Some(Kind::Followed),
        (true, false) => Some(Kind::Unfollowed),
        (false, false) | (true, true) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::{instant, reminder};
    use crate::channel::Channel;
    use crate::person::user::Follow;
    use crate::reminder::Rest;

    const NOW: &str = "2027-01-12T09:00:00+08:00";

    fn state(word: &str) -> State {
        let (at, channel) = (instant(NOW), Channel::ServiceTemplate);
        match word {
            "waits" => State::Scheduled { wakes_at: at },
            "sent" => State::Sent { channel, at, msgid: None, attempt: "a".to_owned() },
            "delivered" => State::Delivered { channel, at },
            "undeliverable" => State::Undeliverable { at, rest: Rest::Unreachable },
            "unknown" => State::Unknown { channel, at, attempt: "a".to_owned() },
            "retrying" => State::Retrying { at },
            "skipped" => State::Skipped,
            "cancelled" => State::Cancelled { at },
            _ => panic!("{word}"),
        }
    }

    #[test]
    fn ends_of_pushes_are_told_once_each() {
        for (before, after, expected) in [
            ("waits", "sent", None),
            ("sent", "delivered", Some("push.delivered")),
            ("waits", "delivered", Some("push.delivered")),
            ("unknown", "delivered", Some("push.delivered")),
            ("delivered", "delivered", None),
            ("waits", "undeliverable", Some("push.undeliverable")),
            ("undeliverable", "undeliverable", None),
            // Armed, and at rest again.
            ("retrying", "undeliverable", Some("push.undeliverable")),
            ("undeliverable", "retrying", None),
            ("retrying", "unknown", Some("push.unknown")),
            ("unknown", "unknown", None),
            ("waits", "skipped", None),
            ("waits", "cancelled", None),
        ] {
            let now = instant(NOW);
            let (mut old, mut new) = (reminder(now), reminder(now));
            old.pushes[0].state = state(before);
            new.pushes[0].state = state(after);
            let owed = of_reminder(&old, &new, now);
            let names: Vec<&str> = owed.iter().map(|(kind, _)| kind.name()).collect();
            assert_eq!(names, expected.into_iter().collect::<Vec<_>>(), "{before} {after}");
            assert!(owed.iter().all(|(_, about)| about.push == Some(1) && about.revision == 1));
        }
    }

    #[test]
    fn reminder_is_done_or_expires_and_whatever_ends_otherwise_is_not_told() {
        let (now, later) = (instant(NOW), instant("2027-03-01T00:00:00+08:00"));
        for (watched, end, at, expected) in [
            (true, "done", now, vec!["reminder.done"]),
            (false, "done", now, vec!["reminder.done"]),
            (true, "deleted", now, vec![]),
            (true, "nothing", now, vec![]),
            (true, "nothing", later, vec!["reminder.expired"]),
            (false, "nothing", later, vec![]),
            (true, "done", later, vec!["reminder.done"]),
        ] {
            let mut old = reminder(now);
            old.watched = watched;
            let mut new = old.clone();
            match end {
                "done" => assert!(new.done(at)),
                "deleted" => assert!(new.delete(at)),
                _ => {}
            }
            new.watch(watched, at);
            let owed = of_reminder(&old, &new, at);
            let names: Vec<&str> = owed.iter().map(|(kind, _)| kind.name()).collect();
            assert_eq!(names, expected, "{watched} {end} {at}");
        }
    }

    #[test]
    fn round_ends_though_its_item_goes_on() {
        let (now, expiry) = (instant(NOW), instant("2027-03-01T00:00:00+08:00"));
        let in_round = |round: u32, watched: bool| {
            let mut reminder = reminder(now);
            reminder.content.repeat = Some(format!("1M@1803830400#{round}").try_into().expect("a repeat"));
            reminder.revision = u64::from(round) + 1;
            reminder.watched = watched;
            reminder
        };
        for (before, after, watched, at, expected) in [
            (0, 1, true, now, Some("reminder.done")),
            (0, 1, false, now, Some("reminder.done")),
            (0, 1, true, expiry, Some("reminder.expired")),
            // That was told while an outcome was still looked for.
            (0, 1, false, expiry, None),
            (1, 1, true, expiry, None),
            // Its user takes "done" back.
            (1, 0, true, now, None),
        ] {
            let owed = of_reminder(&in_round(before, watched), &in_round(after, watched), at);
            let found: Vec<(&str, u64)> =
                owed.iter().map(|(kind, about)| (kind.name(), about.revision)).collect();
            let revision = u64::from(before) + 1;
            assert_eq!(
                found,
                expected.map(|name| (name, revision)).into_iter().collect::<Vec<_>>(),
                "{before} {after}"
            );
        }
    }

    #[test]
    fn push_of_a_revision_that_nobody_knew_has_not_ended() {
        let now = instant(NOW);
        let (old, mut new) = (reminder(now), reminder(now));
        new.pushes[0].revision = 2;
        new.pushes[0].state = state("undeliverable");
        assert_eq!(of_reminder(&old, &new, now), []);
    }

    #[test]
    fn flag_of_following_is_told_when_it_turns() {
        let user = |followed| User {
            follow: Follow { followed, at: Some(1) },
            ..User::new("o1".into(), Timestamp::UNIX_EPOCH)
        };
        for (before, after, expected) in [
            (false, false, None),
            (false, true, Some(Kind::Followed)),
            (true, true, None),
            (true, false, Some(Kind::Unfollowed)),
        ] {
            assert_eq!(of_user(&user(before), &user(after)), expected, "{before} {after}");
        }
    }
}
