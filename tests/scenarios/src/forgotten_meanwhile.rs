//! The API stands still at any request of a registration or renewal, and goes on after its user was forgotten: it writes
//! nothing for them any more, and what it wrote before that goes with the rest.

use futures::future::join;
use http::Method;
use jiff::SignedDuration;
use serde_json::json;
use simulator::lambda::FunctionName;
use simulator::options::Options;
use simulator::people::{Answer, Person};

use crate::forgotten::traces;
use crate::operations::ask;
use crate::scene::{AT, Scene, passport, path, registered};
use crate::wire::items;

/// More requests than any call makes; the walk ends by itself when it stands still at none any more.
const REQUESTS_MAX: usize = 20;
const STANDS_STILL_S: u32 = 5;

/// What the allowance says when the call begins.
#[derive(Debug, Clone, Copy)]
enum Saved {
    Nothing,
    Today,
    Yesterday,
}

/// How it ended.
pub(crate) struct Ended {
    pub(crate) answer: Answer,
    /// Whether the call had written when its user was forgotten; none: it stood still nowhere.
    pub(crate) had_written: Option<bool>,
}

pub(crate) async fn forgotten_meanwhile(
    scene: &Scene,
    person: &Person,
    kth: usize,
    call: impl Future<Output = Answer>,
) -> Ended {
    let from = scene.world.journal().last();
    let stands_still = || scene.world.journal().since(from).iter().any(|one| one.outcome.contains("frozen"));
    let is_over = std::cell::Cell::new(false);
    scene.world.freeze_at(FunctionName::ReminderApi, kth, STANDS_STILL_S);
    let answered = async {
        let answer = call.await;
        is_over.set(true);
        answer
    };
    let forgotten = async {
        while !stands_still() {
            if is_over.get() {
                return None;
            }
            tokio::task::yield_now().await;
        }
        let had_written = scene.requests_since(from).iter().any(|one| one.contains("Transact"));
        let forget = json!({"operation": "user.forget", "openid": person.mini_program_openid});
        assert!(ask(scene, forget).await["forgotten_at"].is_string());
        scene.advance(SignedDuration::from_secs(10)).await;
        Some(had_written)
    };
    let (answer, had_written) = join(answered, forgotten).await;
    Ended { answer, had_written }
}

/// The reminders of the only user there is, as last written, and how many schedules there are for them.
fn left(scene: &Scene) -> (Vec<String>, usize) {
    let all = items(scene, &[]).into_iter();
    let reminders = all.filter(|item| item["sk"]["S"].as_str().is_some_and(|sk| sk.starts_with("REMINDER#")));
    let schedules = scene.world.scheduler().schedules();
    let schedules = schedules.iter().filter(|one| !one.name.starts_with("erase-") && one.name != "sweep");
    let written = reminders.map(|item| format!("{} {}", item["sk"]["S"], item["version"]["N"]));
    (written.collect(), schedules.count())
}

async fn walk(saved: Saved, renews: bool) {
    for kth in 1..=REQUESTS_MAX {
        let played = Scene::begin(Options::default()).await;
        let scene = &played;
        let person = scene.follower("小明").await;
        let id = match saved {
            Saved::Nothing => None,
            _ => Some(registered(&person, passport(AT)).await.body["id"].clone()),
        };
        if matches!(saved, Saved::Yesterday) {
            scene.advance_to("2027-01-11T10:00:00+08:00").await;
        }
        let before = left(scene);
        let call = async {
            match id.filter(|_| renews) {
                Some(id) => {
                    person.calls(Method::PUT, &path(&id), passport("2027-01-13T09:00:00+08:00")).await
                }
                None => person.registers(passport("2027-01-13T09:00:00+08:00")).await,
            }
        };
        let Ended { answer, had_written } = forgotten_meanwhile(scene, &person, kth, call).await;
        let Some(had_written) = had_written else {
            assert!(kth > 4, "{saved:?}: it made hardly any request");
            return;
        };
        if !had_written {
            let refused = (answer.status, answer.body["code"].as_str());
            assert_eq!(refused, (401, Some("unauthorized")), "{saved:?}, request {kth}: {answer}");
            let (reminders, schedules) = left(scene);
            assert_eq!(reminders, before.0, "{saved:?}, request {kth}");
            assert_eq!(schedules, before.1, "{saved:?}, request {kth}: what was scheduled is gone, too");
        }
        scene.advance(SignedDuration::from_mins(5)).await;
        assert_eq!(left(scene).0, Vec::<String>::new(), "{saved:?}, request {kth}");
        scene.advance(SignedDuration::from_hours(25)).await;
        assert_eq!(traces(scene, &person, &["护照"]), Vec::<String>::new(), "{saved:?}, request {kth}");
    }
    panic!("{saved:?}: more than {REQUESTS_MAX} requests");
}

#[tokio::test(flavor = "multi_thread")]
async fn registration_that_took_its_time_writes_nothing_for_whoever_was_forgotten() {
    for saved in [Saved::Nothing, Saved::Today, Saved::Yesterday] {
        walk(saved, false).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn renewal_that_took_its_time_writes_nothing_for_whoever_was_forgotten() {
    for saved in [Saved::Today, Saved::Yesterday] {
        walk(saved, true).await;
    }
}
