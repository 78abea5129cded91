//! `quota.show`: how much of today's allowance is left, for the calls of both accounts that matter.

use reminder_core::account::Account;
use reminder_core::app::wechat::quota;
use reminder_core::{App, AppError};
use serde_json::{Map, Value, json};

pub(crate) async fn run(app: &App) -> Result<Value, AppError> {
    let secrets = app.secrets.get(app.now()).await?;
    let mut answer = Map::new();
    for account in Account::ALL.into_iter().filter(|account| secrets.of(*account).is_some()) {
        let mut paths = Map::new();
        for path in quota::paths(account) {
            let shown = match quota::of(&app.wechat, account, path).await {
                Ok(quota) => json!({
                    "daily_limit": quota.daily_limit,
                    "used": quota.used,
                    "remain": quota.remain,
                }),
                Err(error) => json!({ "error": error.to_string() }),
            };
            paths.insert((*path).to_owned(), shown);
        }
        answer.insert(account.name().to_owned(), Value::Object(paths));
    }
    Ok(Value::Object(answer))
}
