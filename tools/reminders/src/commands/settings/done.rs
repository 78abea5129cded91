//! The end of whatever changes the settings.

use serde_json::Value;

use crate::failure::Failure;
use crate::session::Session;
use crate::warnings::warnings;
use crate::words::Word;

/// Changes the settings, and tells which version they are now.
pub(super) async fn done(event: Value, session: &mut Session<'_, '_>) -> Result<(), Failure> {
    let answer = session.ask(event).await?;
    let language = session.language;
    session.tell(&answer, |answer| language.say(Word::SettingsPut, &[&answer["version"]]));
    for warning in warnings(&answer, language) {
        session.terminal.complain(&warning);
    }
    Ok(())
}
