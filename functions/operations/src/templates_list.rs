//! `templates.list`: ids, titles and keywords of both accounts' templates, under the names of the channels that use them.

use reminder_core::account::Account;
use reminder_core::app::wechat::WechatError;
use reminder_core::app::wechat::templates::{self, AccountTemplate};
use reminder_core::channel::Channel;
use reminder_core::{App, AppError};
use serde_json::{Map, Value, json};

pub(crate) async fn run(app: &App) -> Result<Value, AppError> {
    let secrets = app.secrets.get(app.now()).await?;
    let mut answer = Map::new();
    for account in Account::ALL.into_iter().filter(|account| secrets.of(*account).is_some()) {
        let subscriptions = shown(templates::subscription(&app.wechat, account).await);
        let lists = match account {
            Account::MiniProgram => json!({ Channel::MiniSubscription.as_str(): subscriptions }),
            Account::ServiceAccount => json!({
                Channel::ServiceTemplate.as_str(): shown(templates::template_messages(&app.wechat).await),
                Channel::ServiceNotification.as_str(): subscriptions,
            }),
        };
        answer.insert(account.name().to_owned(), lists);
    }
    Ok(Value::Object(answer))
}

/// An account may have one list and not the other.
fn shown(listed: Result<Vec<AccountTemplate>, WechatError>) -> Value {
    match listed {
        Ok(listed) => json!(listed),
        Err(error) => json!({ "error": error.to_string() }),
    }
}
