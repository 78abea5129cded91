//! "The belief never exceeds the truth, except between a user's refusal and its event." The belief is in the table, the
//! truth on the platform.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;
use simulator::wechat::{Callback, UserView};

use super::Violation;
use super::strangers::Table;
use crate::walk::actions::NOTIFICATION;

/// Somebody took their consent back.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) name: String,
    pub(crate) template_id: String,
    pub(crate) at: Timestamp,
}

pub(crate) const NAME: &str = "ledger";

/// Answers the first belief that exceeds the truth. A user may have been linked, by a scanned code, with a follower who
/// is another person: what is believed of the service account's template belongs to that follower.
pub(crate) fn judge(
    users: &[UserView],
    table: &Table,
    refusals: &[Refusal],
    callbacks: &[Callback],
) -> Result<(), Violation> {
    let mut believed: BTreeMap<(String, String), u64> = BTreeMap::new();
    for (key, item) in table.iter().filter(|(key, _)| key.ends_with(" PROFILE")) {
        let Some(doc) = item["doc"]["S"].as_str().and_then(|doc| serde_json::from_str::<Value>(doc).ok())
        else {
            continue;
        };
        for (template_id, ledger) in doc["credits"].as_object().into_iter().flatten() {
            let of_service_account = key.starts_with("USER#") && template_id == NOTIFICATION;
            let openid = if of_service_account { &doc["link"]["openid"] } else { &doc["openid"] };
            let openid = openid.as_str().unwrap_or_default().to_owned();
            *believed.entry((openid, template_id.clone())).or_default() +=
                ledger["count"].as_u64().unwrap_or_default();
        }
    }
    for ((openid, template_id), believed) in believed.into_iter().filter(|(_, believed)| *believed > 0) {
        let whose = |user: &&UserView| {
            user.mini_program_openid == openid || user.service_account_openid.as_ref() == Some(&openid)
        };
        let user = users.iter().find(whose);
        let truth = user.and_then(|user| user.credits.get(&template_id)).copied().unwrap_or_default();
        if believed > u64::from(truth) && !is_refusal_on_its_way(user, &template_id, refusals, callbacks) {
            let name = user.map_or("nobody", |user| &user.name);
            let what = format!(
                "{believed} credits of {name} are believed in, the platform has {truth} ({template_id})"
            );
            return Err(Violation::new(NAME, None, what));
        }
    }
    Ok(())
}

/// The user's last refusal has not been taken by the callback: it may not even have left.
fn is_refusal_on_its_way(
    user: Option<&UserView>,
    template_id: &str,
    refusals: &[Refusal],
    callbacks: &[Callback],
) -> bool {
    let theirs =
        |one: &&Refusal| user.is_some_and(|user| user.name == one.name) && one.template_id == template_id;
    let Some(last) = refusals.iter().rev().find(theirs) else { return false };
    let created = last.at.as_second().to_string();
    let taken = callbacks.iter().any(|callback| {
        callback.event == "subscribe_msg_change_event"
            && callback.document.contains(template_id)
            && callback.document.contains(&created)
            && callback.attempts.iter().any(|attempt| attempt.status == Some(200))
    });
    !taken
}
