//! The settings in a form: what is wrong stands above what was typed, and nobody's newer version is overwritten.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::html::escaped;
use crate::failure::Failure;
use crate::language::Language;
use crate::operations::Operations;
use crate::warnings::warnings;
use crate::words::Word;

pub(super) const PATH: &str = "settings";

const ROWS: usize = 40;

/// What is in force, to be changed.
pub(super) async fn show(operations: &Operations, language: Language) -> (StatusCode, String) {
    match operations.ask(&json!({ "operation": "settings.get" }), language).await {
        Ok(stored) => (StatusCode::OK, form("", &pretty(&stored["settings"]), &stored["version"], language)),
        // There are none yet.
        Err(failure @ Failure::Answer(_)) => {
            (StatusCode::OK, form(&failure.text(language), "", &json!(0), language))
        }
        Err(failure) => (StatusCode::BAD_GATEWAY, said(&failure.text(language))),
    }
}

/// Puts what was typed, if it was made from the version in force.
pub(super) async fn put(body: &[u8], operations: &Operations, language: Language) -> (StatusCode, String) {
    let field = |name: &str| {
        let mut fields = form_urlencoded::parse(body);
        fields.find(|(field, _)| field == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
    };
    let (typed, version) = (field("settings"), json!(field("version").parse::<u64>().ok()));
    let settings: Value = match serde_json::from_str(&typed) {
        Ok(settings) => settings,
        Err(error) => {
            let fault = language.say(Word::NoJson, &[&PATH, &error]);
            return (StatusCode::UNPROCESSABLE_ENTITY, form(&fault, &typed, &version, language));
        }
    };
    let event = json!({ "operation": "settings.put", "settings": settings, "if_version": version });
    match operations.ask(&event, language).await {
        Ok(answer) => {
            let done = language.say(Word::SettingsPut, &[&answer["version"]]);
            let told =
                std::iter::once(done).chain(warnings(&answer, language)).collect::<Vec<_>>().join("\n");
            (StatusCode::OK, form(&told, &pretty(&settings), &answer["version"], language))
        }
        Err(failure @ Failure::Answer(_)) => {
            (StatusCode::UNPROCESSABLE_ENTITY, form(&failure.text(language), &typed, &version, language))
        }
        Err(failure) => (StatusCode::BAD_GATEWAY, form(&failure.text(language), &typed, &version, language)),
    }
}

fn form(told: &str, typed: &str, version: &Value, language: Language) -> String {
    let say = |word| escaped(&language.say(word, &[]));
    let version_of = escaped(&language.say(Word::ConsoleVersion, &[version]));
    let told = if told.is_empty() { String::new() } else { said(told) };
    // The first line break of a textarea is not its text.
    format!(
        "{told}<form method=\"post\" action=\"{PATH}\"><input type=\"hidden\" name=\"version\" value=\"{version}\">\
         <p><label for=\"settings\">{version_of}</label></p>\
         <textarea id=\"settings\" name=\"settings\" rows=\"{ROWS}\" spellcheck=\"false\">\n{}</textarea>\
         <p><button>{}</button></p></form>",
        escaped(typed),
        say(Word::ConsolePut)
    )
}

fn said(text: &str) -> String {
    format!("<pre role=\"alert\">{}</pre>", escaped(text))
}

fn pretty(settings: &Value) -> String {
    serde_json::to_string_pretty(settings).unwrap_or_default()
}
