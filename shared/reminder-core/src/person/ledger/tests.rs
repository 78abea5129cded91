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

fn reported() -> Ledger {
    let mut ledger = Ledger::default();
    ledger.report("report", Source::Events, false, at(0));
    ledger
}

/// Confirmed, reported, uncertain.
fn left(ledger: &Ledger) -> [u32; 3] {
    Standing::ALL.map(|standing| ledger.left(standing))
}

/// What happens to a ledger, in words: `accept A [told B]` and `report A` name the tap; seconds are those of [`at`].
fn play(ledger: &mut Ledger, story: &str) {
    for step in story.split(';').map(str::trim).filter(|step| !step.is_empty()) {
        let words: Vec<&str> = step.split(' ').collect();
        let time = |index: usize| at(words[index].parse().expect("seconds"));
        match words[..] {
            ["accept", tap] | ["accept", tap, "told", _] => {
                let told = time(words.len() - 1);
                ledger.accept(&format!("event {tap}"), time(1), false, told);
            }
            ["report", tap] => _ = ledger.report(&format!("report {tap}"), Source::Events, false, time(1)),
            ["refuse", _] => _ = ledger.refuse(time(1)),
            ["reserve", attempt, _] => assert!(ledger.reserve(attempt, false, time(2)), "{step}"),
            ["release", attempt] => ledger.release(attempt),
            ["unknown", attempt] => assert!(ledger.set_uncertain(attempt), "{step}"),
            ["used", attempt] => assert!(ledger.set_used(attempt), "{step}"),
            ["43101", attempt, _] => ledger.exhausted(attempt, time(2)),
            _ => panic!("{step}"),
        }
    }
}

