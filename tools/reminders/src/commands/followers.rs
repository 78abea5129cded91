//! `followers sync`: call after call, until the list is at its end.

use serde_json::json;

use crate::arguments::Followers;
use crate::failure::Failure;
use crate::session::Session;
use crate::words::Word;

pub(super) async fn run(what: Followers, session: &mut Session<'_, '_>) -> Result<(), Failure> {
    let Followers::Sync { from } = what;
    let mut event = json!({ "operation": "followers.sync" });
    if let Some(from) = from {
        event["next_openid"] = from.into();
    }
    let (mut synced, mut unknown) = (0, 0);
    loop {
        let (answer, failure) = match session.ask(event.clone()).await {
            Ok(answer) => (answer, None),
            Err(Failure::Answer(answer)) => (answer.clone(), Some(Failure::Answer(answer))),
            Err(failure) => return Err(interrupted(failure, &event, session)),
        };
        synced += answer["synced"].as_u64().unwrap_or_default();
        unknown += answer["unknown"].as_u64().unwrap_or_default();
        let next = answer.get("next_openid").filter(|next| next.is_string());
        if let Some(next) = next {
            event["next_openid"] = next.clone();
        }
        if let Some(failure) = failure {
            return Err(interrupted(failure, &event, session));
        }
        if next.is_none() {
            break;
        }
        session.note(Word::SyncedSoFar, &[&synced]);
    }
    let language = session.language;
    let sum = json!({ "synced": synced, "unknown": unknown });
    session.tell(&sum, |_| language.say(Word::SyncedAll, &[&synced, &unknown]));
    Ok(())
}

/// What was synced is synced; says where to go on.
fn interrupted(failure: Failure, event: &serde_json::Value, session: &mut Session<'_, '_>) -> Failure {
    if let Some(next) = event["next_openid"].as_str() {
        session.note(Word::SyncContinues, &[&next]);
    }
    failure
}
