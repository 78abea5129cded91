//! Why a request to the callback is refused. The texts name what is wrong and never repeat what came; health notes
//! keep them, and doctor knows them again.

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
    Malformed(&'static str),
    /// It has not even the shape in which a signature could be looked for.
    #[error("no push of WeChat's: {0}")]
    NotWechats(&'static str),
}

impl CallbackError {
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
