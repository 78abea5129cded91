//! How much of WeChat's daily allowance is left for the calls that the product depends on (docs/wechat.md §5.4).

use wechat::Quota;

use crate::account::Account;
use crate::app::{App, WechatError};

/// The calls of each account that are worth watching.
pub fn paths(account: Account) -> &'static [&'static str] {
    match account {
        Account::MiniProgram => &["/cgi-bin/message/subscribe/send", "/cgi-bin/message/custom/send"],
        Account::ServiceAccount => &[
            "/cgi-bin/message/template/send",
            "/cgi-bin/message/subscribe/bizsend",
            "/cgi-bin/message/custom/send",
            "/cgi-bin/user/info",
        ],
    }
}

pub async fn of(app: &App, account: Account, path: &str) -> Result<Quota, WechatError> {
    app.call(account, |token| async move { app.wechat.quota_get(&token, path).await }).await
}
