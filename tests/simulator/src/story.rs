//! The whole story of the product in simulated time, told on standard output: an expiring passport becomes three
//! messages on a phone, through the very code that runs on AWS. It fails if one is missing, early, late, double, or in
//! the wrong place.

pub mod repeat;

use std::io::Write as _;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::functions;
use crate::options::Options;
use crate::people::{Answer, Person};
use crate::timeline::Pace;
use crate::world::World;

/// Scheduler fires within the minute it was asked for.
const MINUTE: SignedDuration = SignedDuration::from_secs(60);
const BEGINS: &str = "2027-01-10T10:00:00+08:00";
const EXPIRES: &str = "2027-03-01T00:00:00+08:00";

/// One message that has to arrive.
struct Expected {
    push: usize,
    at: Timestamp,
    place: &'static str,
    kind: &'static str,
}

/// Starts a world of its own (the pace of `options` is not heeded), plays, narrates; an error is a message
/// that did not arrive where it should.
pub async fn tell(options: Options) -> Result<(), Failure> {
    let begins = instant(BEGINS)?;
    let service_account = options.service_account;
    let options = Options { pace: Pace::Explicit { now: begins }, base_port: 0, ..options };
    let world = World::start(options, functions::built_in()).await?;
    let mut story = Story { world: &world, problems: Vec::new() };
    story.say("A mini program keeps things that expire. 小明 opens it for the first time.");
    let mut person = Person::arrives(&world, "小明", true).await;
    story.check(200, "logs in", &person.logs_in().await);
    let template = template_of(&story, &person).await?;
    let prompts = if service_account { 1 } else { 3 };
    for _ in 0..prompts {
        story.check(200, "accepts one prompt for a reminder", &person.accepts(&[&template]).await);
        world.advance(SignedDuration::from_secs(10)).await;
    }
    let reminder = story.registers(&person).await?;
    let at = pushes(&reminder)?;
    story.coverage(&reminder, prompts, if service_account { &["follow", "subscribe"] } else { &[] });

    let first = if service_account { "mini_subscription" } else { "mini_subscription, the first of three" };
    story.passes_to(at[0]).await;
    story.say(&format!("It is time for the first push: {first}."));
    if service_account {
        story.follows(&person, &reminder).await;
    }
    for (n, at) in at.iter().enumerate().skip(1) {
        story.passes_to(*at).await;
        story.say(&format!("It is time for push {}.", n + 1));
    }
    story.passes_to(instant(EXPIRES)?).await;
    story.say("The passport has expired. What reached the phone:");
    let expected: Vec<Expected> = at
        .iter()
        .enumerate()
        .map(|(index, at)| {
            let followed = service_account && index > 0;
            Expected {
                push: index + 1,
                at: *at,
                place: if followed { "service_account" } else { "service_notifications" },
                kind: if followed { "template" } else { "subscription" },
            }
        })
        .collect();
    story.judge(&person, &reminder, &expected).await;
    story.end()
}

struct Story<'w> {
    world: &'w World,
    problems: Vec<String>,
}

