//! What is judged of one event, and of all of them in the end.

use serde_json::json;

use super::*;

const AT: &str = "2027-01-12T01:00:01Z";

fn heard(answer: Answer) -> Heard {
    let body = json!({"type": "user.followed", "timestamp": AT, "data": {"openid": "o-alice"}});
    Heard {
        id: "e1".to_owned(),
        at: AT.parse().expect("an instant"),
        answer,
        is_signed: true,
        text: body.to_string(),
        event: Event::read(&body).expect("an event"),
    }
}

fn book() -> Book {
    let body = json!({"title": "护照", "revision": 1, "expires_at": "2027-03-01T00:00:00+08:00",
        "timezone": "Asia/Shanghai", "pushes": []});
    let version = Version::answered(&body).expect("an answer");
    let kept = Reminder { owner: 0, id: "r1".to_owned(), versions: vec![version], over: None };
    let mut book = Book::default();
    book.reminders.push(kept);
    book
}

#[test]
fn event_is_signed_and_without_a_word_of_its_user() {
    let fine = heard(Answer::Taken);
    assert!(judge_form(&fine, &book()).is_ok());
    assert!(judge_form(&Heard { is_signed: false, ..fine.clone() }, &book()).is_err());
    assert!(judge_form(&Heard { text: "说明护照".to_owned(), ..fine }, &book()).is_err());
}

#[test]
fn event_comes_again_only_if_it_was_not_taken_or_begun_twice_and_then_it_is_the_same() {
    let again = heard(Answer::Taken);
    for (before, is_doubled, fine) in [
        (Answer::Refused, false, true),
        (Answer::TooLate, false, true),
        (Answer::Taken, false, false),
        (Answer::Taken, true, true),
    ] {
        assert_eq!(judge_repeat(&heard(before), &again, &[], is_doubled).is_ok(), fine, "{before:?}");
    }
    let other = Heard { text: "{}".to_owned(), ..heard(Answer::Refused) };
    assert!(judge_repeat(&other, &again, &[], false).is_err());
}

#[test]
fn event_is_taken_or_tried_eight_times() {
    let (taken, refused) = (heard(Answer::Taken), heard(Answer::Refused));
    assert!(judge_end(&[&refused, &taken]).is_ok());
    assert!(judge_end(&[&refused; 7]).is_err());
    assert!(judge_end(&[&refused; 8]).is_ok());
}

#[test]
fn what_the_timeline_tells_of_was_told_as_often() {
    let mut book = book();
    book.reminders[0].versions[0].pushes =
        vec![Promise { n: 1, fires_at: AT.parse().expect("an instant"), past: false }];
    let delivered = json!({"type": "push.delivered", "timestamp": AT,
        "data": {"openid": "o-alice", "reminder": "r1", "revision": 1, "push": 1, "channel": "mini_subscription"}});
    let event = Event::read(&delivered).expect("an event");
    let entry = json!({"event": "delivered", "push": 1, "detail": "mini_subscription"});
    let judge = |timeline: &[Value], heard: &[&Event]| judge_told(0, &book.reminders[0], timeline, heard);
    assert!(judge(std::slice::from_ref(&entry), &[&event]).is_ok());
    assert!(judge(std::slice::from_ref(&entry), &[]).is_err());
    assert!(judge(&[entry.clone(), entry], &[&event]).is_err());
}
