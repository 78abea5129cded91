//! WeChat is disturbed for minutes, hours or a day while pushes are due: everybody is told once all the same, and we never
//! count a credit that WeChat does not. Where receipts are lost as well, what nobody can know may show, and no more.
//!
//! One world per place that is disturbed. In it one disturbance after another, each with people of its own, whose pushes
//! are due in the midst of it.

use std::fmt;

use futures::StreamExt;
use jiff::{SignedDuration, Timestamp};
use scenarios::mishap::{ANSWER_LOST, CALLBACK_LOST, Call, Endpoint, Event, REQUEST_LOST, refusal};
use serde_json::{Value, json};
use simulator::faults::Fault;
use simulator::options::Options;
use simulator::people::Person;
use simulator::wechat::AccountName;
use wechat::ErrCode;

use crate::scene::{BEGINS, SUBSCRIPTION, Scene, instant, path};
use crate::verbs::Verbs;

/// The people of one disturbance; and where receipts are lost, which is the same for everybody, fewer.
const PEOPLE: usize = 12;
const PEOPLE_WITHOUT_RECEIPTS: usize = 4;
const AT_ONCE: usize = 16;
const DURATIONS: [SignedDuration; 4] = [
    SignedDuration::from_mins(12),
    SignedDuration::from_mins(40),
    SignedDuration::from_mins(180),
    SignedDuration::from_hours(24),
];
const FAULTS: [Fault; 4] =
    [refusal(ErrCode::SYSTEM_ERROR), Fault::HttpStatus(502), REQUEST_LOST, ANSWER_LOST];
/// A disturbance begins in the morning. In the evening after its end, which is before the quiet hours, its people are
/// asked.
const TO_EVENING: SignedDuration = SignedDuration::from_hours(12);
const TO_MORNING: SignedDuration = SignedDuration::from_hours(12);
/// Where receipts work, other callbacks of the disturbed account come so often, beside some of the disturbances: they are
/// what tells a message that was lost from a receipt that was.
const OTHERS_EVERY: SignedDuration = SignedDuration::from_mins(3);
const EXPIRES: &str = "2027-05-01T00:00:00+08:00";

/// What is disturbed, and who is told there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Followers; some have accepted a prompt of the mini program, too, which must not be used beside it.
    ServiceTemplate,
    /// People who do not follow, with one to three accepts.
    MiniSubscription,
    /// Both sorts of people, and no access token in anybody's hands.
    Token,
}

impl Place {
    fn call(self) -> Call {
        match self {
            Self::ServiceTemplate => Call::TemplateSend,
            Self::MiniSubscription => Call::SubscribeSend,
            Self::Token => Call::StableToken,
        }
    }

    fn follows(self, nth: usize) -> bool {
        match self {
            Self::ServiceTemplate => true,
            Self::MiniSubscription => false,
            Self::Token => nth.is_multiple_of(2),
        }
    }

    fn prompts(self, nth: usize) -> usize {
        match self {
            Self::ServiceTemplate => nth % 3,
            Self::MiniSubscription | Self::Token => 1 + nth % 3,
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Situation {
    place: Place,
    fault: Fault,
    from: Timestamp,
    until: Timestamp,
    receipts_lost: bool,
}

impl fmt::Display for Situation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minutes = self.until.duration_since(self.from).as_mins();
        let receipts = if self.receipts_lost { ", receipts lost" } else { "" };
        write!(f, "{:?}, {minutes} minutes of {:?}{receipts}", self.place, self.fault)
    }
}

/// What may be known of a message, at best, when it met the disturbance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Knowable {
    /// Sooner or later it is known whether it was sent.
    Everything,
    /// It was not sent, and nothing tells that from having been sent.
    NotThatItWasLost,
    /// It was sent, and nothing tells that from having been lost.
    NotThatItArrived,
}

impl Situation {
    fn knowable(&self) -> Knowable {
        match self.fault {
            _ if !self.receipts_lost || self.place == Place::Token => Knowable::Everything,
            REQUEST_LOST => Knowable::NotThatItWasLost,
            ANSWER_LOST => Knowable::NotThatItArrived,
            _ => Knowable::Everything,
        }
    }

