//! The second story: a car's insurance that ends on a leap day and is renewed every year, through three years, with a
//! "tell me tomorrow" and a "done".

use http::Method;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{Expected, Story, instant};
use crate::failure::Failure;
use crate::functions;
use crate::options::Options;
use crate::people::Person;
use crate::timeline::Pace;
use crate::world::World;

const BEGINS: &str = "2027-03-01T10:00:00+08:00";
/// Three years of sweeps that find nothing would take minutes: here there is one a day.
const SWEEP: (&str, &str) = ("rate(30 minutes)", "rate(1 day)");
/// Looked at so long after its moment, a message has come.
const A_WHILE: SignedDuration = SignedDuration::from_hours(1);

/// As [`super::tell`].
pub async fn tell(options: Options) -> Result<(), Failure> {
    let language = options.language;
    let template = options.template.replace(SWEEP.0, SWEEP.1);
    let pace = Pace::Explicit { now: instant(BEGINS)? };
    let options = Options { pace, base_port: 0, service_account: true, template, ..options };
    let world = World::start(options, functions::built_in()).await?;
    let mut story = Story { world: &world, language, problems: Vec::new() };
    story.say(
        "小红 insures her car year by year, always to the end of February.",
        "小红每年给车续保，总是保到二月底。",
    );
    let mut person = Person::arrives(&world, "小红", true).await;
    story.check(200, "logs in", "登录", &person.logs_in().await);
    person.does("follow", json!({ "via": "search" })).await;
    let id = story.insures(&person).await?;
    let snoozed = story.first_year(&mut person, &id).await?;
    story.later_years(&mut person, &id).await?;
    story.say("Three years are over. What reached the phone:", "三年过去了。手机上收到的：");
    let told = [
        (1, instant("2028-01-30T09:00:00+08:00")?),
        (3, snoozed),
        (1, instant("2029-01-29T09:00:00+08:00")?),
        (2, instant("2029-02-21T09:00:00+08:00")?),
        (1, instant("2030-01-29T09:00:00+08:00")?),
        (2, instant("2030-02-21T09:00:00+08:00")?),
    ];
    let expected = told.map(|(push, at)| Expected { push, at, place: "service_account", kind: "template" });
    story.judge_inbox(&person, &expected).await;
    story.end()
}

impl Story<'_> {
    async fn insures(&mut self, person: &Person) -> Result<String, Failure> {
        let answer = person
            .registers(json!({
                "template": "expiry", "title": "车险", "expires_on": "2028-02-29", "repeat": {"every": "P1Y"},
                "pushes": [{"days_before": 30, "time": "09:00"}, {"days_before": 7, "time": "09:00"}],
            }))
            .await;
        let chinese = "保存“车险”，每年一次，提前 30、7 天提醒";
        self.check(201, "registers 车险, every year, with pushes 30 and 7 days before", chinese, &answer);
        let id = answer.body["id"].as_str().map(str::to_owned);
        id.ok_or_else(|| Failure::Story("the reminder could not be registered".to_owned()))
    }

    /// It is snoozed at the first push, and done before the second. Answers when it came again.
    async fn first_year(&mut self, person: &mut Person, id: &str) -> Result<Timestamp, Failure> {
        self.passes_to(instant("2028-01-30T10:00:00+08:00")?).await;
        self.check(200, "logs in again", "再次登录", &person.logs_in().await);
        let asked = self.world.now();
        let snooze = person.calls(Method::POST, &path(id, "/snooze"), json!({ "for": "P1D" })).await;
        self.check(200, "taps 明天再提醒我", "点“明天再提醒我”", &snooze);
        self.passes_to(instant("2028-02-10T20:00:00+08:00")?).await;
        self.check(
            200,
            "has renewed it, and taps 办好了",
            "续好了保，点“办好了”",
            &person.calls(Method::POST, &path(id, "/done"), Value::Null).await,
        );
        self.expects(person, id, 2, "2029-02-28").await;
        Ok(asked + SignedDuration::from_hours(24))
    }

    /// It expires twice by itself.
    async fn later_years(&mut self, person: &mut Person, id: &str) -> Result<(), Failure> {
        for (day, round, until) in [("2029-03-01", 3, "2030-02-28"), ("2030-03-01", 4, "2031-02-28")] {
            self.passes_to(instant(&format!("{day}T00:00:00+08:00"))? + A_WHILE).await;
            self.check(200, "logs in again", "再次登录", &person.logs_in().await);
            self.expects(person, id, round, until).await;
        }
        Ok(())
    }

    async fn expects(&mut self, person: &Person, id: &str, round: u32, until: &str) {
        let shown = person.gets(&path(id, "")).await.body;
        let found = (&shown["state"], &shown["repeat"]["round"], &shown["expires_on"]);
        if found != (&json!("active"), &json!(round), &json!(until)) {
            return self.wrong(format!("round {round} should be under way until {until}; found {found:?}"));
        }
        self.say(
            &format!("  round {round} has begun by itself, until {until}"),
            &format!("  第 {round} 轮自动开始，到 {until}"),
        );
    }
}

fn path(id: &str, verb: &str) -> String {
    format!("/reminders/{id}{verb}")
}
