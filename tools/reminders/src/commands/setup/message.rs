//! Step 7: a test message, to whom the owner names or to whoever logs in while it waits.

use jiff::SignedDuration;
use reminder_core::clock::{Clock, SystemClock};
use serde_json::{Value, json};

use super::progress::Progress;
use super::wait;
use super::words::Say;
use super::work::Work;
use crate::failure::Failure;
use crate::story;

/// A person is asked about whoever came while an earlier run waited.
const LATELY: SignedDuration = SignedDuration::from_hours(1);
/// This machine's clock may be ahead of AWS's by so much.
const AHEAD: SignedDuration = SignedDuration::from_secs(60);

/// Answers what `push.test` did.
pub(super) async fn run(work: &mut Work<'_, '_>) -> Result<Value, Failure> {
    let settings = work.session.ask(json!({ "operation": "settings.get" })).await?;
    let templates = settings["settings"]["templates"].as_object();
    let Some(template) = templates.and_then(|templates| templates.keys().next()).cloned() else {
        return Err(work.failure(Say::NoTemplates, &[]));
    };
    let openid = match work.how.openid.clone().or_else(|| work.answers.openid.clone()) {
        Some(openid) => openid,
        None => who_logs_in(work).await?,
    };
    work.session.confirm(Say::SendTest, &[&openid])?;
    send(work, &openid, &template).await
}

/// The newest of those who came.
async fn who_logs_in(work: &mut Work<'_, '_>) -> Result<String, Failure> {
    let since = SystemClock.now() - if work.asks { LATELY } else { AHEAD };
    work.note(Say::LogIn, &[]);
    let mut progress = Progress::begin(work.session.terminal);
    for _ in 0..wait::looks_in(work.how.wait) {
        let arrivals =
            work.session.ask(json!({ "operation": "arrivals.show", "since": since.to_string() })).await?;
        if let Some(openid) = arrivals["users"][0]["openid"].as_str() {
            return Ok(openid.to_owned());
        }
        if arrivals["complete"] == false {
            return Err(work.wrong(Say::ManyUsers, &[]));
        }
        let text = work.session.language.say(Say::WaitingForLogin, &[]);
        progress.show(text, work.session.terminal);
        wait::a_moment().await;
    }
    drop(progress);
    Err(work.failure(Say::NobodyCame, &[]))
}

/// Until a channel reaches them: to follow, or to accept a prompt, is theirs to do.
async fn send(work: &mut Work<'_, '_>, openid: &str, template: &str) -> Result<Value, Failure> {
    let event = json!({ "operation": "push.test", "openid": openid, "template": template });
    let mut progress = Progress::begin(work.session.terminal);
    for _ in 0..wait::looks_in(work.how.wait) {
        match work.session.ask(event.clone()).await {
            Ok(answer) if answer["outcome"] == "sent" => {
                drop(progress);
                work.note(Say::TestSent, &[&openid, &answer["channel"].as_str().unwrap_or_default()]);
                return Ok(answer);
            }
            Ok(answer) => return Err(Failure::Answer(not_sent(&answer))),
            Err(Failure::Answer(answer)) if answer.get("obstacles").is_some() => {
                let language = work.session.language;
                let obstacles =
                    answer["obstacles"].as_array().into_iter().flatten().filter_map(Value::as_str);
                let obstacles: Vec<String> = obstacles.map(|one| story::named(one, language)).collect();
                progress.show(language.say(Say::NotReached, &[&obstacles.join("; ")]), work.session.terminal);
            }
            // Of this minute is one that was interrupted behind it: the next minute has a message of its own.
            Err(Failure::Answer(answer)) if answer["again"] == true => {
                progress.show(work.session.language.say(Say::SentInThisMinute, &[]), work.session.terminal);
            }
            Err(failure) => return Err(failure),
        }
        wait::a_moment().await;
    }
    drop(progress);
    Err(work.failure(Say::NeverReached, &[&openid]))
}

/// As every refusal is told.
fn not_sent(answer: &Value) -> Value {
    let text = |name: &str| answer[name].as_str().unwrap_or_default();
    json!({ "error": format!("{}: {} {}", text("outcome"), text("detail"), text("errmsg")) })
}