#[test]
fn what_is_left_after_all_that_was_told() {
    let rows: &[(&str, &str, [u32; 3])] = &[
        ("nothing", "", [0, 0, 0]),
        ("an accept", "accept 0", [1, 0, 0]),
        ("its repeat", "accept 0; accept 0 told 9", [1, 0, 0]),
        ("its report", "accept 0; report 1", [1, 0, 0]),
        ("its report, first", "report 1; accept 0 told 2", [1, 0, 0]),
        ("told a day late", "report 1; accept 0 told 86400", [1, 0, 0]),
        ("a silent accept", "report 1", [0, 1, 0]),
        ("a silent one and one that was told", "report 1; accept 600; report 601", [1, 1, 0]),
        // A report is worth one attempt.
        ("it is under way", "report 1; reserve a 500", [0, 0, 0]),
        ("it was not sent", "report 1; reserve a 500; release a", [0, 1, 0]),
        ("it was sent, and its event comes late", "report 1; reserve a 500; accept 0 told 600", [0, 0, 0]),
        ("its event came, it was not sent", "report 1; reserve a 9; accept 0 told 10; release a", [1, 0, 0]),
        ("it was sent, then another", "report 1; reserve a 500; accept 700", [1, 0, 0]),
        ("its report, told twice", "accept 0; report 1; report 1", [1, 0, 0]),
        ("a report within two minutes", "report 119; accept 0 told 120", [1, 0, 0]),
        ("one just as far", "report 120; accept 0 told 121", [1, 1, 0]),
        (
            "its event is of before a refusal, and it was not sent",
            "report 100; reserve a 500; refuse 50; accept 10 told 600; release a",
            [0, 0, 0],
        ),
        (
            "its event is of that second",
            "report 100; reserve a 500; refuse 50; accept 50 told 600; release a",
            [0, 0, 1],
        ),
        // Perhaps the report was late, perhaps these are two.
        (
            "an accept not told yet may be what it used",
            "report 300; reserve a 500; accept 0 told 600",
            [0, 0, 1],
        ),
        ("of two, one was used", "report 1; report 300; reserve a 500; accept 300 told 600", [0, 1, 1]),
        (
            "while another was under way, which was not sent",
            "accept 0; report 300; reserve a 500; reserve b 501; release a",
            [0, 0, 1],
        ),
        ("nobody knows", "report 1; reserve a 500; unknown a", [0, 0, 1]),
        ("told late, nobody knows", "report 1; reserve a 500; unknown a; accept 0 told 600", [0, 0, 1]),
        ("43101", "report 1; reserve a 500; 43101 a 500", [0, 0, 0]),
        ("43101, then its event", "report 1; reserve a 500; 43101 a 500; accept 0 told 600", [0, 0, 0]),
        // A refusal.
        ("all is taken back", "accept 0; report 300; refuse 400", [0, 0, 0]),
        ("told late", "accept 0; accept 30; refuse 20", [1, 0, 0]),
        ("told twice", "accept 0; refuse 20; accept 30; refuse 20", [1, 0, 0]),
        ("two out of order", "accept 0; refuse 20; accept 30; refuse 10", [1, 0, 0]),
        ("an accept from before, told late", "refuse 20; accept 9 told 21", [0, 0, 0]),
        ("in one second", "refuse 20; accept 20", [0, 0, 1]),
        ("in one second, the other way round", "accept 20; refuse 20", [0, 0, 1]),
        ("a credit from before is released", "accept 0; reserve a 10; refuse 20; release a", [0, 0, 0]),
        (
            "one from after it is, the refusal told late",
            "accept 30; reserve a 40; refuse 20; release a",
            [1, 0, 0],
        ),
        (
            "what was sent after it used one from after it",
            "accept 0; accept 30; reserve a 40; refuse 20",
            [0, 0, 0],
        ),
        ("perhaps, if that is told late", "accept 0; reserve a 40; refuse 20; accept 30 told 50", [0, 0, 1]),
        (
            "and if it was not sent",
            "accept 0; reserve a 40; refuse 20; accept 30 told 50; release a",
            [0, 0, 1],
        ),
        ("in one second with a report", "report 20; refuse 20", [0, 0, 0]),
        (
            "a report is taken back while it is used",
            "report 1; reserve a 10; refuse 20; release a",
            [0, 0, 0],
        ),
        ("told after it was used", "report 1; reserve a 500; refuse 20; release a", [0, 0, 0]),
        ("and of before the report", "report 100; reserve a 500; refuse 50; release a", [0, 1, 0]),
        // Credits that WeChat may still have.
        ("nobody knows", "accept 0; reserve a 10; unknown a", [0, 0, 1]),
        ("it was used after all", "accept 0; reserve a 10; unknown a; used a", [0, 0, 0]),
        (
            "one of two was used after all",
            "accept 0; accept 1; reserve a 10; reserve b 11; unknown a; unknown b; used a",
            [0, 0, 1],
        ),
        ("it is tried", "accept 0; reserve a 10; unknown a; reserve b 20", [0, 0, 0]),
        ("and not sent", "accept 0; reserve a 10; unknown a; reserve b 20; release b", [0, 0, 1]),
        ("and refused", "accept 0; reserve a 10; unknown a; reserve b 20; 43101 b 20", [0, 0, 0]),
        (
            "and sent, on this or on one told late",
            "accept 0; reserve a 10; unknown a; reserve b 40; accept 30 told 50",
            [0, 0, 1],
        ),
        (
            "or on one told later still, what it may have used is taken back",
            "accept 0; reserve a 10; unknown a; reserve b 40; accept 30 told 50; refuse 35; accept 38 told 60",
            [0, 0, 1],
        ),
        (
            "it can have used one of them only",
            "accept 0; reserve a 10; unknown a; reserve b 40; accept 30 told 50; accept 35 told 51",
            [1, 0, 1],
        ),
        ("a refusal", "accept 0; reserve a 10; unknown a; refuse 20", [0, 0, 0]),
        ("a refusal from before, told late", "accept 9; reserve a 10; unknown a; refuse 5", [0, 0, 1]),
        ("a refusal of its second", "accept 9; reserve a 10; unknown a; accept 30; refuse 10", [1, 0, 0]),
        (
            "a refusal while it is tried",
            "accept 0; reserve a 10; unknown a; reserve b 20; refuse 30; release b",
            [0, 0, 0],
        ),
        // 43101 against what events confirmed.
        ("in doubt", "accept 0; accept 1; accept 2; reserve a 10; 43101 a 10", [0, 0, 3]),
        ("only once", "accept 0; accept 1; reserve a 10; 43101 a 10; 43101 a 10", [0, 0, 2]),
        ("a second one", "accept 0; reserve a 10; 43101 a 10; reserve b 9000; 43101 b 9000", [0, 0, 0]),
        (
            "two of one minute are one answer",
            "accept 0; accept 1; reserve a 10; reserve b 11; 43101 a 10; 43101 b 11",
            [0, 0, 2],
        ),
        (
            "an attempt under way was not sent",
            "accept 0; accept 1; reserve a 10; reserve b 11; 43101 a 12; release b",
            [0, 0, 2],
        ),
        ("an accept during it", "accept 0; reserve a 10; accept 11; 43101 a 10", [1, 0, 1]),
        ("one from before it, told late", "accept 0; reserve a 10; 43101 a 10; accept 9 told 12", [0, 0, 2]),
        (
            "one from before the second, told late",
            "accept 0; reserve a 10; 43101 a 10; reserve b 9000; 43101 b 9000; accept 8999 told 9001",
            [0, 0, 0],
        ),
        (
            "an accept between",
            "accept 0; reserve a 10; 43101 a 10; accept 5000; reserve b 9000; 43101 b 9000",
            [0, 0, 1],
        ),
        ("it was a refusal, told late", "accept 0; accept 1; reserve a 10; 43101 a 10; refuse 5", [0, 0, 0]),
        (
            "what it denied stays in doubt, told late",
            "accept 0; accept 1; reserve a 10; 43101 a 10; refuse 5; accept 9 told 30",
            [0, 0, 1],
        ),
        (
            "a refusal from before all that, told while it is tried again",
            "accept 30; reserve a 40; 43101 a 40; reserve b 50; refuse 5",
            [0, 0, 0],
        ),
        (
            "and it was not sent",
            "accept 30; reserve a 40; 43101 a 40; reserve b 50; refuse 5; release b",
            [0, 0, 1],
        ),
        (
            "a second one while another is under way, which was not sent",
            "accept 0; accept 1; accept 2; reserve a 10; reserve b 11; 43101 a 10; reserve c 9000; 43101 c 9000; release b",
            [0, 0, 0],
        ),
        (
            "a second one while one that rests on a newer accept is",
            "accept 0; reserve a 10; 43101 a 10; reserve b 9000; accept 9001; reserve c 9002; 43101 b 9000; release c",
            [1, 0, 0],
        ),
        (
            "one answer, and nothing is left: the next is another",
            "accept 0; reserve a 10; 43101 a 10; reserve b 20; report 300; reserve c 310; 43101 c 310; \
             accept 350; reserve d 360; 43101 d 360; accept 355 told 370",
            [0, 0, 2],
        ),
        (
            "the same of one second",
            "accept 0; report 300; reserve a 310; reserve c 310; 43101 a 310; reserve b 311; 43101 c 310; \
             accept 450; reserve d 460; 43101 d 460; accept 455 told 470",
            [0, 0, 2],
        ),
        (
            "the later answer first, which still denies what was accepted between",
            "accept 0; report 300; reserve b 320; reserve a 310; 43101 b 320; reserve c 312; 43101 a 310; accept 315 told 330",
            [0, 0, 1],
        ),
        (
            "after a refusal it is another answer, which denies what was accepted by then",
            "accept 0; reserve a 10; 43101 a 10; refuse 20; accept 30; reserve b 40; 43101 b 40; accept 35 told 50",
            [0, 0, 2],
        ),
        (
            "after one of the same second, too",
            "accept 0; reserve a 10; 43101 a 10; refuse 10; accept 30; reserve b 40; 43101 b 40; accept 35 told 50",
            [0, 0, 2],
        ),
    ];
    for (case, story, expected) in rows {
        let mut ledger = Ledger::default();
        play(&mut ledger, story);
        assert_eq!(left(&ledger), *expected, "{case}: {story}");
    }
}