    /// Whether other callbacks come all the while.
    fn has_passers_by(&self) -> bool {
        let bears_on_a_message = self.place != Place::Token;
        bears_on_a_message && !self.receipts_lost && matches!(self.fault, REQUEST_LOST | Fault::Errcode(_))
    }

    /// In the midst of the disturbance, the first at its beginning.
    fn due(&self, nth: usize) -> Timestamp {
        let number = |count: usize| i32::try_from(count).expect("a few people");
        let apart = self.until.duration_since(self.from) / number(self.people());
        self.from + apart * number(nth) + SignedDuration::from_secs(1)
    }

    fn people(&self) -> usize {
        if self.receipts_lost { PEOPLE_WITHOUT_RECEIPTS } else { PEOPLE }
    }

    /// The pauses of a whole day's disturbance have grown to a day.
    fn asked_at(&self) -> Timestamp {
        let days = self.until.duration_since(self.from).as_hours() / 24;
        self.from + TO_EVENING + SignedDuration::from_hours(3 * 24 * days)
    }

    fn begin(&self, scene: &Scene) {
        let faults = scene.world.faults();
        faults.disturb(Endpoint::from(self.place.call()).disturbed(self.fault, self.from, self.until));
        if self.receipts_lost {
            for event in [Event::TemplateSendJobFinish, Event::SubscribeMsgSent] {
                faults.disturb(Endpoint::from(event).disturbed(CALLBACK_LOST, self.from, self.asked_at()));
            }
        }
    }
}

/// The disturbance passes, and somebody else may have to do with the account all the while.
async fn passes(scene: &Scene, situation: &Situation, passer_by: &Person) {
    while situation.has_passers_by() && scene.world.now() < situation.until {
        let answer = match situation.place {
            Place::MiniSubscription => passer_by.enters_session("item:42").await,
            Place::ServiceTemplate | Place::Token => passer_by.does("click", json!({"key": "help"})).await,
        };
        assert_eq!(answer.status, 200, "{answer}");
        scene.advance(OTHERS_EVERY).await;
    }
    scene.world.advance_to(situation.asked_at()).await;
}

/// One of the people of a disturbance, with a reminder.
struct Told {
    person: Person,
    reminder: Value,
}

async fn arrive(scene: &Scene, situation: Situation, group: usize) -> Vec<Person> {
    let place = situation.place;
    let people = futures::stream::iter(0..situation.people())
        .map(|nth| async move {
            let mut person = Person::arrives(&scene.world, &format!("u{group}-{nth}"), true).await;
            assert_eq!(person.logs_in().await.status, 200);
            if place.follows(nth) {
                assert_eq!(person.does("follow", json!({"via": "search"})).await.status, 200);
            }
            person
        })
        .buffered(AT_ONCE);
    let people: Vec<Person> = people.collect().await;
    for round in 0..3 {
        for (_, person) in people.iter().enumerate().filter(|(nth, _)| place.prompts(*nth) > round) {
            let accepted = person.does("subscribe", json!({"template_ids": SUBSCRIPTION})).await;
            assert_eq!(accepted.status, 200, "{accepted}");
        }
        // WeChat's events tell times in seconds.
        scene.advance(SignedDuration::from_secs(10)).await;
    }
    people
}

async fn register(situation: Situation, people: Vec<Person>) -> Vec<Told> {
    let registered = futures::stream::iter(people.into_iter().enumerate())
        .map(|(nth, person)| async move {
            let reminder = json!({
                "template": "expiry", "title": "护照", "note": "",
                "expires_at": EXPIRES, "pushes": [{"at": situation.due(nth).to_string()}],
            });
            let answer = person.registers(reminder).await;
            assert_eq!(answer.status, 201, "{answer}");
            Told { person, reminder: answer.body["id"].clone() }
        })
        .buffered(AT_ONCE);
    registered.collect().await
}

