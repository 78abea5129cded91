//! "A secret, an access_token, a session_key or a message body shows up in a log." Openids neither.

use super::Violation;

pub(crate) const NAME: &str = "secrets";

/// What must not be logged, each with the word for it.
pub(crate) type Secrets = Vec<(&'static str, String)>;

pub(crate) fn judge(log: &str, secrets: &Secrets) -> Result<(), Violation> {
    for (kind, secret) in secrets.iter().filter(|(_, secret)| !secret.is_empty() && log.contains(secret)) {
        if let Some(line) = log.lines().find(|line| line.contains(secret.as_str())) {
            let line: String = line.replace(secret.as_str(), "…").chars().take(300).collect();
            return Err(Violation::new(NAME, None, format!("{kind} in a log line: {line}")));
        }
    }
    Ok(())
}
