use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).expect("in range")
}

fn with(accepts: i64) -> Ledger {
    let mut ledger = Ledger::default();
    for n in 0..accepts {
        ledger.accept(&format!("event {n}"), at(n), false, at(n));
    }
    ledger
}

#[test]
fn an_accept_counts_once_whichever_report_comes_first_and_however_often() {
    for order in [["event", "report"], ["report", "event"]] {
        let mut ledger = Ledger::default();
        for _ in 0..3 {
            for side in order {
                match side {
                    "event" => ledger.accept("event", at(0), false, at(1)),
                    _ => ledger.report("report", Source::Events, false, at(1)),
                };
            }
        }
        assert_eq!((ledger.count, ledger.available(at(2)), ledger.reported()), (1, 1, 0));
    }
}

#[test]
fn a_report_without_event_is_shown_for_two_minutes_and_then_worth_one_attempt() {
    let mut ledger = Ledger::default();
    ledger.report("report", Source::Events, false, at(0));
    assert_eq!(ledger.available(at(119)), 1);
    assert_eq!(ledger.available(at(120)), 0);
    assert!(ledger.reserve("attempt", false, at(500)));
    assert!(ledger.holds_unconfirmed("attempt"));
    assert!(!ledger.reserve("another", false, at(500)));
}

#[test]
fn a_late_event_of_a_spent_report_adds_nothing() {
    let mut ledger = Ledger::default();
    ledger.report("report", Source::Events, false, at(0));
    ledger.reserve("attempt", false, at(500));
    ledger.consume("attempt");
    ledger.accept("event", at(0), false, at(600));
    assert_eq!(ledger.count, 0);
    ledger.accept("another event", at(700), false, at(700));
    assert_eq!(ledger.count, 1);
}

#[test]
fn an_attempt_on_an_unconfirmed_accept_is_remembered_after_it_was_spent() {
    let mut ledger = Ledger::default();
    ledger.report("report", Source::Events, false, at(0));
    ledger.reserve("attempt", false, at(500));
    ledger.consume("attempt");
    ledger.consume("attempt");
    assert!(ledger.holds("attempt"));
    ledger.release("attempt");
    assert_eq!(ledger.reported(), 0, "what may have been used does not come back");
    assert!(!ledger.report("report", Source::Events, false, at(501)), "told again, it is the same accept");
}

#[test]
fn a_released_unconfirmed_accept_is_the_one_it_was() {
    let mut ledger = Ledger::default();
    ledger.report("report", Source::Events, false, at(0));
    let before = ledger.clone();
    ledger.reserve("attempt", false, at(500));
    ledger.release("attempt");
    assert_eq!(ledger, before);
}

#[test]
fn an_event_that_comes_while_its_report_is_being_used_is_no_second_credit() {
    let mut ledger = Ledger::default();
    ledger.report("report", Source::Events, false, at(0));
    ledger.reserve("attempt", false, at(10));
    ledger.accept("event", at(0), false, at(11));
    assert_eq!(ledger.count, 0);
    ledger.consume("attempt");
    assert_eq!((ledger.count, ledger.reported()), (0, 0));
    assert!(!ledger.report("report", Source::Events, false, at(12)));
}

#[test]
fn a_credit_is_the_last_only_if_no_accept_of_any_sort_is_left() {
    let mut ledger = with(1);
    ledger.report("report", Source::Events, false, at(200));
    ledger.reserve("attempt", false, at(500));
    assert!(!ledger.is_last("attempt", at(500)), "an unconfirmed accept may be worth another message");
    let mut ledger = with(1);
    ledger.reserve("attempt", false, at(500));
    assert!(ledger.is_last("attempt", at(500)));
    ledger.accept("later", at(501), false, at(501));
    assert!(!ledger.is_last("attempt", at(500)));
}

#[test]
fn a_credit_is_not_the_last_while_another_one_is_uncertain_or_after_a_refusal() {
    let mut ledger = with(2);
    ledger.reserve("uncertain", false, at(100));
    ledger.reserve("attempt", false, at(500));
    ledger.set_uncertain("uncertain");
    assert!(!ledger.is_last("attempt", at(500)), "WeChat may have the other one still");
    let mut ledger = with(1);
    ledger.reserve("attempt", false, at(500));
    ledger.refuse(at(501));
    assert!(!ledger.is_last("attempt", at(500)), "43101 would not tell that it was sent");
    let mut ledger = Ledger::default();
    ledger.report("report", Source::Events, false, at(0));
    ledger.reserve("attempt", false, at(500));
    assert!(!ledger.is_last("attempt", at(500)), "there may never have been one");
}

#[test]
fn a_released_credit_does_not_come_back_into_a_later_epoch() {
    let mut ledger = with(2);
    for _ in 0..2 {
        assert!(ledger.reserve("a", false, at(10)));
        assert!(ledger.holds("a") && !ledger.holds_unconfirmed("a"), "a counted one");
        assert_eq!(ledger.count, 1, "taken once, however often it is asked for");
    }
    ledger.refuse(at(20));
    ledger.release("a");
    assert_eq!(ledger.count, 0);
}

#[test]
fn a_43101_leaves_what_was_accepted_after_the_attempt_began() {
    let mut ledger = with(3);
    ledger.reserve("a", false, at(10));
    ledger.accept("during", at(11), false, at(11));
    ledger.exhausted("a", at(10));
    assert_eq!(ledger.count, 1);
    ledger.accept("late", at(9), false, at(12));
    assert_eq!(ledger.count, 1, "accepted before, told late: worthless");
}

#[test]
fn a_refusal_told_late_spares_what_was_accepted_after_it() {
    let mut ledger = with(2);
    ledger.accept("after", at(30), false, at(30));
    ledger.refuse(at(20));
    assert_eq!(ledger.count, 1);
}

#[test]
fn a_long_term_subscription_is_one_until_it_is_refused() {
    let mut ledger = Ledger::default();
    ledger.accept("event", at(0), true, at(0));
    let before = ledger.clone();
    assert!(ledger.reserve("a", true, at(1)));
    assert_eq!(ledger, before, "nothing is used up");
    assert!(!ledger.reserve("a", false, at(1)), "as a template of single messages it is worth nothing");
    assert_eq!(ledger.available(at(1)), 1);
    ledger.refuse(at(5));
    assert_eq!(ledger.available(at(6)), 0);
}
