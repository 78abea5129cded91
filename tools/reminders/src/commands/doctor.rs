//! `doctor`: failed if something is to be mended.

use serde_json::json;

use crate::failure::Failure;
use crate::findings::shown;
use crate::session::Session;

pub(super) async fn run(session: &mut Session<'_, '_>) -> Result<(), Failure> {
    let report = session.ask(json!({ "operation": "doctor" })).await?;
    let language = session.language;
    session.tell(&report, |report| shown(report, language));
    if report["ok"] == true { Ok(()) } else { Err(Failure::Findings) }
}
