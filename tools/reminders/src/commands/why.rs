//! `why`: the story of one reminder, of which the caller knows no more than its id.

use crate::failure::Failure;
use crate::session::Session;
use crate::story::told;

pub(super) async fn run(reminder: &str, session: &mut Session<'_, '_>) -> Result<(), Failure> {
    let language = session.language;
    let story = session.operations().story(reminder, language).await?;
    session.tell(&story, |story| told(story, language));
    Ok(())
}
