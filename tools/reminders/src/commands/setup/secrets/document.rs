//! The document of the SecureString (docs/design.md §7): what is there stays, what is missing is made. Pure, but for chance.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use reminder_core::account::Account;
use reminder_core::random;
use serde_json::{Value, json};

const CALLBACK_TOKEN_CHARS: usize = 32;
const SIGNING_KEY_CHARS: usize = 64;

/// An account as the owner names it. It has no `Debug`, for that would show the secret.
pub(super) struct Entered {
    pub(super) account: Account,
    pub(super) appid: String,
    /// None: the document has it.
    pub(super) app_secret: Option<String>,
    /// None: as the document has it.
    pub(super) original_id: Option<String>,
}

/// The stored document is another account's.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct OtherAccount {
    pub(super) account: Account,
    pub(super) stored: String,
}

pub(super) fn appid_of(document: Option<&Value>, account: Account) -> Option<&str> {
    document?[account.name()]["appid"].as_str().filter(|appid| !appid.is_empty())
}

pub(super) fn app_secret_of(document: Option<&Value>, account: Account) -> Option<&str> {
    document?[account.name()]["app_secret"].as_str().filter(|secret| !secret.is_empty())
}

/// What is to be stored; the same where nothing was missing.
pub(super) fn completed(stored: Option<&Value>, entered: &[Entered]) -> Result<Value, OtherAccount> {
    let mut document = stored.cloned().unwrap_or_else(|| json!({}));
    for Entered { account, appid, app_secret, original_id } in entered {
        if let Some(stored) = appid_of(stored, *account).filter(|stored| stored != appid) {
            return Err(OtherAccount { account: *account, stored: stored.to_owned() });
        }
        let fields = &mut document[account.name()];
        fields["appid"] = appid.as_str().into();
        if let Some(app_secret) = app_secret {
            fields["app_secret"] = app_secret.as_str().into();
        }
        if let Some(original_id) = original_id {
            fields["original_id"] = original_id.as_str().into();
        }
        fill(fields, "callback_token", || letters(CALLBACK_TOKEN_CHARS));
        fill(fields, "encoding_aes_key", encoding_aes_key);
    }
    fill(&mut document, "session_signing_key", || letters(SIGNING_KEY_CHARS));
    Ok(document)
}

fn fill(fields: &mut Value, name: &str, made: impl FnOnce() -> String) {
    if fields[name].as_str().is_none_or(str::is_empty) {
        fields[name] = made().into();
    }
}

fn letters(count: usize) -> String {
    random::base32(&random::bytes::<48>(), count)
}

/// 32 bytes in base64, of which the console takes letters and digits only: one in four is.
fn encoding_aes_key() -> String {
    loop {
        let key = STANDARD_NO_PAD.encode(random::bytes::<32>());
        if key.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return key;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entered(account: Account, appid: &str, app_secret: Option<&str>) -> Entered {
        let app_secret = app_secret.map(str::to_owned);
        Entered { account, appid: appid.to_owned(), app_secret, original_id: None }
    }

    #[test]
    fn what_is_missing_is_made_once_and_what_is_there_stays() {
        let mini_program = || entered(Account::MiniProgram, "wx1", Some("s1"));
        let first = completed(None, &[mini_program()]).expect("a document");
        assert_eq!(first.get("service_account"), None);
        assert_eq!(completed(Some(&first), &[mini_program()]), Ok(first.clone()));
        let without_secret = entered(Account::MiniProgram, "wx1", None);
        assert_eq!(completed(Some(&first), &[without_secret]), Ok(first.clone()));

        let original_id = Some("gh_2".to_owned());
        let service_account = Entered { original_id, ..entered(Account::ServiceAccount, "wx2", Some("s2")) };
        let both = completed(Some(&first), &[mini_program(), service_account]).expect("a document");
        assert_eq!(both["mini_program"], first["mini_program"]);
        assert_eq!(both["session_signing_key"], first["session_signing_key"]);
        assert_eq!(both["service_account"]["appid"], "wx2");
        assert_eq!(both["service_account"]["original_id"], "gh_2");
        let kept = completed(Some(&both), &[entered(Account::ServiceAccount, "wx2", None)]);
        assert_eq!(kept, Ok(both.clone()));

        let reset =
            completed(Some(&both), &[entered(Account::MiniProgram, "wx1", Some("s3"))]).expect("a document");
        assert_eq!(reset["mini_program"]["app_secret"], "s3");
        assert_eq!(reset["mini_program"]["callback_token"], first["mini_program"]["callback_token"]);
        let other = OtherAccount { account: Account::MiniProgram, stored: "wx1".to_owned() };
        assert_eq!(completed(Some(&both), &[entered(Account::MiniProgram, "wx9", None)]), Err(other));
    }

    #[test]
    fn what_an_owner_added_stays() {
        let stored = json!({"origin_secret": "o", "mini_program": {"appid": "wx1", "mode": "compatible"}});
        let document =
            completed(Some(&stored), &[entered(Account::MiniProgram, "wx1", Some("s"))]).expect("one");
        assert_eq!(document["origin_secret"], "o");
        assert_eq!(document["mini_program"]["mode"], "compatible");
    }

    #[test]
    fn keys_are_what_the_console_and_the_functions_take() {
        for _ in 0..50 {
            let key = encoding_aes_key();
            assert!(wechat::EncodingAesKey::parse(&key).is_ok() && key.len() == 43, "{key}");
        }
        let document = completed(None, &[entered(Account::MiniProgram, "wx1", Some("s"))]).expect("one");
        let length = |value: &Value| value.as_str().map(str::len);
        assert_eq!(length(&document["mini_program"]["callback_token"]), Some(32));
        assert_eq!(length(&document["session_signing_key"]), Some(64));
    }
}
