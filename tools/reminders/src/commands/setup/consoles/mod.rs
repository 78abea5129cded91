//! Step 5: what is to be pasted into which page of WeChat's consoles, in order; and the wait until each console's first
//! callback has come.

mod clipboard;

use reminder_core::account::Account;
use serde_json::{Value, json};
use wechat::{CallbackError, InChinese};

use super::progress::Progress;
use super::regions::is_in_china;
use super::secrets;
use super::wait;
use super::words::Say;
use super::work::Work;
use crate::failure::Failure;
use crate::language::Language;

pub(super) async fn run(work: &mut Work<'_, '_>) -> Result<(), Failure> {
    let callbacks = callbacks(work).await?;
    let accounts: Vec<Account> =
        Account::ALL.into_iter().filter(|account| callbacks.get(account.name()).is_some()).collect();
    for account in accounts {
        if !is_accepted(&callbacks[account.name()]) {
            tell(work, account).await?;
            wait_for(work, account).await?;
        }
        let called = work.called(account);
        work.note(Say::ConsoleDone, &[&called]);
    }
    Ok(())
}

async fn tell(work: &mut Work<'_, '_>, account: Account) -> Result<(), Failure> {
    let outputs = work.outputs().await?;
    let output = |name: &str| outputs.get(name).cloned().unwrap_or_default();
    let api = output("ApiUrl");
    let parameter = output("SecretsParameterName");
    let region = work.owner.region.clone();
    let console = if is_in_china(&region) { "console.amazonaws.cn" } else { "console.aws.amazon.com" };
    let page = format!(
        "https://{region}.{console}/systems-manager/parameters{parameter}/description?region={region}"
    );
    match account {
        Account::MiniProgram => {
            let url = output("MiniProgramCallbackUrl");
            work.note(Say::MiniProgramConsole, &[&url, &api, &page]);
        }
        Account::ServiceAccount => {
            let url = output("ServiceAccountCallbackUrl");
            work.note(Say::ServiceAccountConsole, &[&url, &page]);
        }
    }
    if work.asks { hand_over(work, account, &parameter).await } else { Ok(()) }
}

/// Token and key go to the clipboard, one after the other, as the form wants them.
async fn hand_over(work: &mut Work<'_, '_>, account: Account, parameter: &str) -> Result<(), Failure> {
    let secrets = secrets::stored(work, parameter).await?.unwrap_or_default();
    for (field, label) in [("callback_token", "Token"), ("encoding_aes_key", "EncodingAESKey")] {
        let question = work.session.language.say(Say::CopyNext, &[&label]);
        work.session.terminal.ask(&question).ok_or(Failure::NotConfirmed)?;
        let secret = secrets[account.name()][field].as_str().unwrap_or_default();
        let word = if clipboard::copy(secret).await { Say::Copied } else { Say::NoClipboard };
        work.note(word, &[&label]);
    }
    Ok(())
}

async fn wait_for(work: &mut Work<'_, '_>, account: Account) -> Result<(), Failure> {
    let called = work.called(account);
    let mut progress = Progress::begin(work.session.terminal);
    for _ in 0..wait::looks_in(work.how.wait) {
        let callbacks = callbacks(work).await?;
        let (language, told) = (work.session.language, &callbacks[account.name()]);
        if is_accepted(told) {
            return Ok(());
        }
        let text = match told["refused"].as_str() {
            Some(why) => language.say(Say::CallbackRefused, &[&called, &why_refused(why, language)]),
            None => language.say(Say::WaitingForConsole, &[&called]),
        };
        progress.show(text, work.session.terminal);
        wait::a_moment().await;
    }
    drop(progress);
    Err(work.failure(Say::ConsoleSilent, &[&called]))
}

/// The stack tells it in English.
fn why_refused(why: &str, language: Language) -> String {
    let known = CallbackError::of_words(why);
    known.map_or_else(|| why.to_owned(), |error| language.of(&error.said()))
}

async fn callbacks(work: &Work<'_, '_>) -> Result<Value, Failure> {
    Ok(work.session.ask(json!({ "operation": "arrivals.show" })).await?["callbacks"].take())
}

/// A refusal since then is the doctor's business.
fn is_accepted(callbacks: &Value) -> bool {
    callbacks["accepted_at"].is_string()
}
