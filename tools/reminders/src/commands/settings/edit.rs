//! `settings edit`: the document in an editor, the difference shown, and put only if nobody else has put meanwhile.

use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};
use similar::TextDiff;

use super::done::done;
use crate::failure::Failure;
use crate::session::Session;
use crate::words::Word;

const CONTEXT_LINES: usize = 2;

pub(super) async fn run(session: &mut Session<'_, '_>) -> Result<(), Failure> {
    if !session.terminal.interactive {
        return Err(Failure::Usage(session.language.say(Word::NeedsTerminal, &[])));
    }
    let stored = session.ask(json!({ "operation": "settings.get" })).await?;
    let before = pretty(&stored["settings"]);
    let draft = Draft::of(&before).map_err(|error| no_editor(session, &error))?;
    loop {
        let failure = match attempt(&draft, &before, &stored["version"], session).await {
            Ok(()) => return Ok(()),
            // What the document says can be mended; so can what the stack says of it.
            Err(failure @ Failure::Usage(_)) => failure,
            Err(Failure::Answer(answer)) if answer.get("errors").is_some() => Failure::Answer(answer),
            Err(failure) => return Err(failure),
        };
        let text = failure.text(session.language);
        session.terminal.complain(&text);
        if !session.agrees(Word::EditAgain) {
            return Err(Failure::NotConfirmed);
        }
    }
}

async fn attempt(
    draft: &Draft,
    before: &str,
    version: &Value,
    session: &mut Session<'_, '_>,
) -> Result<(), Failure> {
    draft.edit(&session.terminal.editor).map_err(|error| no_editor(session, &error))?;
    let text = std::fs::read_to_string(&draft.0).map_err(|error| no_editor(session, &error))?;
    let settings: Value = serde_json::from_str(&text)
        .map_err(|error| Failure::Usage(session.language.say(Word::NoJson, &[&draft.0.display(), &error])))?;
    let after = pretty(&settings);
    if after == before {
        session.note(Word::NoChange, &[]);
        return Ok(());
    }
    session.terminal.complain(&difference(before, &after));
    session.note(Word::MadeFrom, &[version]);
    session.confirm(Word::PutSettings, &[&session.place()])?;
    done(json!({ "operation": "settings.put", "settings": settings, "if_version": version }), session).await
}

fn difference(before: &str, after: &str) -> String {
    TextDiff::from_lines(before, after).unified_diff().context_radius(CONTEXT_LINES).to_string()
}

fn pretty(settings: &Value) -> String {
    serde_json::to_string_pretty(settings).unwrap_or_default() + "\n"
}

fn no_editor(session: &Session<'_, '_>, error: &std::io::Error) -> Failure {
    Failure::Broke(session.language.say(Word::NoEditor, &[&session.terminal.editor, error]))
}

/// The file that is edited; gone when the command ends.
struct Draft(PathBuf);

impl Draft {
    fn of(text: &str) -> std::io::Result<Self> {
        let path =
            std::env::temp_dir().join(format!("reminders-settings-{}.json", reminder_core::random::id()));
        let mut file = std::fs::File::create_new(&path)?;
        file.write_all(text.as_bytes())?;
        Ok(Self(path))
    }

    fn edit(&self, editor: &str) -> std::io::Result<()> {
        let mut words = editor.split_whitespace();
        let program = words.next().unwrap_or_default();
        let ended = Command::new(program).args(words).arg(&self.0).status()?;
        if ended.success() { Ok(()) } else { Err(std::io::Error::other(ended.to_string())) }
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // In the system's folder for what may be lost.
        let _ = std::fs::remove_file(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_difference_is_shown_line_by_line() {
        let [before, after] = ["Asia/Shanghai", "Asia/Urumqi"].map(|zone| pretty(&json!({"timezone": zone})));
        assert_eq!(
            difference(&before, &after),
            "@@ -1,3 +1,3 @@\n {\n-  \"timezone\": \"Asia/Shanghai\"\n+  \"timezone\": \"Asia/Urumqi\"\n }\n"
        );
    }
}
