//! A scene: a world of its own, which must be tidy when the scene is over.

use jiff::{SignedDuration, Timestamp};
use scenarios::mishap::Endpoint;
use serde_json::{Value, json};
use simulator::faults::Fault;
use simulator::functions;
use simulator::journal::Entry;
use simulator::options::Options;
use simulator::people::{Answer, Person};
use simulator::timeline::Pace;
use simulator::wechat::{Account, AccountName};
use simulator::world::World;

use crate::verbs::Verbs;

/// Every scene begins here: a Sunday morning in Shanghai.
pub(crate) const BEGINS: &str = "2027-01-10T10:00:00+08:00";

/// When the passport of most scenes is told of: two days later, a Tuesday, in the morning.
pub(crate) const AT: &str = "2027-01-12T09:00:00+08:00";

/// The templates of `events/settings.json`.
pub(crate) const SUBSCRIPTION: &str = "M7tYc2RkPq9WzLx4NvBh6DsFg1JuTa8EoIe3KwXn5Zy";
pub(crate) const SERVICE_TEMPLATE: &str = "kQ3vZ8nXw1LrT6yPb9sHdF2mCjU5aG7eRo4iVqNtW0x";
pub(crate) const NOTIFICATION: &str = "pL5gXd0Sv_7HbKm2QwRt-8ZcNfYj3UaEi6oTnGx1VrB";

pub(crate) struct Scene {
    pub(crate) world: World,
}

/// Plays a scene in a world with both accounts. What was planned to go wrong must have gone wrong, and nothing may
/// lie in the dead-letter queue.
pub(crate) async fn play(scene: impl AsyncFnOnce(&Scene)) {
    play_with(Options::default(), scene).await;
}

/// The same in the world of an owner who has only a mini program.
pub(crate) async fn play_without_service_account(scene: impl AsyncFnOnce(&Scene)) {
    play_with(Options { service_account: false, ..Options::default() }, scene).await;
}

pub(crate) async fn play_with(options: Options, scene: impl AsyncFnOnce(&Scene)) {
    let played = Scene::begin(options).await;
    scene(&played).await;
    assert_eq!(played.world.not_met(), (0, vec![]), "a fault was planned and never met");
    assert!(played.world.dead_letters().is_empty(), "{:?}", played.world.dead_letters());
}

impl Scene {
    pub(crate) async fn begin(options: Options) -> Self {
        let now = instant(BEGINS);
        let options = Options { pace: Pace::Explicit { now }, ..options };
        let world = World::start(options, functions::built_in()).await.expect("the world starts");
        Self { world }
    }

    /// Somebody new, logged in.
    pub(crate) async fn user(&self, name: &str) -> Person {
        let mut person = Person::arrives(&self.world, name, true).await;
        assert_eq!(person.logs_in().await.status, 200);
        person
    }

    /// Somebody new without unionid, logged in.
    pub(crate) async fn nameless(&self, name: &str) -> Person {
        let mut person = Person::arrives(&self.world, name, false).await;
        assert_eq!(person.logs_in().await.status, 200);
        person
    }

    /// Somebody new who follows the service account.
    pub(crate) async fn follower(&self, name: &str) -> Person {
        let person = self.user(name).await;
        assert_eq!(person.follows().await.status, 200);
        person
    }

    /// Somebody new who does not follow, and has accepted so many prompts.
    pub(crate) async fn subscriber(&self, name: &str, prompts: usize) -> Person {
        let person = self.user(name).await;
        self.accepts(&person, prompts).await;
        person
    }

    /// A follower whose passport is to be told of at [`AT`], and what the registration was answered.
    pub(crate) async fn follower_with_passport(&self) -> (Person, Answer) {
        let person = self.follower("小明").await;
        let reminder = registered(&person, passport(AT)).await;
        (person, reminder)
    }

    /// The same of somebody who does not follow, and has accepted so many prompts.
    pub(crate) async fn subscriber_with_passport(&self, prompts: usize) -> (Person, Answer) {
        let person = self.subscriber("小红", prompts).await;
        let reminder = registered(&person, passport(AT)).await;
        (person, reminder)
    }

