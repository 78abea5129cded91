use super::*;
use crate::cases::instant;

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
