//! Are the secrets there, and whole?

use std::sync::Arc;

use wechat::{InChinese, said};

use super::finding::Finding;
use crate::app::App;
use crate::app::secrets::Secrets;

const CHECK: &str = "secrets";

/// The newest secrets there are, not those this environment remembers.
pub(super) async fn check(app: &App, findings: &mut Vec<Finding>) -> Option<Arc<Secrets>> {
    let now = app.now();
    let read = match app.secrets.get_newer(now).await {
        Ok(Some(secrets)) => Ok(secrets),
        Ok(None) => app.secrets.get(now).await,
        Err(error) => Err(error),
    };
    match read {
        Ok(secrets) => {
            let what = said!("The secrets can be read and are whole.", "密钥读得出来，内容完整。");
            findings.push(Finding::ok(CHECK, what));
            Some(secrets)
        }
        Err(error) => {
            let error = error.said();
            findings.push(Finding::failed(
                CHECK,
                said!("{error}.", "{error}。", error),
                said!(
                    "Put the SecureString again (docs/deploy.md shows its JSON); its name is the stack's parameter SecretsParameter.",
                    "重新写入 SecureString（JSON 的样子见 docs/deploy.zh-CN.md）；它的名字是堆栈参数 SecretsParameter。"
                ),
            ));
            None
        }
    }
}
