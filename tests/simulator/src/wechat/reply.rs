//! What WeChat makes of a callback's answer (docs/wechat.md §1.6, §2.4).
//!
//! `success`, nothing, or a document in the account's own format, encrypted where the mode demands it and
//! signed. Anything else counts as no answer, and the push is repeated.

use serde_json::{Map, Value};

use super::accounts::{Account, AccountName, Format, Mode};
use super::crypto::{AesKey, sign};
use super::pushes::Push;
use super::xml;

/// An answer that WeChat takes.
#[derive(Debug, PartialEq)]
pub(crate) enum Reply {
    Nothing,
    /// For the user to read.
    Message(Value),
    /// The chat goes to a human.
    Transfer,
}

/// Reads the answer to `push`; the reason in words if WeChat does not take it.
pub(crate) fn read(answer: &[u8], account: &Account, push: &Push) -> Result<Reply, String> {
    if answer.is_empty() || answer == b"success" {
        return Ok(Reply::Nothing);
    }
    let text = std::str::from_utf8(answer).map_err(|_| "the answer is not UTF-8")?;
    let outer = document(text, account.format)?;
    let encrypted = outer.contains_key("Encrypt");
    let inner = match account.mode {
        Mode::Secure if !encrypted => return Err("in secure mode a reply must be encrypted".to_owned()),
        Mode::Plaintext if encrypted => {
            return Err("in plaintext mode a reply must not be encrypted".to_owned());
        }
        _ if encrypted => document(&open(&outer, account)?, account.format)?,
        _ => outer,
    };
    understand(inner, push, account)
}

pub(super) fn document(text: &str, format: Format) -> Result<Map<String, Value>, String> {
    let value = match format {
        Format::Xml => xml::read(text),
        Format::Json => serde_json::from_str(text).ok(),
    };
    match value {
        Some(Value::Object(fields)) => Ok(fields),
        _ => Err(format!("the answer is neither success nor a document in {format:?}")),
    }
}

pub(super) fn open(envelope: &Map<String, Value>, account: &Account) -> Result<String, String> {
    let part = |name: &str| {
        let text = envelope.get(name).map(|value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        text.ok_or_else(|| format!("the encrypted reply has no {name}"))
    };
    let (encrypted, timestamp, nonce) = (part("Encrypt")?, part("TimeStamp")?, part("Nonce")?);
    if sign(&[&account.callback_token, &timestamp, &nonce, &encrypted]) != part("MsgSignature")? {
        return Err("the reply's MsgSignature is wrong".to_owned());
    }
    let key = AesKey::from_console(&account.encoding_aes_key).ok_or("the account's AES key is no key")?;
    let opened = key.open(&encrypted)?;
    if opened.appid != account.appid {
        return Err("the appid inside the reply is not the account's".to_owned());
    }
    Ok(opened.message)
}

fn understand(fields: Map<String, Value>, push: &Push, account: &Account) -> Result<Reply, String> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
    if text("FromUserName") != account.original_id {
        return Err("FromUserName of the reply is not the account's original id".to_owned());
    }
    let asked = push.fields.iter().find(|(name, _)| name == "FromUserName").map(|(_, field)| field);
    if asked != Some(&super::document::Field::text(text("ToUserName"))) {
        return Err("ToUserName of the reply is not the user".to_owned());
    }
    let created = fields.get("CreateTime").map(|value| value.to_string().replace('"', ""));
    if created.and_then(|seconds| seconds.parse::<i64>().ok()).is_none() {
        return Err("CreateTime of the reply is no number".to_owned());
    }
    match text("MsgType") {
        "transfer_customer_service" if push.is_message => return Ok(Reply::Transfer),
        "transfer_customer_service" => {
            return Err("only messages can be handed to a human, events cannot".to_owned());
        }
        _ if push.account == AccountName::MiniProgram => {
            return Err("a mini program's messages take no passive reply".to_owned());
        }
        "text" if text("Content").is_empty() => return Err("Content of the reply is empty".to_owned()),
        "text" | "image" | "voice" | "video" | "music" | "news" => {}
        other => return Err(format!("MsgType {other:?} cannot be replied")),
    }
    if !push.takes_reply() {
        return Ok(Reply::Nothing);
    }
    let for_the_user = |name: &String| !matches!(name.as_str(), "ToUserName" | "FromUserName");
    Ok(Reply::Message(Value::Object(fields.into_iter().filter(|(name, _)| for_the_user(name)).collect())))
}
