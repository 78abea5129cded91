//! What of an old revision goes on in the new one.

use super::*;

/// The reminder as renewed two seconds after noon, its push planned anew like this.
fn renewed(before: State, anew: Push) -> Reminder {
    let mut reminder = with(before);
    reminder.schedules = reminder.missing_schedules(at(-600));
    let content = Content { title: "签证".to_owned(), ..reminder.content.clone() };
    reminder.renew(content, vec![anew], at(2));
    reminder
}

fn anew(seconds: i64, state: State) -> Push {
    Push { revision: 2, ..planned(1, seconds, state) }
}

/// Its moment has gone by, so that it comes at once.
fn at_once() -> Push {
    Push { at_once: true, meant_for: Some(at(0)), ..anew(62, waits(62)) }
}

#[test]
fn push_of_the_same_instant_goes_on_unless_it_is_only_planned() {
    let rows = [
        ("planned anew", waits(0), anew(0, waits(0)), 2),
        ("tried again, planned anew", retrying(0), anew(0, waits(0)), 2),
        ("due, and still to be sent", waits(0), at_once(), 1),
        ("due, and tried again", retrying(0), at_once(), 1),
        ("due, and taken for past", waits(0), anew(0, State::Skipped), 1),
        ("under way", sending("a"), anew(0, waits(0)), 1),
        ("looked for", unresolved("a"), anew(0, waits(0)), 1),
        ("sent", sent("a"), anew(0, State::Skipped), 1),
        ("delivered", delivered(), anew(0, waits(0)), 1),
        ("nobody will know", unknown("a"), anew(0, waits(0)), 1),
        ("at rest", rests(Rest::Unreachable), anew(0, waits(0)), 1),
        ("cancelled", cancelled(), anew(0, waits(0)), 2),
        ("skipped", State::Skipped, at_once(), 2),
        ("of another instant", sent("a"), anew(1, waits(1)), 2),
    ];
    for (case, before, anew, revision) in rows {
        let expected = if revision == 1 { before.clone() } else { anew.state.clone() };
        let reminder = renewed(before, anew);
        let [push] = &reminder.pushes[..] else { panic!("{case}: one push") };
        assert_eq!(push.revision, revision, "{case}");
        assert_eq!(push.attempt(), with(expected).pushes[0].attempt(), "{case}");
    }
}

/// Past when it was saved is another thing.
#[test]
fn what_another_push_told_is_not_told_again_in_the_new_revision() {
    for (reason, anew, expected) in [
        ("told_already", anew(0, waits(0)), "skipped; (told_already)"),
        ("told_already", at_once(), "skipped; (told_already)"),
        ("told_already", anew(1, waits(1)), "waits until 62"),
        ("past", anew(0, waits(0)), "waits until 62"),
    ] {
        let mut reminder = with(State::Skipped);
        reminder.pushes[0].reason = Some(reason.to_owned());
        let content = reminder.content.clone();
        reminder.renew(content, vec![anew], at(2));
        assert_eq!(words(&reminder.pushes[0]), expected, "{reason}");
    }
}

/// The schedules of the old revision are gone, and no new one is less than a minute ahead.
#[test]
fn what_waits_in_the_new_revision_waits_for_a_schedule_that_can_be_made() {
    for (case, before, anew, expected) in [
        ("due", waits(0), at_once(), "waits until 62"),
        ("tried again", retrying(61), at_once(), "again at 62"),
        ("tried again later", retrying(63), at_once(), "again at 63"),
        ("looked for later", unresolved("a"), anew(0, waits(0)), "looked for at 300: a"),
        ("planned anew", waits(0), anew(600, waits(600)), "waits until 600"),
    ] {
        let reminder = renewed(before, anew);
        assert_eq!(words(&reminder.pushes[0]), expected, "{case}");
        assert!(reminder.schedules.is_empty(), "{case}");
    }
}

#[test]
fn renewal_is_one_revision_on_with_new_content() {
    let reminder = renewed(waits(600), anew(900, waits(900)));
    assert_eq!((reminder.revision, &*reminder.content.title), (2, "签证"));
    assert_eq!(told(&reminder), ["renewed: revision 2"]);
}
