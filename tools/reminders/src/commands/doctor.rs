//! `doctor`: failed if something is to be mended.

use serde_json::json;

use crate::failure::Failure;
use crate::findings::shown;
use crate::session::Session;

pub(super) async fn run(session: &mut Session<'_, '_>) -> Result<(), Failure> {
    let language = session.language;
    let mut event = json!({ "operation": "doctor" });
    // Programs get the one text that does not depend on whose machine they run on.
    if !session.json {
        event["language"] = language.code().into();
    }
    let report = session.ask(event).await?;
    session.tell(&report, |report| shown(report, language));
    if report["ok"] == true { Ok(()) } else { Err(Failure::Findings) }
}