    /// Accepts so many prompts for a subscription message, ten seconds apart: WeChat's events tell times in seconds,
    /// and nobody taps faster.
    pub(crate) async fn accepts(&self, person: &Person, prompts: usize) {
        for _ in 0..prompts {
            assert_eq!(person.accepts(&[SUBSCRIPTION]).await.status, 200);
            self.advance(SignedDuration::from_secs(10)).await;
        }
    }

    pub(crate) async fn advance(&self, span: SignedDuration) {
        self.world.advance(span).await;
    }

    pub(crate) async fn advance_to(&self, at: &str) {
        self.world.advance_to(instant(at)).await;
    }

    pub(crate) fn plan(&self, at: impl Into<Endpoint>, fault: Fault) {
        self.plan_times(at, fault, 1);
    }

    pub(crate) fn plan_times(&self, at: impl Into<Endpoint>, fault: Fault, times: u32) {
        self.world.faults().plan(at.into().meets(fault, times));
    }

    /// Changes an account in WeChat's console.
    pub(crate) fn change_account(&self, name: AccountName, change: impl FnOnce(&mut Account)) {
        assert!(self.world.platform().change_account(name, change), "this world has no {name:?}");
    }

    /// Every request since the journal's entry `n`, as `service:operation`.
    pub(crate) fn requests_since(&self, n: u64) -> Vec<String> {
        let entries = self.world.journal().since(n);
        let service = |entry: &Entry| format!("{:?}", entry.service).to_lowercase();
        entries.iter().map(|entry| format!("{}:{}", service(entry), entry.operation)).collect()
    }
}

/// Registers what must be accepted.
pub(crate) async fn registered(person: &Person, reminder: Value) -> Answer {
    let answer = person.registers(reminder).await;
    assert_eq!(answer.status, 201, "{answer}");
    answer
}

/// Where the API has the reminder of this id.
pub(crate) fn path(id: &Value) -> String {
    format!("/reminders/{}", id.as_str().expect("an id"))
}

pub(crate) fn instant(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

/// 护照, with one push at `at` and a few hours to go after it.
pub(crate) fn passport(at: &str) -> Value {
    json!({
        "template": "expiry", "title": "护照", "note": "到出入境大厅换发",
        "expires_at": "2027-03-01T00:00:00+08:00",
        "pushes": [{"at": at}],
    })
}

pub(crate) async fn followed(person: &Person) -> bool {
    person.gets("/me").await.body["followed"].as_bool().expect("a flag")
}

pub(crate) fn service_openid(person: &Person) -> String {
    person.service_account_openid.clone().expect("this world has a service account")
}

/// What stands in the mini program's customer session, oldest first.
pub(crate) async fn session(person: &Person) -> Vec<Value> {
    let inbox = person.inbox().await;
    let there = inbox.into_iter().filter(|item| item["in"] == "mini_program_session");
    there.map(|item| item["body"].clone()).collect()
}

/// The messages that tell of something, with when, where and how, one line each.
pub(crate) async fn told(person: &Person) -> Vec<String> {
    let inbox = person.inbox().await;
    let pushes = inbox
        .iter()
        .filter(|item| matches!(item["kind"].as_str(), Some("template" | "subscription" | "notification")));
    pushes
        .map(|item| {
            let at: Timestamp = item["at"].as_str().and_then(|at| at.parse().ok()).expect("an instant");
            let at = at.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(8)));
            let [place, kind] = ["in", "kind"].map(|key| item[key].as_str().unwrap_or("?"));
            format!("{} {kind} in {place}", at.strftime("%m-%d %H:%M"))
        })
        .collect()
}

/// The pushes of a reminder as `state channel reason`.
pub(crate) async fn states(person: &Person, id: &Value) -> Vec<String> {
    let shown = person.gets(&path(id)).await;
    assert_eq!(shown.status, 200, "{shown}");
    let pushes = shown.body["pushes"].as_array().expect("pushes");
    pushes
        .iter()
        .map(|push| {
            let words = ["state", "channel", "reason"].map(|key| push[key].as_str().unwrap_or_default());
            words.join(" ").trim().to_owned()
        })
        .collect()
}

pub(crate) async fn timeline(person: &Person, id: &Value) -> Vec<String> {
    let shown = person.gets(&path(id)).await;
    let entries = shown.body["timeline"].as_array().expect("a timeline");
    entries.iter().map(|entry| entry["event"].as_str().unwrap_or_default().to_owned()).collect()
}
