//! `redrive`: one reminder by its id, what is due since, or what rests.

use serde_json::{Value, json};

use crate::arguments::Redrive;
use crate::failure::Failure;
use crate::language::Language;
use crate::session::Session;
use crate::table::Table;
use crate::words::Word;

pub(super) async fn run(which: Redrive, session: &mut Session<'_, '_>) -> Result<(), Failure> {
    let mut event = json!({ "operation": "push.redrive" });
    if let Some(reminder) = &which.reminder {
        event["openid"] = session.owner(reminder).await?.into();
        event["id"] = reminder.as_str().into();
    }
    if let Some(since) = which.since {
        event["since"] = since.to_string().into();
    }
    if let Some(template) = which.template {
        event["template"] = template.into();
    }
    for (name, set) in [("again", which.again), ("even_unknown", which.even_unknown)] {
        if set {
            event[name] = true.into();
        }
    }
    if which.even_unknown {
        session.confirm(Word::SendAgain, &[&session.place()])?;
    }
    let answer = session.ask(event).await?;
    let language = session.language;
    session.tell(&answer, |answer| shown(answer, language));
    Ok(())
}

fn shown(answer: &Value, language: Language) -> String {
    if let Some(job) = answer.get("job") {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        return language.say(Word::Armed, &[&text(job), &text(&answer["begins_at"])]);
    }
    let mut table = Table::default();
    for reminder in answer["reminders"].as_array().into_iter().flatten() {
        let id = reminder["id"].as_str().unwrap_or_default();
        for push in reminder["pushes"].as_array().into_iter().flatten() {
            let text = |name: &str| push[name].as_str().unwrap_or("–").to_owned();
            let number = language.say(Word::TimelinePush, &[&push["n"]]);
            table.row([id.to_owned(), number, format!("{} → {}", text("before"), text("after"))]);
        }
    }
    let mut lines = vec![table.render() + &language.say(Word::LookedAt, &[&answer["looked_at"]])];
    if answer["more"] == true {
        lines.push(language.say(Word::LookMore, &[]));
    }
    lines.join("\n")
}