#[test]
fn confirmed_credits_are_used_first_then_reports_then_what_is_uncertain() {
    let mut ledger = Ledger::default();
    play(&mut ledger, "accept 0; reserve lost 10; unknown lost; report 300; accept 600");
    for (attempt, expected) in [("a", [0, 1, 1]), ("b", [0, 0, 1]), ("c", [0, 0, 0])] {
        for _ in 0..2 {
            assert!(ledger.reserve(attempt, false, at(700)));
            assert_eq!(left(&ledger), expected, "taken once, however often it is asked for");
        }
    }
    assert!(!ledger.reserve("d", false, at(700)));
}

#[test]
fn fifty_reports_are_remembered_and_each_is_told_once() {
    let mut ledger = Ledger::default();
    for round in 0..2 {
        for n in 0..60 {
            let told = ledger.report(&format!("report {n}"), Source::Events, false, at(n * 300));
            assert_eq!(told, round == 0 && n < 50, "round {round}, report {n}");
        }
    }
    assert_eq!(left(&ledger), [0, 50, 0]);
}

#[test]
fn a_released_report_is_the_one_it_was() {
    let mut ledger = reported();
    let before = ledger.clone();
    ledger.reserve("attempt", false, at(500));
    assert!(!ledger.report("report", Source::Events, false, at(501)), "told again, it is the same accept");
    ledger.release("attempt");
    assert_eq!(ledger, before);
}

