//! `settings get`, `put`, `edit`, `history`, `restore`: what `get` prints, `put` takes.

mod done;
mod edit;

use done::done;
use serde_json::{Value, json};

use crate::arguments::Settings;
use crate::failure::Failure;
use crate::session::Session;
use crate::table::Table;
use crate::words::Word;

pub(super) async fn run(what: Settings, session: &mut Session<'_, '_>) -> Result<(), Failure> {
    match what {
        Settings::Get => get(session).await,
        Settings::Put { file, if_version } => put(&file, if_version, session).await,
        Settings::Edit => edit::run(session).await,
        Settings::History => history(session).await,
        Settings::Restore { version } => restore(version, session).await,
    }
}

async fn get(session: &mut Session<'_, '_>) -> Result<(), Failure> {
    let stored = session.ask(json!({ "operation": "settings.get" })).await?;
    if session.json {
        session.terminal.print_json(&stored);
        return Ok(());
    }
    session.terminal.print_json(&stored["settings"]);
    let put_at = stored["put_at"].as_str().unwrap_or_default();
    session.note(Word::SettingsVersion, &[&stored["version"], &put_at]);
    Ok(())
}

async fn put(file: &str, if_version: Option<u32>, session: &mut Session<'_, '_>) -> Result<(), Failure> {
    let settings = document(file, session)?;
    session.confirm(Word::PutSettings, &[&session.place()])?;
    let mut event = json!({ "operation": "settings.put", "settings": settings });
    if let Some(version) = if_version {
        event["if_version"] = version.into();
    }
    done(event, session).await
}

async fn history(session: &mut Session<'_, '_>) -> Result<(), Failure> {
    let answer = session.ask(json!({ "operation": "settings.history" })).await?;
    let in_force = session.language.say(Word::InForce, &[]);
    session.tell(&answer, |answer| {
        let mut table = Table::default();
        for (n, one) in answer["versions"].as_array().into_iter().flatten().enumerate() {
            let put_at = one["put_at"].as_str().unwrap_or_default().to_owned();
            let note = if n == 0 { in_force.as_str() } else { "" };
            table.row([one["version"].to_string(), put_at, note.to_owned()]);
        }
        table.render()
    });
    Ok(())
}

async fn restore(version: u32, session: &mut Session<'_, '_>) -> Result<(), Failure> {
    session.confirm(Word::RestoreSettings, &[&version, &session.place()])?;
    done(json!({ "operation": "settings.restore", "version": version }), session).await
}

/// The settings of a file: alone, or in what `settings get --json` prints or `operations` takes.
fn document(file: &str, session: &mut Session<'_, '_>) -> Result<Value, Failure> {
    let language = session.language;
    let text = match file {
        "-" => {
            let mut text = String::new();
            session.terminal.input.read_to_string(&mut text).map(|_| text)
        }
        path => std::fs::read_to_string(path),
    };
    let text = text.map_err(|error| Failure::Usage(language.say(Word::NoFile, &[&file, &error])))?;
    let value: Value = serde_json::from_str(&text)
        .map_err(|error| Failure::Usage(language.say(Word::NoJson, &[&file, &error])))?;
    Ok(alone(value))
}

fn alone(mut value: Value) -> Value {
    let is_wrapped = value.get("settings").is_some_and(Value::is_object) && value.get("templates").is_none();
    if is_wrapped { value["settings"].take() } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_found_in_what_holds_them() {
        let settings = json!({"timezone": "Asia/Shanghai", "templates": {}});
        for holds in [
            settings.clone(),
            json!({"operation": "settings.put", "settings": settings}),
            json!({"version": 3, "put_at": "2027-01-01T00:00:00Z", "settings": settings}),
        ] {
            assert_eq!(alone(holds), settings);
        }
        assert_eq!(alone(json!({"settings": 7})), json!({"settings": 7}));
    }
}
