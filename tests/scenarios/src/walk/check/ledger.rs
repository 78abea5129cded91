//! "The belief never exceeds the truth, except between a user's refusal and its event." The belief is in the table, the
//! truth on the platform.

use std::collections::BTreeMap;

use serde_json::Value;
use simulator::wechat::{Callback, UserView};

use super::Violation;
use super::strangers::Table;

pub(crate) const NAME: &str = "ledger";

pub(crate) fn judge(users: &[UserView], table: &Table, callbacks: &[Callback]) -> Result<(), Violation> {
    for user in users {
        let mut believed: BTreeMap<String, u64> = BTreeMap::new();
        let mut keys = vec![format!("USER#{} PROFILE", user.mini_program_openid)];
        keys.extend(user.service_account_openid.iter().map(|openid| format!("FOLLOWER#{openid} PROFILE")));
        for item in keys.iter().filter_map(|key| table.get(key)) {
            let doc = item["doc"]["S"].as_str().and_then(|doc| serde_json::from_str::<Value>(doc).ok());
            let credits = doc.as_ref().and_then(|doc| doc["credits"].as_object());
            for (template_id, ledger) in credits.into_iter().flatten() {
                *believed.entry(template_id.clone()).or_default() +=
                    ledger["count"].as_u64().unwrap_or_default();
            }
        }
        for (template_id, believed) in believed {
            let truth = user.credits.get(&template_id).copied().unwrap_or_default();
            if believed > u64::from(truth) && !is_refusal_on_its_way(user, &template_id, callbacks) {
                let name = &user.name;
                let what = format!(
                    "{believed} credits of {name} are believed in, the platform has {truth} ({template_id})"
                );
                return Err(Violation::new(NAME, None, what));
            }
        }
    }
    Ok(())
}

/// The user's last refusal has not been taken by the callback.
fn is_refusal_on_its_way(user: &UserView, template_id: &str, callbacks: &[Callback]) -> bool {
    let theirs = |callback: &&Callback| {
        let openids = [Some(&user.mini_program_openid), user.service_account_openid.as_ref()];
        callback.event == "subscribe_msg_change_event"
            && callback.document.contains(template_id)
            && openids.into_iter().flatten().any(|openid| callback.document.contains(openid.as_str()))
    };
    let last = callbacks.iter().rev().find(theirs);
    last.is_some_and(|refusal| refusal.attempts.iter().all(|attempt| attempt.status != Some(200)))
}
