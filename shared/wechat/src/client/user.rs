//! Followers of the service account (docs/wechat.md §7).

use serde::Deserialize;
use serde_json::json;

use super::{CallError, Client, lenient};
use crate::{AccessToken, OpenId, UnionId};

/// How many followers one [`Client::user_info_batchget`] can ask about.
pub const MAX_BATCHGET: usize = 100;

/// What WeChat tells about a user of the service account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct UserInfo {
    /// Whether they follow; without it everything below is missing, the unionid most of the time.
    #[serde(default, deserialize_with = "flag")]
    pub subscribe: bool,
    /// The user at the service account.
    pub openid: OpenId,
    /// The user across accounts, when the service account belongs to an Open Platform account.
    #[serde(default, deserialize_with = "lenient::maybe_unionid")]
    pub unionid: Option<UnionId>,
    /// When they last followed, in Unix seconds.
    #[serde(default, deserialize_with = "lenient::maybe_number")]
    pub subscribe_time: Option<i64>,
    /// How they came: `ADD_SCENE_QR_CODE`, `ADD_SCENE_WXA`, … an open set.
    #[serde(default, deserialize_with = "lenient::maybe_text")]
    pub subscribe_scene: Option<String>,
    /// The scene of the code they followed by.
    #[serde(default, deserialize_with = "lenient::maybe_text")]
    pub qr_scene_str: Option<String>,
}

/// One page of the list of followers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowerPage {
    /// How many followers there are in all.
    pub total: u64,
    /// Up to ten thousand of them.
    pub openids: Vec<OpenId>,
    /// Where the next page begins; `None` on the last one, which is the empty one.
    pub next_openid: Option<OpenId>,
}

impl Client {
    /// Asks about one user.
    ///
    /// # Errors
    /// [`CallError`]; 40003 when the openid is another account's.
    pub async fn user_info(
        &self,
        access_token: &AccessToken,
        openid: &OpenId,
    ) -> Result<UserInfo, CallError> {
        let parameters =
            [("access_token", access_token.expose()), ("openid", openid.as_str()), ("lang", "zh_CN")];
        self.get("/cgi-bin/user/info", &parameters).await
    }

    /// Asks about up to [`MAX_BATCHGET`] users at once; one openid of another account fails them all.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn user_info_batchget(
        &self,
        access_token: &AccessToken,
        openids: &[OpenId],
    ) -> Result<Vec<UserInfo>, CallError> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(deserialize_with = "lenient::readable")]
            user_info_list: Vec<UserInfo>,
        }

        let user_list: Vec<_> =
            openids.iter().map(|openid| json!({ "openid": openid, "lang": "zh_CN" })).collect();
        let body = json!({ "user_list": user_list });
        let answer: Answer = self.post_as(access_token, "/cgi-bin/user/info/batchget", &body).await?;
        Ok(answer.user_info_list)
    }

    /// Lists followers, from the beginning or from where the last page ended.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn user_get(
        &self,
        access_token: &AccessToken,
        next_openid: Option<&OpenId>,
    ) -> Result<FollowerPage, CallError> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(default, deserialize_with = "lenient::number")]
            total: i64,
            #[serde(default)]
            data: Option<Data>,
            #[serde(default, deserialize_with = "lenient::maybe_text")]
            next_openid: Option<OpenId>,
        }

        #[derive(Deserialize)]
        struct Data {
            #[serde(default, deserialize_with = "lenient::readable")]
            openid: Vec<OpenId>,
        }

        let parameters = [
            ("access_token", access_token.expose()),
            ("next_openid", next_openid.map(OpenId::as_str).unwrap_or_default()),
        ];
        let answer: Answer = self.get("/cgi-bin/user/get", &parameters).await?;
        let openids = answer.data.map(|data| data.openid).unwrap_or_default();
        Ok(FollowerPage {
            total: u64::try_from(answer.total).unwrap_or(0),
            next_openid: answer.next_openid.filter(|_| !openids.is_empty()),
            openids,
        })
    }
}

fn flag<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(lenient::number(deserializer)? == 1)
}
