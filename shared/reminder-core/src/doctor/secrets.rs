//! Are the secrets there, and whole?

use std::sync::Arc;

use super::finding::Finding;
use crate::app::App;
use crate::app::secrets::Secrets;

const CHECK: &str = "secrets";

/// The newest secrets there are, not those this environment remembers.
pub(super) async fn check(app: &App, findings: &mut Vec<Finding>) -> Option<Arc<Secrets>> {
    let now = app.now();
    let read = match app.secrets.get_newer(now).await {
        Ok(Some(secrets)) => Ok(secrets),
        Ok(None) => app.secrets.get(now).await,
        Err(error) => Err(error),
    };
    match read {
        Ok(secrets) => {
            findings.push(Finding::ok(CHECK, "The secrets can be read and are whole."));
            Some(secrets)
        }
        Err(error) => {
            findings.push(Finding::failed(
                CHECK,
                format!("{error}."),
                "Put the SecureString again (docs/deploy.md shows its JSON); its name is the stack's parameter SecretsParameter.",
            ));
            None
        }
    }
}