#[test]
fn a_credit_is_the_last_only_if_nothing_is_left_that_wechat_may_have() {
    let rows: &[(&str, bool)] = &[
        ("accept 0; reserve a 500", true),
        ("accept 0; accept 1; reserve a 500", false),
        ("accept 0; report 200; reserve a 500", false),
        ("accept 0; accept 1; reserve b 100; unknown b; reserve a 500", false),
        ("accept 0; accept 1; reserve b 100; reserve a 500", true),
        ("accept 0; reserve a 500; unknown a", true),
        ("accept 0; reserve a 500; accept 501", false),
        ("accept 0; reserve a 500; accept 501; reserve b 502", false),
        ("refuse 0; accept 10; reserve a 500", true),
        // 43101 would not tell that it was sent.
        ("accept 0; reserve a 500; refuse 501", false),
        // There may never have been one.
        ("report 0; reserve a 500", false),
        ("accept 0; reserve b 100; unknown b; reserve a 500", false),
        ("accept 0; reserve b 100; 43101 b 100; reserve a 500", false),
    ];
    for (story, expected) in rows {
        let mut ledger = Ledger::default();
        play(&mut ledger, story);
        assert_eq!(ledger.is_last("a", at(500)), *expected, "{story}");
    }
}

#[test]
fn a_43101_of_a_harmless_repeat_leaves_nothing_in_doubt() {
    let mut ledger = with(1);
    ledger.reserve("a", false, at(10));
    ledger.account_for("a", at(400), CreditChange::Release, true);
    assert!(ledger.holds("a"), "the attempt before it may have used it");
    ledger.account_for("a", at(400), CreditChange::Exhausted, true);
    assert_eq!(left(&ledger), [0, 0, 0]);
}

#[test]
fn a_grant_counts_however_it_is_learnt_until_it_is_taken_back() {
    use Standing::{Confirmed, Reported, Uncertain};
    type Step = fn(&mut Ledger) -> bool;
    let event: Step = |ledger| ledger.accept("event", at(0), true, at(0));
    let report: Step = |ledger| ledger.report("report", Source::Events, true, at(1));
    let refusal: Step = |ledger| ledger.refuse(at(5));
    let late: Step = |ledger| ledger.accept("late", at(3), true, at(9));
    let anew: Step = |ledger| ledger.accept("anew", at(9000), true, at(9000));
    let taken: Step = Ledger::confirm_grant;
    let no: Step = |ledger| {
        ledger.exhausted("a", at(10));
        true
    };
    let again: Step = |ledger| {
        ledger.exhausted("b", at(8000));
        true
    };
    let rows: &[(&[Step], Option<Standing>)] = &[
        (&[event], Some(Confirmed)),
        (&[report], Some(Reported)),
        (&[report, event], Some(Confirmed)),
        (&[event, refusal], None),
        (&[refusal, event], None),
        (&[event, refusal, late], None),
        (&[event, refusal, anew], Some(Confirmed)),
        (&[event, no], Some(Uncertain)),
        (&[event, no, no], Some(Uncertain)),
        (&[event, no, late], Some(Uncertain)),
        (&[event, no, anew], Some(Confirmed)),
        (&[event, no, again], None),
        (&[event, no, taken, again], Some(Uncertain)),
        (&[report, taken], Some(Confirmed)),
        (&[report, no], None),
        (&[report, no, late], Some(Uncertain)),
    ];
    for (index, (steps, expected)) in rows.iter().enumerate() {
        let mut ledger = Ledger::default();
        for step in *steps {
            step(&mut ledger);
        }
        assert_eq!(ledger.granted(), *expected, "row {index}");
        let before = ledger.clone();
        assert_eq!(ledger.reserve("x", true, at(9001)), expected.is_some());
        assert_eq!(ledger, before, "nothing is used up");
        assert!(
            !ledger.reserve("x", false, at(9001)),
            "as a template of single messages it is worth nothing"
        );
    }
}

