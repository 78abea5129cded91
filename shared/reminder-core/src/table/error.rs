//! What can go wrong with the table.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use thiserror::Error;
use wechat::{InChinese, Said};

/// Why the table could not be read or written. All of them are for Lambda to try again.
#[derive(Debug, Error)]
pub enum TableError {
    /// DynamoDB did not do it, or nobody knows.
    #[error("DynamoDB {operation} failed: {reason}")]
    Failed { operation: &'static str, reason: Said },
    /// An item that this code cannot have written.
    #[error("the table holds a {kind} whose {column} cannot be read")]
    Corrupt { kind: &'static str, column: &'static str },
    /// The item to be updated is not there any more.
    #[error("the {0} is gone")]
    Gone(&'static str),
    /// What the write was to be made together with has changed: to be judged anew.
    #[error("what else was to be written was written by others meanwhile")]
    Overtaken,
    /// Lost every race.
    #[error("the {0} is being written by too many at once")]
    Contended(&'static str),
}

impl InChinese for TableError {
    fn in_chinese(&self) -> String {
        match self {
            Self::Failed { operation, reason } => format!("DynamoDB {operation} 失败：{}", reason.chinese),
            Self::Corrupt { kind, column } => format!("表里有一条 {kind}，它的 {column} 读不出来"),
            Self::Gone(kind) => format!("{kind} 已经不在了"),
            Self::Overtaken => "要一起写的内容同时被别处改了".to_owned(),
            Self::Contended(kind) => format!("同时写 {kind} 的太多"),
        }
    }
}

impl TableError {
    pub(crate) fn failed<E: ProvideErrorMetadata>(operation: &'static str, error: &SdkError<E>) -> Self {
        Self::Failed { operation, reason: crate::aws::reason(error) }
    }
}

/// For updates of what may have been forgotten meanwhile: then there is nothing to update.
pub(crate) fn gone_is_fine<T>(outcome: Result<T, TableError>) -> Result<(), TableError> {
    match outcome {
        Ok(_) | Err(TableError::Gone(_)) => Ok(()),
        Err(error) => Err(error),
    }
}
