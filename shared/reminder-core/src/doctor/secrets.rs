//! Are the secrets there, and whole?

use std::sync::Arc;

use super::Finding;
use crate::app::Core;
use crate::app::secrets::Secrets;

const CHECK: &str = "secrets";

/// The newest secrets there are, not those this environment remembers.
pub(super) async fn check(core: &Core, findings: &mut Vec<Finding>) -> Option<Arc<Secrets>> {
    let now = core.now();
    let read = match core.secrets.get_newer(now).await {
        Ok(Some(secrets)) => Ok(secrets),
        Ok(None) => core.secrets.get(now).await,
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