#[test]
fn what_waited_on_a_followers_side_is_taken_over_once() {
    let rows: &[(&str, &str, [u32; 3])] = &[
        ("accept 0", "accept 700", [2, 0, 0]),
        ("accept 0", "accept 0; accept 700", [2, 0, 0]),
        ("accept 0", "accept 0; accept 700; refuse 600", [1, 0, 0]),
        ("accept 0; accept 700; refuse 600", "accept 1; report 300", [1, 0, 0]),
        ("report 0", "report 0; report 300", [0, 2, 0]),
        ("report 0", "report 300", [0, 2, 0]),
        ("accept 0; reserve a 10; unknown a", "accept 700", [1, 0, 1]),
    ];
    for (story, other_story, expected) in rows {
        let (mut ledger, mut other) = (Ledger::default(), Ledger::default());
        play(&mut ledger, story);
        play(&mut other, other_story);
        ledger.absorb(other);
        assert_eq!(left(&ledger), *expected, "{story} | {other_story}");
    }
}

#[test]
fn an_item_stays_small() {
    let mut ledger = Ledger::default();
    for n in 0..60 {
        ledger.report(&"k".repeat(64 + n), Source::Events, false, at(i64::try_from(n).expect("small") * 300));
    }
    let worst = serde_json::to_string(&ledger).expect("JSON");
    assert!(worst.len() < 1_400, "{} bytes: {worst}", worst.len());
    let mut ledger = with(3);
    play(&mut ledger, "reserve a 10; report 300; reserve b 400");
    let usual = serde_json::to_string(&ledger).expect("JSON");
    assert!(usual.len() < 320, "{} bytes: {usual}", usual.len());
    assert!(!usual.contains("counted"), "what is usual is not written: {usual}");
    assert_eq!(serde_json::from_str::<Ledger>(&usual).expect("the same"), ledger);
    play(&mut ledger, "release a; release b; reserve c 410; reserve d 411; reserve e 412; reserve f 413");
    let of_all_kinds = serde_json::to_string(&ledger).expect("JSON");
    assert_eq!(serde_json::from_str::<Ledger>(&of_all_kinds).expect("the same"), ledger);
}

#[test]
fn denial_of_a_repeat_leaves_nothing_unless_it_was_in_vain() {
    let rows: &[(&str, &str, [u32; 3])] = &[
        ("believed", "", [0, 0, 0]),
        ("in vain", "in vain 300", [0, 0, 1]),
        ("in vain, and taken back since", "refuse 400; in vain 300", [0, 0, 0]),
        ("in vain, and taken back before", "refuse 200; in vain 300", [0, 0, 1]),
        ("in vain, tried and denied again", "in vain 300; reserve b 9000; 43101 b 9000", [0, 0, 0]),
        ("accepted since", "accept 400; in vain 300", [1, 0, 1]),
    ];
    for (case, story, expected) in rows {
        let mut ledger = with(2);
        play(&mut ledger, "reserve a 100");
        ledger.account_for("a", at(300), CreditChange::Exhausted, true);
        assert_eq!(left(&ledger), [0, 0, 0], "{case}: not even what was not reserved");
        for step in story.split("; ").filter(|step| !step.is_empty()) {
            match step.strip_prefix("in vain ") {
                Some(moment) => ledger.deny_in_vain(at(moment.parse().expect("seconds"))),
                None => play(&mut ledger, step),
            }
        }
        assert_eq!(left(&ledger), *expected, "{case}");
    }
}

#[test]
fn what_was_accepted_since_is_seen() {
    for (story, since, expected) in [
        ("", 0, false),
        ("accept 5; reserve a 6", 5, true),
        ("accept 5; reserve a 6", 6, false),
        ("accept 5", 6, true),
        ("report 5", 6, true),
        ("report 5; reserve a 6", 6, false),
    ] {
        let mut ledger = Ledger::default();
        play(&mut ledger, story);
        assert_eq!(ledger.accepted_since(at(since)), expected, "{story}, since {since}");
    }
}

#[test]
fn credit_of_what_was_not_taken_is_back_and_in_doubt_no_more() {
    for (story, expected) in [
        ("reserve a 100", [2, 0, 0]),
        ("reserve a 100; unknown a", [2, 0, 0]),
        ("reserve a 100; reserve b 101; unknown a", [1, 0, 0]),
    ] {
        let mut ledger = with(2);
        play(&mut ledger, story);
        ledger.give_back("a");
        assert_eq!(left(&ledger), expected, "{story}");
        ledger.give_back("a");
        assert_eq!(left(&ledger), expected, "{story}, twice");
    }
}