impl Story<'_> {
    fn say(&self, text: &str) {
        print(&format!("{}  {text}", local(self.world.now())));
    }

    fn wrong(&mut self, problem: String) {
        print(&format!("{}  ✗ {problem}", local(self.world.now())));
        self.problems.push(problem);
    }

    fn check(&mut self, status: u16, what: &str, answer: &Answer) {
        match answer.status == status {
            true => self.say(&format!("  {what} → {status}")),
            false => self.wrong(format!("{what}: expected {status}, was {answer}")),
        }
    }

    async fn registers(&mut self, person: &Person) -> Result<Value, Failure> {
        let answer = person
            .registers(json!({
                "template": "expiry", "title": "护照", "note": "到出入境大厅换发",
                "expires_at": EXPIRES, "timezone": "Asia/Shanghai",
                "pushes": [
                    {"days_before": 30, "time": "09:00"},
                    {"days_before": 7, "time": "09:00"},
                    {"days_before": 1, "time": "09:00"},
                ],
                "page": "pages/item/item?id=42",
            }))
            .await;
        self.check(201, "registers 护照 with pushes 30, 7 and 1 days before", &answer);
        match answer.status {
            201 => Ok(answer.body),
            _ => Err(Failure::Story("the reminder could not be registered".to_owned())),
        }
    }

    fn coverage(&mut self, reminder: &Value, covered: usize, ask: &[&str]) {
        let coverage = &reminder["coverage"];
        let wanted = json!({ "covered": covered, "ask": ask });
        let found = json!({ "covered": coverage["covered"], "ask": coverage["ask"] });
        if wanted != found {
            return self.wrong(format!("coverage should say {wanted}, says {found}"));
        }
        let ask = match ask {
            [] => "nothing is left to ask".to_owned(),
            ask => format!("it asks to {}", ask.join(", or to ")),
        };
        self.say(&format!("  coverage: {covered} of {} pushes still to come; {ask}", coverage["pushes"]));
    }

    async fn passes_to(&mut self, at: Timestamp) {
        let fired = self.world.advance_to(at + MINUTE).await;
        self.say(&format!("  … time passes, {fired} events on the way"));
    }

    /// The customer-service button, the answer to it, and the follow.
    async fn follows(&mut self, person: &Person, reminder: &Value) {
        let me = person.gets("/me?scene=1007").await.body;
        let session_from = me["guide"]["contact"]["session_from"].clone();
        self.say(&format!("The mini program shows how to follow: {}", me["guide"]["methods"]));
        person.does("enter-session", json!({ "session_from": session_from })).await;
        let replies = person.inbox().await.iter().filter(|item| item["in"] == "mini_program_session").count();
        match replies {
            0 => self.wrong("the customer-service button was not answered".to_owned()),
            _ => self
                .say(&format!("  taps the customer-service button and is answered with {replies} messages")),
        }
        person.does("follow", json!({ "via": "search" })).await;
        self.say("  follows the service account");
        let id = reminder["id"].as_str().unwrap_or_default();
        let shown = person.gets(&format!("/reminders/{id}")).await;
        self.coverage(&shown.body, 2, &[]);
        let followed = person.gets("/me").await.body["followed"].clone();
        if followed != true {
            self.wrong(format!("the mini program should show that they follow, shows {followed}"));
        }
    }

    async fn judge(&mut self, person: &Person, reminder: &Value, expected: &[Expected]) {
        self.judge_inbox(person, expected).await;
        let id = reminder["id"].as_str().unwrap_or_default();
        let shown = person.gets(&format!("/reminders/{id}")).await.body;
        for push in shown["pushes"].as_array().into_iter().flatten() {
            if push["state"] != "delivered" {
                self.wrong(format!("push {} should be delivered, is {}", push["n"], push["state"]));
            }
        }
    }

    async fn judge_inbox(&mut self, person: &Person, expected: &[Expected]) {
        let inbox = person.inbox().await;
        let pushes: Vec<&Value> = inbox
            .iter()
            .filter(|item| {
                matches!(item["kind"].as_str(), Some("template" | "subscription" | "notification"))
            })
            .collect();
        print("");
        print("  arrived at          where                  what          push  verdict");
        for item in &inbox {
            let at = item["at"].as_str().and_then(|text| text.parse::<Timestamp>().ok());
            let place = item["in"].as_str().unwrap_or("?");
            let kind = item["kind"].as_str().unwrap_or("?");
            let found = expected.iter().find(|one| {
                at.is_some_and(|at| (one.at..one.at + MINUTE).contains(&at))
                    && one.place == place
                    && one.kind == kind
            });
            let (push, verdict) = match found {
                Some(one) => (one.push.to_string(), "at the right minute"),
                None if matches!(kind, "custom" | "reply") => ("–".to_owned(), "an answer"),
                None => ("?".to_owned(), "unexpected"),
            };
            let at = at.map_or_else(|| "?".to_owned(), local);
            print(&format!("  {at:<19} {place:<22} {kind:<13} {push:<5} {verdict}"));
        }
        print("");
        for one in expected {
            let count = pushes
                .iter()
                .filter(|item| {
                    let at = item["at"].as_str().and_then(|text| text.parse::<Timestamp>().ok());
                    at.is_some_and(|at| (one.at..one.at + MINUTE).contains(&at))
                        && item["in"] == one.place
                        && item["kind"] == one.kind
                })
                .count();
            if count != 1 {
                self.wrong(format!(
                    "push {} should have arrived once at {}, came {count} times",
                    one.push,
                    local(one.at)
                ));
            }
        }
        if pushes.len() != expected.len() {
            self.wrong(format!("{} messages were expected, {} came", expected.len(), pushes.len()));
        }
    }

    fn end(self) -> Result<(), Failure> {
        if self.problems.is_empty() {
            print("Every message arrived where and when it should.");
            return Ok(());
        }
        Err(Failure::Story(format!("the story went wrong: {}", self.problems.join("; "))))
    }
}

/// The template the mini program is told to ask for.
async fn template_of(story: &Story<'_>, person: &Person) -> Result<String, Failure> {
    let me = person.gets("/me").await.body;
    let ask = me["templates"][0]["ask"][0].as_str().map(str::to_owned);
    story.say(&format!("  GET /me says what to ask for: {}", me["templates"]));
    ask.ok_or_else(|| Failure::Story("GET /me names no template to ask for".to_owned()))
}

fn pushes(reminder: &Value) -> Result<Vec<Timestamp>, Failure> {
    let pushes = reminder["pushes"].as_array().into_iter().flatten();
    pushes.map(|push| instant(push["fires_at"].as_str().unwrap_or_default())).collect()
}

fn instant(text: &str) -> Result<Timestamp, Failure> {
    text.parse().map_err(|_| Failure::Story(format!("not an instant: {text}")))
}

/// China's time, to the second.
fn local(at: Timestamp) -> String {
    let zone = TimeZone::fixed(jiff::tz::offset(8));
    DateTime::from(at.to_zoned(zone)).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn print(line: &str) {
    // A closed standard output is no reason to stop.
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}
