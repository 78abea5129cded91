//! One command, one file: which operation it asks, and how people are told.

pub(crate) mod completions;
mod doctor;
mod followers;
mod redrive;
mod settings;
pub(crate) mod setup;
mod user;
mod why;

use serde_json::json;

use crate::arguments::Command;
use crate::console;
use crate::failure::Failure;
use crate::session::Session;

pub(crate) async fn run(command: Command, session: &mut Session<'_, '_>) -> Result<(), Failure> {
    match command {
        Command::Doctor => doctor::run(session).await,
        Command::Settings(what) => settings::run(what, session).await,
        Command::Templates => session.show(json!({ "operation": "templates.list" })).await,
        Command::Quota => session.show(json!({ "operation": "quota.show" })).await,
        Command::Followers(what) => followers::run(what, session).await,
        Command::User(what) => user::run(what, session).await,
        Command::Why { reminder } => why::run(&reminder, session).await,
        Command::Redrive(which) => redrive::run(which, session).await,
        Command::Test { openid, template } => {
            session.show(json!({ "operation": "push.test", "openid": openid, "template": template })).await
        }
        Command::Stats { days } => session.show(json!({ "operation": "stats", "days": days })).await,
        Command::Console { port, idle } => console::serve(port, idle, session).await,
        // Done before there is a session.
        Command::Setup(_) | Command::Completions { .. } => Ok(()),
    }
}