#[test]
fn available_is_what_nothing_contradicts() {
    let granted = || {
        let mut ledger = with(1);
        assert!(ledger.accept("long", at(0), true, at(0)));
        ledger
    };
    assert_eq!(with(3).available(), 3);
    assert_eq!(reported().available(), 1);
    assert_eq!(granted().available(), 2, "a long-term subscription counts as one");
    let mut denied = granted();
    denied.account_for("x", at(10), CreditChange::Exhausted, false);
    assert_eq!(denied.available(), 1, "one that WeChat denies does not");
    let mut doubtful = with(2);
    play(&mut doubtful, "reserve a 10; unknown a");
    assert_eq!(doubtful.available(), 1, "nor what an attempt may have used");
}

#[test]
fn refusal_takes_a_long_term_subscription_of_before_it() {
    for (moment, expected) in [(99, Some(Standing::Confirmed)), (100, Some(Standing::Uncertain)), (101, None)]
    {
        let mut ledger = Ledger::default();
        assert!(ledger.accept("long", at(100), true, at(100)));
        assert!(ledger.refuse(at(moment)));
        assert_eq!(ledger.granted(), expected, "refused at {moment}");
        assert!(!ledger.refuse(at(moment)), "it is known");
    }
}

/// 43101 a while after another is believed; in the same half hour it is one answer.
#[test]
fn second_43101_is_believed_after_half_an_hour() {
    for (seconds, expected) in [(1_799, Some(Standing::Uncertain)), (1_800, None)] {
        let mut ledger = Ledger::default();
        assert!(ledger.accept("long", at(0), true, at(0)));
        for moment in [10, 10 + seconds] {
            ledger.account_for("x", at(moment), CreditChange::Exhausted, false);
        }
        assert_eq!(ledger.granted(), expected, "{seconds} s later");
    }
    for (seconds, expected) in [(1_799, [0, 0, 2]), (1_800, [0, 0, 0])] {
        let mut ledger = with(2);
        play(&mut ledger, "reserve a 10; reserve b 11; 43101 a 10");
        ledger.exhausted("b", at(10 + seconds));
        assert_eq!(left(&ledger), expected, "{seconds} s later");
    }
}

#[test]
fn credit_is_used_after_all_only_where_nobody_knew() {
    let mut ledger = with(3);
    play(&mut ledger, "reserve a 10; reserve b 11; unknown b");
    assert!(!ledger.set_used("a"), "that was known");
    assert_eq!(left(&ledger), [1, 0, 1]);
    assert!(ledger.set_used("b") && !ledger.set_used("b"), "it is news once");
    assert_eq!(left(&ledger), [1, 0, 0]);
}

/// Where WeChat's events go elsewhere.
#[test]
fn report_adds_a_credit_once_where_the_settings_count_reports() {
    let mut ledger = Ledger::default();
    for (report, is_news, count) in [("1", true, 1), ("1", false, 1), ("2", true, 2), ("2", false, 2)] {
        assert_eq!(ledger.report(report, Source::Client, false, at(0)), is_news, "{report}");
        assert_eq!(left(&ledger), [count, 0, 0], "{report}");
    }
}

#[test]
fn accepts_and_attempts_are_known_again_for_a_week() {
    const WEEK: i64 = 7 * 24 * 60 * 60;
    for (later, is_known) in [(WEEK, true), (WEEK + 1, false)] {
        let mut ledger = with(1);
        play(&mut ledger, "reserve a 0");
        assert!(ledger.accept("another", at(later), false, at(later)));
        assert_eq!(!ledger.accept("event 0", at(0), false, at(later)), is_known, "told {later} s later");
        assert_eq!(ledger.holds("a"), is_known, "{later} s later");
    }
}

#[test]
fn of_many_accepts_the_newest_are_known_again() {
    let mut ledger = with(60);
    assert!(!ledger.accept("event 9", at(9), false, at(60)));
    assert!(ledger.accept("event 8", at(8), false, at(60)));
}

#[test]
fn credit_of_what_was_not_sent_is_back_unless_the_attempt_before_may_have_used_it() {
    for (change, repeats, expected) in [
        (CreditChange::Keep, false, [1, 0, 0]),
        (CreditChange::Release, false, [2, 0, 0]),
        (CreditChange::Release, true, [1, 0, 0]),
        (CreditChange::Exhausted, false, [0, 0, 2]),
        (CreditChange::Exhausted, true, [0, 0, 0]),
    ] {
        let mut ledger = with(2);
        play(&mut ledger, "reserve a 10");
        ledger.account_for("a", at(10), change, repeats);
        assert_eq!(left(&ledger), expected, "{change:?}, repeats: {repeats}");
    }
}
