//! Why a request to the callback is refused. The texts name what is wrong and never repeat what came; health notes
//! keep them, and doctor knows them again.

use crate::{InChinese, Malformation};

/// A request that does not come from WeChat, or cannot be told from one that does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CallbackError {
    /// The query lacks a parameter.
    #[error("the parameter {0} is missing")]
    MissingParameter(&'static str),
    /// The timestamp is too far from now: a replay, or a clock that is wrong.
    #[error("the timestamp is too far from now")]
    Stale,
    /// The signature is not ours: a forger, or a callback token that was changed.
    #[error("the signature is wrong")]
    BadSignature,
    /// The callback is protected in another way than this account's mode says.
    #[error("the push is not protected as this account's mode says")]
    WrongMode,
    /// Neither key opens it.
    #[error("the ciphertext cannot be decrypted")]
    Undecryptable,
    /// It was encrypted for another account.
    #[error("the ciphertext is meant for another appid")]
    ForeignAppid,
    /// Signed once, and sent again with its timestamp and its nonce exchanged.
    #[error("the timestamp is not the one that was signed")]
    Replayed,
    /// It is WeChat's, and cannot be read.
    #[error("malformed: {0}")]
    Malformed(Malformation),
    /// It has not even the shape in which a signature could be looked for.
    #[error("no push of WeChat's: {0}")]
    NotWechats(Malformation),
}

impl InChinese for CallbackError {
    fn in_chinese(&self) -> String {
        match self {
            Self::MissingParameter(name) => return format!("缺少参数 {name}"),
            Self::Malformed(why) => return format!("内容无法解析：{}", why.in_chinese()),
            Self::NotWechats(why) => return format!("不是微信的推送：{}", why.in_chinese()),
            Self::Stale => "timestamp 与当前时间相差太大",
            Self::BadSignature => "签名不对",
            Self::WrongMode => "加密方式与密钥里写的不同",
            Self::Undecryptable => "密文解不开",
            Self::ForeignAppid => "密文是给别的 appid 的",
            Self::Replayed => "timestamp 不是签名时的那个",
        }
        .to_owned()
    }
}

impl CallbackError {
    /// The one whose words a health note kept; of those that WeChat's own callbacks are refused or passed over for.
    pub fn of_words(words: &str) -> Option<Self> {
        let simple = [
            Self::Stale,
            Self::BadSignature,
            Self::WrongMode,
            Self::Undecryptable,
            Self::ForeignAppid,
            Self::Replayed,
        ];
        let malformed = Malformation::ALL.iter().copied().map(Self::Malformed);
        simple.into_iter().chain(malformed).find(|error| error.to_string() == words)
    }

    /// Whether another key could open it: the one before the last change, for instance.
    pub fn is_signature(&self) -> bool {
        matches!(self, Self::BadSignature | Self::Undecryptable | Self::ForeignAppid)
    }

    /// Whether our secrets may be old: fetching them again could turn this request into a good one. The mode is one of
    /// them.
    pub fn may_come_of_old_secrets(&self) -> bool {
        self.is_signature() || matches!(self, Self::WrongMode | Self::MissingParameter("msg_signature"))
    }

    /// Whether WeChat never sends the like, whatever our secrets are: nothing to look for in the console.
    pub fn is_a_strangers(&self) -> bool {
        matches!(self, Self::MissingParameter(_) | Self::NotWechats(_) | Self::Replayed)
    }

    /// Whether signature, decryption and appid are right, so that it is WeChat's, though nothing can be read in it: no
    /// forgery, and nothing that a repeat would mend.
    pub fn is_wechats(&self) -> bool {
        matches!(self, Self::Malformed(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_note_kept_is_known_again() {
        for error in [
            CallbackError::BadSignature,
            CallbackError::WrongMode,
            CallbackError::Malformed(Malformation::NeitherXmlNorJson),
        ] {
            assert_eq!(CallbackError::of_words(&error.to_string()), Some(error));
        }
        for words in ["", "URL verification", "malformed: ", "the signature"] {
            assert_eq!(CallbackError::of_words(words), None, "{words}");
        }
    }
}
