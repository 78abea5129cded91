//! Which ways to follow the service account work for a user, given how the mini program was opened.
//!
//! The surprising one is `<official-account/>`: it shows in a handful of scenes only, and its failure is
//! invisible to the server, so it is offered only where it is known to show.

use serde::{Deserialize, Serialize};

/// A way to follow, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// The component `<official-account/>`: one tap.
    OfficialAccount,
    /// A QR code to press long: also binds without any unionid.
    Qrcode,
    /// A conversation, whose automatic reply tells how to follow.
    Contact,
    /// An article in a web-view.
    Article,
}

/// What this owner has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Available {
    pub service_account: bool,
    /// A `session_from` is set that the replies answer.
    pub contact: bool,
    pub article: bool,
}

/// Cold-start scenes in which `<official-account/>` shows: scanned QR code, trial entry, bar code, mini-program
/// code, code of a single article (docs/wechat.md §12). The hot-start scenes it also shows in count only after
/// a cold start in one of these, which the client reports instead.
const OFFICIAL_ACCOUNT_SCENES: [u32; 5] = [1011, 1017, 1025, 1047, 1124];

/// The ways that work in the scene of the last cold start (`wx.getLaunchOptionsSync`), best first; without a
/// scene, those that work everywhere. Whether the user needs one at all is the caller's question.
pub fn ways_to_follow(scene: Option<u32>, available: Available) -> Vec<Way> {
    if !available.service_account {
        return Vec::new();
    }
    let shows_official_account = scene.is_some_and(|scene| OFFICIAL_ACCOUNT_SCENES.contains(&scene));
    [
        (Way::OfficialAccount, shows_official_account),
        (Way::Qrcode, true),
        (Way::Contact, available.contact),
        (Way::Article, available.article),
    ]
    .into_iter()
    .filter_map(|(way, works)| works.then_some(way))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(scene: Option<u32>, available: Available, ways: &str) {
        let found = serde_json::to_value(ways_to_follow(scene, available)).expect("serializable").to_string();
        assert_eq!(found, ways, "{scene:?} {available:?}");
    }

    #[test]
    fn the_component_is_offered_only_where_it_shows() {
        let all = Available { service_account: true, contact: true, article: true };
        for scene in [1011, 1017, 1025, 1047, 1124] {
            check(Some(scene), all, r#"["official_account","qrcode","contact","article"]"#);
        }
        // From an app, from a long-pressed code, from chats, from the task bar.
        for scene in [1069, 1048, 1007, 1008, 1089, 1001] {
            check(Some(scene), all, r#"["qrcode","contact","article"]"#);
        }
        check(None, all, r#"["qrcode","contact","article"]"#);
    }

    #[test]
    fn only_what_the_owner_has_is_offered() {
        check(Some(1011), Available::default(), "[]");
        check(Some(1011), Available { contact: true, article: true, ..Available::default() }, "[]");
        let account = Available { service_account: true, ..Available::default() };
        check(Some(1011), account, r#"["official_account","qrcode"]"#);
        check(None, Available { article: true, ..account }, r#"["qrcode","article"]"#);
    }
}
