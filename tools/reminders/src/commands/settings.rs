//! `settings get` and `settings put`: what `get` prints, `put` takes.

use serde_json::{Value, json};

use crate::arguments::Settings;
use crate::failure::Failure;
use crate::session::Session;
use crate::words::Word;

pub(super) async fn run(what: Settings, session: &mut Session<'_, '_>) -> Result<(), Failure> {
    match what {
        Settings::Get => get(session).await,
        Settings::Put { file } => put(&file, session).await,
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

async fn put(file: &str, session: &mut Session<'_, '_>) -> Result<(), Failure> {
    let settings = document(file, session)?;
    session.confirm(Word::PutSettings, &[&session.place()])?;
    let answer = session.ask(json!({ "operation": "settings.put", "settings": settings })).await?;
    let language = session.language;
    session.tell(&answer, |answer| language.say(Word::SettingsPut, &[&answer["version"]]));
    Ok(())
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
