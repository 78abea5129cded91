//! Why a world did not start, or what it was started for did not succeed.

use std::path::PathBuf;

use crate::addresses::PortError;
use crate::lambda::processes::NoBinary;
use crate::template::TemplateError;

#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error(transparent)]
    Port(#[from] PortError),
    #[error(transparent)]
    Template(#[from] TemplateError),
    #[error(transparent)]
    Binary(#[from] NoBinary),
    #[error("functions run as processes see no simulated clock: use --pace real")]
    ProcessesNeedRealPace,
    #[error("the folder {folder} cannot be used: {error}")]
    Data { folder: PathBuf, error: std::io::Error },
    #[error("the database cannot be opened: {0}")]
    Database(String),
    #[error("the recurring schedule {name} of the template is refused: {message}")]
    Recurring { name: String, message: String },
    #[error("the settings are not in force: {0}")]
    Settings(String),
    #[error("this machine refused something needed: {0}")]
    Io(#[from] std::io::Error),
    #[error("{0}")]
    Story(String),
}
