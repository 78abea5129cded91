//! How much of WeChat's daily allowance is left for the calls that the product depends on (docs/wechat.md §5.4).

use wechat::Quota;

use super::Wechat;
use super::error::WechatError;
use crate::account::Account;

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

pub async fn of(wechat: &Wechat, account: Account, path: &str) -> Result<Quota, WechatError> {
    wechat.call(account, |client, token| async move { client.quota_get(&token, path).await }).await
}
