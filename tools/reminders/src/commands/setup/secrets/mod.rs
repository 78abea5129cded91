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
use super::asking::{self, Enter};
use super::words::Say;
use super::work::Work;
use crate::failure::Failure;
use crate::language::Language;

const WECHAT: &str = "https://api.weixin.qq.com";

pub(super) async fn run(work: &mut Work<'_, '_>) -> Result<(), Failure> {
    let stack = work.owner.stack_now().await?;
    let name = work.secrets_parameter(stack.as_ref());
    let stored = stored(work, &name).await?;
    let api_url = work.parameter("WechatApiUrl", stack.as_ref()).unwrap_or_else(|| WECHAT.to_owned());
    let mut entered = Vec::new();
    for account in Account::ALL {
        entered.extend(account_of(work, account, stored.as_ref(), &api_url).await?);
    }
    let document = completed(stored.as_ref(), &entered).map_err(|OtherAccount { account, stored }| {
        work.wrong(Say::OtherAccount, &[&name, &work.called(account), &stored])
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
async fn account_of(
    work: &mut Work<'_, '_>,
    account: Account,
    stored: Option<&Value>,
    api_url: &str,
) -> Result<Option<Entered>, Failure> {
    let answers = match account {
        Account::MiniProgram => work.answers.mini_program.take(),
        Account::ServiceAccount => work.answers.service_account.take(),
    };
    let (appid, known) = (appid_of(stored, account), app_secret_of(stored, account));
    let named = match (answers, appid, known) {
        (Some(AccountAnswers { appid, app_secret_from, original_id }), ..) => {
            let app_secret = app_secret_from.map(|source| secret_from(work, source)).transpose()?;
            Some(Entered { account, appid, app_secret, original_id })
        }
        (None, Some(appid), Some(_)) => {
            Some(Entered { account, appid: appid.to_owned(), app_secret: None, original_id: None })
        }
        _ => None,
    };
    if let Some(named) = named {
        let called = work.called(account);
        let Some(app_secret) = named.app_secret.as_deref().or(known) else {
            return Err(work.wrong(Say::NoAppSecret, &[&called]));
        };
        match wechat_says(work, api_url, &named, app_secret).await {
            None => return Ok(Some(named)),
            Some(refused) if !work.asks => return Err(Failure::Broke(refused)),
            Some(refused) => work.session.terminal.complain(&refused),
        }
    } else if !work.asks {
        return match account {
            Account::MiniProgram => Err(work.wrong(Say::NoMiniProgram, &[])),
            Account::ServiceAccount => Ok(None),
        };
    } else if account == Account::ServiceAccount && !work.session.agrees(Say::HasServiceAccount) {
        return Ok(None);
    }
    typed(work, account, stored, api_url).await.map(Some)
}

/// By a person, until WeChat does not say that it is wrong.
async fn typed(
    work: &mut Work<'_, '_>,
    account: Account,
    stored: Option<&Value>,
    api_url: &str,
) -> Result<Entered, Failure> {
    let called = work.called(account);
    let page = match account {
        Account::MiniProgram => "开发管理 → 开发设置",
        Account::ServiceAccount => "基本配置",
    };
    let mut usual = appid_of(stored, account).map(str::to_owned);
    let mut entered = loop {
        let enter = usual.as_deref().map_or(Enter::AsksAgain, Enter::Means);
        let appid = work.ask(Say::AppId, &[&called, &page], enter, asking::appid)?;
        let question = work.session.language.say(Say::AppSecret, &[&called]);
        let app_secret = work.session.terminal.ask_unseen(&question).ok_or(Failure::NotConfirmed)?;
        let entered = Entered { account, appid, app_secret: Some(app_secret.clone()), original_id: None };
        if app_secret.is_empty() {
            work.note(Say::NoAppSecret, &[&called]);
        } else if let Some(refused) = wechat_says(work, api_url, &entered, &app_secret).await {
            work.session.terminal.complain(&refused);
        } else {
            break entered;
        }
        usual = Some(entered.appid);
    };
    if account == Account::ServiceAccount {
        let original_id = work.ask(Say::OriginalId, &[], Enter::MeansNone, asking::original_id)?;
        entered.original_id = Some(original_id).filter(|text| !text.is_empty());
    }
    Ok(entered)
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

/// Why it is wrong; none also where WeChat does not say, which the doctor will find out.
async fn wechat_says(
    work: &mut Work<'_, '_>,
    api_url: &str,
    entered: &Entered,
    app_secret: &str,
) -> Option<String> {
    let called = work.called(entered.account);
    match verdict::ask(api_url, &entered.appid, app_secret).await {
        Verdict::Accepted => work.note(Say::SecretAccepted, &[&called]),
        Verdict::NotTold(why) => {
            let why = work.session.language.of(&why);
            work.note(Say::SecretNotChecked, &[&called, &why]);
        }
        Verdict::Wrong(code) => {
            let language = work.session.language;
            let meaning = match language {
                Language::English => code.meaning(),
                Language::Chinese => code.meaning_in_chinese(),
            };
            return Some(language.say(Say::SecretWrong, &[&called, &code, &meaning]));
        }
    }
    None
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
