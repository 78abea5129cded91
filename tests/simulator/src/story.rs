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
use crate::language::{Language, padded};
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
    let (service_account, language) = (options.service_account, options.language);
    let options = Options { pace: Pace::Explicit { now: begins }, base_port: 0, ..options };
    let world = World::start(options, functions::built_in()).await?;
    let mut story = Story { world: &world, language, problems: Vec::new() };
    story.say(
        "A mini program keeps things that expire. 小明 opens it for the first time.",
        "小程序里记着会到期的东西。小明第一次打开它。",
    );
    let mut person = Person::arrives(&world, "小明", true).await;
    story.check(200, "logs in", "登录", &person.logs_in().await);
    let template = template_of(&story, &person).await?;
    let prompts = if service_account { 1 } else { 3 };
    for _ in 0..prompts {
        let accepted = person.accepts(&[&template]).await;
        story.check(200, "accepts one prompt for a reminder", "同意一次授权弹窗", &accepted);
        world.advance(SignedDuration::from_secs(10)).await;
    }
    let reminder = story.registers(&person).await?;
    let at = pushes(&reminder)?;
    story.coverage(&reminder, prompts, if service_account { &["follow", "subscribe"] } else { &[] });

    let (first, first_zh) = match service_account {
        true => ("mini_subscription", "小程序订阅消息"),
        false => ("mini_subscription, the first of three", "小程序订阅消息，三次中的第一次"),
    };
    story.passes_to(at[0]).await;
    story.say(
        &format!("It is time for the first push: {first}."),
        &format!("第一次提醒的时刻到了：{first_zh}。"),
    );
    if service_account {
        story.follows(&person, &reminder).await;
    }
    for (n, at) in at.iter().enumerate().skip(1) {
        story.passes_to(*at).await;
        story.say(&format!("It is time for push {}.", n + 1), &format!("第 {} 次提醒的时刻到了。", n + 1));
    }
    story.passes_to(instant(EXPIRES)?).await;
    story.say("The passport has expired. What reached the phone:", "护照到期了。手机上收到的：");
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
    language: Language,
    problems: Vec<String>,
}

impl Story<'_> {
    fn say(&self, english: &str, chinese: &str) {
        print(&format!("{}  {}", local(self.world.now()), self.language.either(english, chinese)));
    }

    fn wrong(&mut self, problem: String) {
        print(&format!("{}  ✗ {problem}", local(self.world.now())));
        self.problems.push(problem);
    }

    fn check(&mut self, status: u16, english: &str, chinese: &str, answer: &Answer) {
        let what = self.language.either(english, chinese);
        match answer.status == status {
            true => print(&format!("{}    {what} → {status}", local(self.world.now()))),
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
        let chinese = "保存“护照”，提前 30、7、1 天提醒";
        self.check(201, "registers 护照 with pushes 30, 7 and 1 days before", chinese, &answer);
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
        let (asks, asks_zh) = match ask {
            [] => ("nothing is left to ask".to_owned(), "不用再请求什么".to_owned()),
            ask => {
                let chinese: Vec<&str> =
                    ask.iter().map(|one| if *one == "follow" { "关注服务号" } else { "再授权" }).collect();
                (format!("it asks to {}", ask.join(", or to ")), format!("请用户{}", chinese.join("，或")))
            }
        };
        let pushes = &coverage["pushes"];
        self.say(
            &format!("  coverage: {covered} of {pushes} pushes still to come; {asks}"),
            &format!("  覆盖：还有 {pushes} 次提醒，{covered} 次能送达；{asks_zh}"),
        );
    }

    async fn passes_to(&mut self, at: Timestamp) {
        let fired = self.world.advance_to(at + MINUTE).await;
        self.say(
            &format!("  … time passes, {fired} events on the way"),
            &format!("  … 时间过去，途中发生 {fired} 件事"),
        );
    }

    /// The customer-service button, the answer to it, and the follow.
    async fn follows(&mut self, person: &Person, reminder: &Value) {
        let me = person.gets("/me?scene=1007").await.body;
        let session_from = me["guide"]["contact"]["session_from"].clone();
        let methods = &me["guide"]["methods"];
        self.say(
            &format!("The mini program shows how to follow: {methods}"),
            &format!("小程序里告诉他怎样关注：{methods}"),
        );
        person.does("enter-session", json!({ "session_from": session_from })).await;
        let replies = person.inbox().await.iter().filter(|item| item["in"] == "mini_program_session").count();
        match replies {
            0 => self.wrong("the customer-service button was not answered".to_owned()),
            _ => self.say(
                &format!("  taps the customer-service button and is answered with {replies} messages"),
                &format!("  点客服按钮，收到 {replies} 条回复"),
            ),
        }
        person.does("follow", json!({ "via": "search" })).await;
        self.say("  follows the service account", "  关注服务号");
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
        print(self.language.either(
            "  arrived at          where                  what          push  verdict",
            "  到达时间            位置                   类型          推送  结论",
        ));
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
                Some(one) => (one.push.to_string(), ("at the right minute", "分秒不差")),
                None if matches!(kind, "custom" | "reply") => ("–".to_owned(), ("an answer", "回复")),
                None => ("?".to_owned(), ("unexpected", "不该有的")),
            };
            let at = at.map_or_else(|| "?".to_owned(), local);
            let verdict = self.language.either(verdict.0, verdict.1);
            let place = padded(self.language.either(place, in_chinese(place)), 22);
            let kind = padded(self.language.either(kind, in_chinese(kind)), 13);
            print(&format!("  {at:<19} {place} {kind} {push:<5} {verdict}"));
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
            print(self.language.either(
                "Every message arrived where and when it should.",
                "每一条消息都按时到了该到的地方。",
            ));
            return Ok(());
        }
        Err(Failure::Story(format!("the story went wrong: {}", self.problems.join("; "))))
    }
}

/// The template the mini program is told to ask for.
async fn template_of(story: &Story<'_>, person: &Person) -> Result<String, Failure> {
    let me = person.gets("/me").await.body;
    let ask = me["templates"][0]["ask"][0].as_str().map(str::to_owned);
    let templates = &me["templates"];
    story.say(
        &format!("  GET /me says what to ask for: {templates}"),
        &format!("  GET /me 说明该请求哪些授权：{templates}"),
    );
    ask.ok_or_else(|| Failure::Story("GET /me names no template to ask for".to_owned()))
}

/// A place on the phone, or a kind of message.
fn in_chinese(name: &str) -> &str {
    match name {
        "service_notifications" => "服务通知",
        "service_account" => "服务号",
        "mini_program_session" => "小程序客服",
        "subscription" => "订阅消息",
        "notification" => "订阅通知",
        "template" => "模板消息",
        "custom" => "客服消息",
        "reply" => "自动回复",
        other => other,
    }
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
