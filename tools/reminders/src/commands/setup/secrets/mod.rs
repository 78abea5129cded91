//! Step 2: the SecureString. Appids and AppSecrets come from the owner, keys are made here; none of it is ever shown.

mod document;
mod verdict;

use aws_sdk_ssm::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ssm::types::ParameterType;
use reminder_core::account::Account;
use serde_json::Value;

use self::document::{Entered, OtherAccount, app_secret_of, appid_of, completed};
use self::verdict::Verdict;
use super::answers::{AccountAnswers, SecretSource};
use super::words::Say;
use super::work::Work;
use crate::failure::Failure;

const WECHAT: &str = "https://api.weixin.qq.com";

pub(super) async fn run(work: &mut Work<'_, '_>) -> Result<(), Failure> {
    let stack = work.owner.stack_now().await?;
    let name = work.secrets_parameter(stack.as_ref());
    let stored = stored(work, &name).await?;
    let mut entered = Vec::new();
    for account in Account::ALL {
        entered.extend(account_of(work, account, stored.as_ref())?);
    }
    let api_url = work.parameter("WechatApiUrl", stack.as_ref()).unwrap_or_else(|| WECHAT.to_owned());
    for one in &entered {
        let app_secret = one.app_secret.as_deref().or_else(|| app_secret_of(stored.as_ref(), one.account));
        let Some(app_secret) = app_secret else {
            return Err(work.wrong(Say::NoAppSecret, &[&one.account.name()]));
        };
        check(work, &api_url, one, app_secret).await?;
    }
    let document = completed(stored.as_ref(), &entered).map_err(|OtherAccount { account, stored }| {
        work.wrong(Say::OtherAccount, &[&name, &account.name(), &stored])
    })?;
    if stored.as_ref() == Some(&document) {
        work.note(Say::SecretsKept, &[&name]);
        return Ok(());
    }
    put(work, &name, &document, stored.is_some()).await?;
    work.note(Say::SecretsPut, &[&name]);
    Ok(())
}

/// None: the owner has no such account.
fn account_of(
    work: &mut Work<'_, '_>,
    account: Account,
    stored: Option<&Value>,
) -> Result<Option<Entered>, Failure> {
    let known = appid_of(stored, account).map(str::to_owned);
    let has_secret = app_secret_of(stored, account).is_some();
    let answers = match account {
        Account::MiniProgram => work.answers.mini_program.take(),
        Account::ServiceAccount => work.answers.service_account.take(),
    };
    if let Some(AccountAnswers { appid, app_secret_from, original_id }) = answers {
        let app_secret = app_secret_from.map(|source| secret_from(work, source)).transpose()?;
        return Ok(Some(Entered { account, appid, app_secret, original_id }));
    }
    if let (Some(appid), true) = (known.clone(), has_secret) {
        return Ok(Some(Entered { account, appid, app_secret: None, original_id: None }));
    }
    if !work.asks {
        return match account {
            Account::MiniProgram => Err(work.wrong(Say::NoMiniProgram, &[])),
            Account::ServiceAccount => Ok(None),
        };
    }
    if account == Account::ServiceAccount && !work.session.agrees(Say::HasServiceAccount) {
        return Ok(None);
    }
    let appid = work.ask(Say::AppId, &[&account.name()], known.as_deref().unwrap_or_default())?;
    let question = work.session.language.say(Say::AppSecret, &[&account.name()]);
    let app_secret = work.session.terminal.ask_unseen(&question).ok_or(Failure::NotConfirmed)?;
    let given = |text: String| Some(text).filter(|text| !text.is_empty());
    let original_id = match account {
        Account::MiniProgram => None,
        Account::ServiceAccount => original_id(work)?,
    };
    Ok(Some(Entered { account, appid, app_secret: given(app_secret), original_id }))
}

/// Nothing is an answer, too.
fn original_id(work: &mut Work<'_, '_>) -> Result<Option<String>, Failure> {
    let question = format!("{}: ", work.session.language.say(Say::OriginalId, &[]));
    let answer = work.session.terminal.ask(&question).ok_or(Failure::NotConfirmed)?;
    Ok(Some(answer).filter(|answer| !answer.is_empty()))
}

fn secret_from(work: &mut Work<'_, '_>, source: SecretSource) -> Result<String, Failure> {
    let secret = match &source {
        SecretSource::Variable(name) => (work.session.terminal.variable)(name),
        SecretSource::StandardInput => work.session.terminal.line(),
    };
    let place = match &source {
        SecretSource::Variable(name) => name,
        SecretSource::StandardInput => "stdin",
    };
    secret.filter(|secret| !secret.is_empty()).ok_or_else(|| work.wrong(Say::NothingThere, &[&place]))
}

async fn check(
    work: &mut Work<'_, '_>,
    api_url: &str,
    entered: &Entered,
    app_secret: &str,
) -> Result<(), Failure> {
    let name = entered.account.name();
    match verdict::ask(api_url, &entered.appid, app_secret).await {
        Verdict::Accepted => work.note(Say::SecretAccepted, &[&name]),
        Verdict::Wrong(code) => return Err(work.failure(Say::SecretWrong, &[&name, &code, &code.meaning()])),
        Verdict::NotTold(why) => work.note(Say::SecretNotChecked, &[&name, &why]),
    }
    Ok(())
}

/// The document, if there is one.
pub(super) async fn stored(work: &Work<'_, '_>, name: &str) -> Result<Option<Value>, Failure> {
    let asked = work.owner.ssm.get_parameter().name(name).with_decryption(true).send().await;
    let found = match asked {
        Ok(found) => found.parameter.and_then(|parameter| parameter.value).unwrap_or_default(),
        Err(SdkError::ServiceError(refused)) if refused.err().is_parameter_not_found() => return Ok(None),
        Err(error) => return Err(work.owner.refused("ssm:GetParameter", &error)),
    };
    // What serde says of it may quote it.
    let document: Option<Value> = serde_json::from_str(&found).ok().filter(Value::is_object);
    document.map(Some).ok_or_else(|| work.failure(Say::SecretsUnreadable, &[&name]))
}

async fn put(work: &Work<'_, '_>, name: &str, document: &Value, replaces: bool) -> Result<(), Failure> {
    let key = work.answers.parameters.get("SecretsKeyArn").filter(|key| !key.is_empty()).cloned();
    let put = work.owner.ssm.put_parameter().name(name).value(document.to_string());
    let put = put.r#type(ParameterType::SecureString).set_key_id(key).overwrite(replaces);
    match put.send().await {
        Ok(_) => Ok(()),
        // AWS quotes a value that it does not like: its code must do.
        Err(SdkError::ServiceError(refused)) => {
            let code = refused.err().code().unwrap_or("?").to_owned();
            Err(work.failure(Say::AwsRefused, &[&"ssm:PutParameter", &code, &""]))
        }
        Err(error) => Err(work.owner.refused("ssm:PutParameter", &error)),
    }
}
