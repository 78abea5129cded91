//! `user show`, `find`, `export`, `forget`.

use serde_json::json;

use crate::arguments::User;
use crate::failure::Failure;
use crate::session::Session;
use crate::words::Word;

pub(super) async fn run(what: User, session: &mut Session<'_, '_>) -> Result<(), Failure> {
    let language = session.language;
    match what {
        User::Show { openid } => session.show(json!({ "operation": "user.show", "openid": openid })).await,
        User::Find { reminder } => {
            let found = session.ask(json!({ "operation": "user.find", "reminder": reminder })).await?;
            session.tell(&found, |found| {
                let text = |name: &str| found[name].as_str().unwrap_or_default();
                language.say(Word::Find, &[&text("id"), &text("openid")])
            });
            Ok(())
        }
        User::Export { openid } => {
            // One document for whoever asked for it: JSON, also for people.
            let document = session.ask(json!({ "operation": "user.export", "openid": openid })).await?;
            session.terminal.print_json(&document);
            Ok(())
        }
        User::Forget { openid } => {
            session.confirm(Word::ForgetUser, &[&openid, &session.place()])?;
            let answer = session.ask(json!({ "operation": "user.forget", "openid": openid })).await?;
            session.tell(&answer, |answer| {
                language.say(Word::Forgotten, &[&answer["forgotten_at"].as_str().unwrap_or_default()])
            });
            Ok(())
        }
    }
}
