//! People answer subscription prompts, and change their minds (docs/wechat.md §3.1, §9.4, §11.1).

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{Path, State as Shared};
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::verb::{Outcome, Rejection, act_as};
use crate::sabotage::Sabotage;
use crate::wechat::Platform;
use crate::wechat::accounts::AccountName;
use crate::wechat::document::{Field, Fields};
use crate::wechat::pushes::{PushKind, field};
use crate::wechat::state::State;
use crate::wechat::templates::{Api, Template};
use crate::wechat::users::UserIndex;

/// Templates of one prompt.
const TEMPLATES_AT_MOST: usize = 5;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Choice {
    Accept,
    Reject,
    Ban,
    Filter,
}

impl Choice {
    fn in_words(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Reject => "reject",
            Self::Ban => "ban",
            Self::Filter => "filter",
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Answer {
    ToAll(Choice),
    Each(BTreeMap<String, Choice>),
}

impl Answer {
    fn to(&self, template_id: &str) -> Option<Choice> {
        match self {
            Self::ToAll(choice) => Some(*choice),
            Self::Each(choices) => choices.get(template_id).copied(),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Subscribe {
    template_ids: OneOrMany,
    #[serde(default = "accept")]
    answer: Answer,
    /// "Always keep this choice": the accept counts, but no popup, hence no event.
    #[serde(default)]
    silent: bool,
    /// Of a service account's prompt: 1 web page, 2 article.
    popup_scene: Option<u8>,
}

fn accept() -> Answer {
    Answer::ToAll(Choice::Accept)
}

/// `wx.requestSubscribeMessage`, or the service account's button in an article.
pub(super) async fn subscribe(
    Shared(platform): Shared<Platform>,
    Path(name): Path<String>,
    body: Bytes,
) -> Response {
    act_as(&platform, &name, &body, answer_prompt).await
}

fn answer_prompt(state: &mut State, now: Timestamp, user: UserIndex, prompt: Subscribe) -> Outcome {
    let templates = find_all(state, prompt.template_ids)?;
    let first = &templates[0];
    if templates.iter().any(|template| template.kind != first.kind) {
        return Err(Rejection::field(
            "template_ids",
            "one-time and long-term templates cannot be mixed (20002)",
        ));
    }
    let scene = match (first.account, prompt.popup_scene) {
        (AccountName::MiniProgram, None | Some(0)) => 0,
        (AccountName::ServiceAccount, None) => 2,
        (AccountName::ServiceAccount, Some(scene @ (1 | 2))) => scene,
        _ => {
            return Err(Rejection::field(
                "popup_scene",
                "is 0 for the mini program, 1 or 2 for the service account",
            ));
        }
    };
    let hides = state.sabotage == Some(Sabotage::HidesAccepts);
    let mut result = json!({ "errMsg": "requestSubscribeMessage:ok" });
    let mut entries: Vec<Fields> = Vec::new();
    for template in &templates {
        let choice = prompt.answer.to(&template.template_id).ok_or_else(|| {
            Rejection::field("answer", format_args!("says nothing about {:?}", template.template_id))
        })?;
        result[&template.template_id] = json!(if hides { Choice::Reject } else { choice });
        if matches!(choice, Choice::Accept | Choice::Reject) {
            let mut entry = status_fields(template, choice);
            entry.push(field("PopupScene", Field::digits(scene)));
            entries.push(entry);
        }
    }
    let forgets = state.sabotage == Some(Sabotage::ForgetsCredits);
    let credits = &mut state.users.get_mut(user).credits;
    for template in templates.iter().filter(|_| !forgets) {
        if prompt.answer.to(&template.template_id) == Some(Choice::Accept) {
            credits.accept(template);
        }
    }
    let tells = !prompt.silent && !hides;
    if tells && !entries.is_empty() {
        let list = Field::List { wrapper: "SubscribeMsgPopupEvent", entries };
        let kind = PushKind::Event("subscribe_msg_popup_event");
        state.push(first.account, user, kind, now, vec![field("List", list)]);
    }
    Ok(result)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Refuse {
    template_ids: OneOrMany,
}

/// The user switches templates off in the settings: nothing of what they accepted is left.
pub(super) async fn refuse(
    Shared(platform): Shared<Platform>,
    Path(name): Path<String>,
    body: Bytes,
) -> Response {
    act_as(&platform, &name, &body, |state, now, user, refuse: Refuse| {
        let templates = find_all(state, refuse.template_ids)?;
        let credits = &mut state.users.get_mut(user).credits;
        templates.iter().for_each(|template| credits.revoke(template));
        let entries = templates.iter().map(|template| status_fields(template, Choice::Reject)).collect();
        let list = Field::List { wrapper: "SubscribeMsgChangeEvent", entries };
        let kind = PushKind::Event("subscribe_msg_change_event");
        state.push(templates[0].account, user, kind, now, vec![field("List", list)]);
        Ok(json!({ "credits": state.users.get(user).credits.counts() }))
    })
    .await
}

fn status_fields(template: &Template, choice: Choice) -> Fields {
    vec![
        field("TemplateId", Field::text(template.template_id.as_str())),
        field("SubscribeStatusString", Field::text(choice.in_words())),
    ]
}

/// At least one template, all of one account, none twice.
fn find_all(state: &State, ids: OneOrMany) -> Result<Vec<Template>, Rejection> {
    let ids = match ids {
        OneOrMany::One(id) => vec![id],
        OneOrMany::Many(ids) => ids,
    };
    if ids.is_empty() {
        return Err(Rejection::field("template_ids", "must not be empty (10001)"));
    }
    if ids.len() > TEMPLATES_AT_MOST {
        return Err(Rejection::field("template_ids", "may be at most five (20003)"));
    }
    let mut found: Vec<Template> = Vec::new();
    for id in ids {
        let template = AccountName::ALL
            .into_iter()
            .find_map(|account| state.templates.find(account, Api::Subscription, &id))
            .ok_or_else(|| {
                let problem =
                    format!("{id:?} is no template for subscription messages of either account (10004)");
                Rejection::field("template_ids", problem)
            })?;
        if found.first().is_some_and(|first| first.account != template.account) {
            return Err(Rejection::field("template_ids", "must all be of one account"));
        }
        if !found.contains(template) {
            found.push(template.clone());
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_is_read_in_its_long_and_its_short_form() {
        for (text, accepted) in [
            (json!({ "template_ids": "T1" }), Some(Choice::Accept)),
            (json!({ "template_ids": ["T1"], "answer": "reject" }), Some(Choice::Reject)),
            (json!({ "template_ids": ["T1"], "answer": { "T1": "ban" } }), Some(Choice::Ban)),
            (json!({ "template_ids": ["T1"], "answer": { "T2": "ban" } }), None),
        ] {
            let prompt: Subscribe = serde_json::from_value(text.clone()).expect("a valid prompt");
            assert_eq!(prompt.answer.to("T1"), accepted, "{text}");
        }
    }
}
