//! One page: the answer of an operation in the words of the command line, in HTML that needs no script.

use axum::http::StatusCode;
use reminder_core::random::is_id;
use serde_json::{Value, json};

use super::html::escaped;
use super::{app, form};
use crate::failure::Failure;
use crate::findings;
use crate::language::Language;
use crate::operations::Operations;
use crate::sheet::sheet;
use crate::story::told;
use crate::words::Word;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:1.5em;max-width:80em}\
nav a,nav form{margin-right:1.2em;display:inline-block}textarea{width:100%;font:14px/1.4 ui-monospace,monospace}pre{overflow:auto;background:#f5f5f5;padding:1em}";

pub(super) async fn of(
    path: &str,
    query: &str,
    operations: &Operations,
    language: Language,
) -> (StatusCode, String) {
    if path == form::PATH {
        let (status, shown) = form::show(operations, language).await;
        return (status, around(&shown, operations.place(), language));
    }
    let (status, text) = match text(path, query, operations, language).await {
        Ok(Some(text)) => (StatusCode::OK, text),
        Ok(None) => (StatusCode::NOT_FOUND, language.say(Word::ConsoleNothing, &[])),
        Err(failure @ Failure::Answer(_)) => (StatusCode::OK, failure.text(language)),
        Err(failure) => (StatusCode::BAD_GATEWAY, failure.text(language)),
    };
    let shown = format!("<pre>{}</pre>", linked(&text));
    (status, around(&shown, operations.place(), language))
}

async fn text(
    path: &str,
    query: &str,
    operations: &Operations,
    language: Language,
) -> Result<Option<String>, Failure> {
    let field = |name: &str| {
        let mut fields = form_urlencoded::parse(query.as_bytes());
        fields.find(|(field, _)| field == name).map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let asked = |event: Value| async move { operations.ask(&event, language).await };
    Ok(Some(match path {
        "doctor" => {
            let event = json!({ "operation": "doctor", "language": language.code() });
            findings::shown(&asked(event).await?, language)
        }
        "templates" => sheet(&asked(json!({ "operation": "templates.list" })).await?),
        "quota" => sheet(&asked(json!({ "operation": "quota.show" })).await?),
        "stats" => sheet(&asked(json!({ "operation": "stats", "days": app::STATS_DAYS })).await?),
        "user" => sheet(&asked(json!({ "operation": "user.show", "openid": field("openid") })).await?),
        "why" => told(&operations.story(&field("reminder"), language).await?, language),
        _ => return Ok(None),
    }))
}

/// A whole page with this on it.
pub(super) fn around(shown: &str, place: &str, language: Language) -> String {
    let say = |word| escaped(&language.say(word, &[]));
    let title = escaped(&language.say(Word::ConsoleTitle, &[&place]));
    let links: String = [
        ("doctor", Word::ConsoleDoctor),
        (form::PATH, Word::ConsoleSettings),
        ("templates", Word::ConsoleTemplates),
        ("quota", Word::ConsoleQuota),
        ("stats", Word::ConsoleStats),
    ]
    .map(|(path, word)| format!("<a href=\"{path}\">{}</a>", say(word)))
    .concat();
    let forms: String = [("user", "openid", Word::ConsoleUser), ("why", "reminder", Word::ConsoleWhy)]
        .map(|(path, field, word)| {
            format!(
                "<form action=\"{path}\"><label>{} <input name=\"{field}\" size=\"30\" required></label> \
                 <button>{}</button></form>",
                say(word),
                say(Word::ConsoleShow)
            )
        })
        .concat();
    let lang = if language == Language::English { "en" } else { "zh-CN" };
    format!(
        "<!doctype html><html lang=\"{lang}\"><meta charset=\"utf-8\"><title>{title}</title><style>{STYLE}</style>\
         <h1>{title}</h1><nav>{links}<br>{forms}</nav>{shown}</html>"
    )
}

/// Escaped; what looks like a reminder's id leads to its story.
fn linked(text: &str) -> String {
    let mut shown = String::new();
    for part in text.split_inclusive(|character: char| !character.is_ascii_alphanumeric()) {
        let word = part.trim_end_matches(|character: char| !character.is_ascii_alphanumeric());
        if is_id(word) {
            shown.push_str(&format!(
                "<a href=\"why?reminder={word}\">{word}</a>{}",
                escaped(&part[word.len()..])
            ));
        } else {
            shown.push_str(&escaped(part));
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_words_are_no_html_and_ids_are_links() {
        for (text, shown) in [
            ("<b>护照</b> & \"x\"", "&lt;b&gt;护照&lt;/b&gt; &amp; &quot;x&quot;"),
            (
                "aaaaabbbbbcccccddddd, <",
                "<a href=\"why?reminder=aaaaabbbbbcccccddddd\">aaaaabbbbbcccccddddd</a>, &lt;",
            ),
            ("aaaaabbbbbcccccddddde", "aaaaabbbbbcccccddddde"),
        ] {
            assert_eq!(linked(text), shown);
        }
    }
}
