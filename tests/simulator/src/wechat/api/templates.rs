//! Lists of an account's message templates (docs/wechat.md §9.5, §10.5).

use serde_json::{Value, json};

use super::answer::{Answer, Outcome};
use super::call::Call;
use crate::wechat::accounts::AccountName;
use crate::wechat::state::State;
use crate::wechat::templates::{Api, Kind};

/// `newtmpl/gettemplate`: those for subscription messages.
pub(crate) fn subscription(state: &mut State, _call: &Call, account: AccountName) -> Outcome {
    let data: Vec<Value> = state
        .templates
        .of(account, Api::Subscription)
        .map(|template| {
            json!({
                "priTmplId": template.template_id,
                "title": template.title,
                "content": template.content(),
                "example": template.example(),
                "keywordEnumValueList": template
                    .fixed_values
                    .iter()
                    .map(|(keyword, values)| json!({ "keywordCode": keyword, "enumValueList": values }))
                    .collect::<Vec<_>>(),
                "type": match template.kind { Kind::OneTime => 2, Kind::LongTerm => 3 },
            })
        })
        .collect();
    Ok(Answer::Json(json!({ "errcode": 0, "errmsg": "ok", "data": data })))
}

/// `template/get_all_private_template`: those for template messages.
pub(crate) fn private(state: &mut State, _call: &Call, account: AccountName) -> Outcome {
    let list: Vec<Value> = state
        .templates
        .of(account, Api::Template)
        .map(|template| {
            json!({
                "template_id": template.template_id,
                "title": template.title,
                "primary_industry": "",
                "deputy_industry": "",
                "content": template.content(),
                "example": template.example(),
            })
        })
        .collect();
    Ok(Answer::Json(json!({ "template_list": list })))
}