/// What is wrong about one person, after the disturbance.
async fn wrong(scene: &Scene, situation: &Situation, told: &Told) -> Vec<String> {
    let person = &told.person;
    let inbox = person.inbox().await;
    let of_pushes = |item: &&Value| matches!(item["kind"].as_str(), Some("template" | "subscription"));
    let times = inbox.iter().filter(of_pushes).count();
    let shown = person.gets(&path(&told.reminder)).await.body;
    let push = ["state", "channel", "reason"].map(|key| shown["pushes"][0][key].as_str().unwrap_or("-"));
    let state = push[0];
    let users = scene.world.platform().users();
    let truth = users.iter().find(|user| user.name == person.name).expect("they are there");
    let truth = u64::from(truth.credits.get(SUBSCRIPTION).copied().unwrap_or_default());
    let belief = person.gets("/me").await.body["credits"][SUBSCRIPTION].as_u64().unwrap_or_default();
    let times_may = match situation.knowable() {
        Knowable::Everything => times == 1,
        Knowable::NotThatItWasLost => times == 1 || times == 0 && state == "unknown",
        // Whoever repeats a lost answer, at most twice, may tell three times.
        Knowable::NotThatItArrived => (1..=3).contains(&times),
    };
    // The credit of an attempt that may have taken it is uncertain, and not in this number.
    let has_uncertain = situation.place == Place::MiniSubscription && !situation.has_passers_by();
    let belief_may = belief == truth || (has_uncertain && belief < truth);
    let state_may = match situation.knowable() {
        Knowable::Everything => state == if situation.receipts_lost { "sent" } else { "delivered" },
        _ => matches!(state, "sent" | "unknown"),
    };
    let mut wrong = Vec::new();
    let mut unless = |fine: bool, what: String| {
        if !fine {
            wrong.push(format!("{} {what} ({})", person.name, push.join(" ")));
        }
    };
    unless(times_may, format!("was told {times} times"));
    unless(state_may || !times_may, format!("was told {times} times, and the state says otherwise"));
    unless(belief_may, format!("has {truth} messages left, and we count {belief}"));
    wrong
}

/// Plays all disturbances of a place one after another; answers what went wrong, by situation.
async fn disturbances_of(place: Place, receipts_lost: bool) -> Vec<String> {
    let scene = Scene::begin(Options::default()).await;
    let situations: Vec<(Fault, SignedDuration)> =
        FAULTS.iter().flat_map(|fault| DURATIONS.map(|duration| (*fault, duration))).collect();
    let passer_by = scene.follower("路人").await;
    let mut from = instant(BEGINS);
    let mut report = Vec::new();
    for (group, (fault, duration)) in situations.into_iter().enumerate() {
        from += TO_EVENING + TO_MORNING;
        let situation = Situation { place, fault, from, until: from + duration, receipts_lost };
        let theirs = register(situation, arrive(&scene, situation, group).await).await;
        scene.world.advance_to(from - SignedDuration::from_secs(5)).await;
        if place == Place::Token {
            for account in AccountName::ALL {
                scene.world.platform().revoke_tokens(account);
            }
        }
        situation.begin(&scene);
        passes(&scene, &situation, &passer_by).await;
        let mut lines = Vec::new();
        for told in &theirs {
            lines.extend(wrong(&scene, &situation, told).await);
        }
        if !lines.is_empty() {
            report.push(format!("{situation}: {}\n    {}", lines.len(), lines.join("\n    ")));
        }
        from = situation.asked_at() - TO_EVENING;
    }
    assert!(scene.world.dead_letters().is_empty(), "{:?}", scene.world.dead_letters());
    report
}

macro_rules! scenes {
    ($($name:ident: $place:expr, $receipts_lost:expr;)*) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            let report = disturbances_of($place, $receipts_lost).await;
            assert!(report.is_empty(), "{} situations:\n{}", report.len(), report.join("\n"));
        }
    )*};
}

scenes! {
    template_messages_outlast_every_disturbance: Place::ServiceTemplate, false;
    subscription_messages_outlast_every_disturbance: Place::MiniSubscription, false;
    everybody_is_told_once_tokens_can_be_had_again: Place::Token, false;
    template_messages_without_receipts_leave_only_what_nobody_can_know: Place::ServiceTemplate, true;
    subscription_messages_without_receipts_leave_only_what_nobody_can_know: Place::MiniSubscription, true;
    missing_tokens_leave_nothing_unknown_though_receipts_are_lost: Place::Token, true;
}
