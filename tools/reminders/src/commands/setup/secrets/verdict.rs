//! Whether WeChat takes an AppSecret, asked from this machine: by `stable_token` in normal mode, which hands out the token in
//! use and disturbs nobody.

use std::time::Duration;

use wechat::{AppId, AppSecret, CallError, Client, ClientConfig, ErrCode, InChinese, IssuedToken, Said};

const TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Accepted,
    /// By WeChat's own code: appid and AppSecret do not belong together.
    Wrong(ErrCode),
    /// It says nothing to this machine; the doctor asks from where the functions are.
    NotTold(Said),
}

pub(super) async fn ask(api_url: &str, appid: &str, app_secret: &str) -> Verdict {
    let (api_url, mp_url) = (api_url.to_owned(), api_url.to_owned());
    let config = ClientConfig { api_url, mp_url, timeout: TIMEOUT, proxy_url: None };
    let client = match Client::new(config) {
        Ok(client) => client,
        Err(error) => return Verdict::NotTold(Said::verbatim(error.to_string())),
    };
    let (appid, app_secret) = (AppId::from(appid.to_owned()), AppSecret::from(app_secret.to_owned()));
    judged(client.stable_token(&appid, &app_secret, false).await)
}

fn judged(answer: Result<IssuedToken, CallError>) -> Verdict {
    const WRONG: [ErrCode; 3] =
        [ErrCode::INVALID_CREDENTIAL, ErrCode::INVALID_APPID, ErrCode::INVALID_APPSECRET];
    match answer {
        Ok(_) => Verdict::Accepted,
        Err(CallError::Refused(refusal)) if WRONG.contains(&refusal.errcode) => {
            Verdict::Wrong(refusal.errcode)
        }
        Err(CallError::Refused(refusal)) => {
            let code = refusal.errcode;
            Verdict::NotTold(Said {
                english: format!("{code} {}", code.meaning()),
                chinese: format!("{code} {}", code.meaning_in_chinese()),
            })
        }
        Err(error) => Verdict::NotTold(error.said()),
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use wechat::{AccessToken, Refusal, said};

    use super::*;

    #[test]
    fn a_secret_is_wrong_only_where_wechat_looked_at_it() {
        let refused = |code| Err(CallError::Refused(Refusal::new(ErrCode(code), "in WeChat's words")));
        for code in [40001, 40013, 40125] {
            assert_eq!(judged(refused(code)), Verdict::Wrong(ErrCode(code)));
        }
        for code in [40164, 45009, -1, 89503] {
            assert!(matches!(judged(refused(code)), Verdict::NotTold(_)), "{code}");
        }
        let silent = CallError::NotSent { reason: said!("no connection", "连不上") };
        assert_eq!(
            judged(Err(silent)),
            Verdict::NotTold(said!("not sent: no connection", "没发出去：连不上"))
        );
        let access_token = AccessToken::from("made up".to_owned());
        let issued = IssuedToken { access_token, expires_in: SignedDuration::from_hours(2) };
        assert_eq!(judged(Ok(issued)), Verdict::Accepted);
    }
}
