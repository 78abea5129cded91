//! Which ways to follow the service account work for a user, given how and where the mini program was opened.
//!
//! The surprising one is `<official-account/>`: it shows in a handful of scenes only, and its failure is
//! invisible to the server, so it is offered only where it is known to show.

use serde::Serialize;
use strum::VariantNames;

/// A way to follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Way {
    /// The component `<official-account/>`: one tap.
    OfficialAccount,
    /// The account's profile, by `wx.openOfficialAccountProfile`.
    Profile,
    /// A QR code to press long: also binds without any unionid.
    Qrcode,
    /// An article of the account.
    Article,
    /// A conversation, whose automatic reply tells how to follow.
    Contact,
}

/// What this owner has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Available {
    pub service_account: bool,
    /// The account's original id is known.
    pub profile: bool,
    /// A `session_from` is set that the replies answer.
    pub contact: bool,
    pub article: bool,
}

/// Who asks, and from where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Visitor {
    /// Of the last cold start (`wx.getLaunchOptionsSync`).
    pub scene: Option<u32>,
    /// HarmonyOS has no contact button.
    pub is_on_harmony_os: bool,
    /// A unionid of theirs is known: whoever follows is recognised. Without one only the QR code binds.
    pub is_linked: bool,
}

/// Cold-start scenes in which `<official-account/>` shows: scanned QR code, trial entry, bar code, mini-program
/// code, code of a single article (docs/wechat.md §12). The hot-start scenes it also shows in count only after
/// a cold start in one of these, which the client reports instead.
const OFFICIAL_ACCOUNT_SCENES: [u32; 5] = [1011, 1017, 1025, 1047, 1124];

/// The ways that work for this visitor, best first (docs/wechat.md §12). Whether they need one at all is the caller's
/// question.
pub fn ways_to_follow(visitor: Visitor, available: Available) -> Vec<Way> {
    if !available.service_account {
        return Vec::new();
    }
    let Visitor { scene, is_on_harmony_os, is_linked } = visitor;
    let shows_official_account = scene.is_some_and(|scene| OFFICIAL_ACCOUNT_SCENES.contains(&scene));
    [
        (Way::Qrcode, !is_linked),
        (Way::OfficialAccount, shows_official_account),
        (Way::Profile, available.profile && is_linked),
        (Way::Qrcode, is_linked),
        (Way::Article, available.article),
        (Way::Contact, available.contact && !is_on_harmony_os),
    ]
    .into_iter()
    .filter_map(|(way, works)| works.then_some(way))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Available = Available { service_account: true, profile: true, contact: true, article: true };
    const LINKED: Visitor = Visitor { scene: None, is_on_harmony_os: false, is_linked: true };

    fn check(visitor: Visitor, available: Available, ways: &str) {
        let found =
            serde_json::to_value(ways_to_follow(visitor, available)).expect("serializable").to_string();
        assert_eq!(found, ways, "{visitor:?} {available:?}");
    }

    #[test]
    fn the_component_is_offered_only_where_it_shows() {
        for scene in [1011, 1017, 1025, 1047, 1124] {
            let visitor = Visitor { scene: Some(scene), ..LINKED };
            check(visitor, ALL, r#"["official_account","profile","qrcode","article","contact"]"#);
        }
        // From an app, from a long-pressed code, from chats, from the task bar.
        for scene in [1069, 1048, 1007, 1008, 1089, 1001] {
            let visitor = Visitor { scene: Some(scene), ..LINKED };
            check(visitor, ALL, r#"["profile","qrcode","article","contact"]"#);
        }
        check(LINKED, ALL, r#"["profile","qrcode","article","contact"]"#);
    }

    #[test]
    fn where_no_unionid_links_them_only_the_code_binds() {
        let visitor = Visitor { scene: Some(1011), is_linked: false, ..LINKED };
        check(visitor, ALL, r#"["qrcode","official_account","article","contact"]"#);
    }

    #[test]
    fn harmony_os_has_no_contact_button() {
        let visitor = Visitor { is_on_harmony_os: true, ..LINKED };
        check(visitor, ALL, r#"["profile","qrcode","article"]"#);
        check(visitor, Available { article: false, ..ALL }, r#"["profile","qrcode"]"#);
    }

    #[test]
    fn only_what_the_owner_has_is_offered() {
        let scanned = Visitor { scene: Some(1011), ..LINKED };
        check(scanned, Available::default(), "[]");
        check(scanned, Available { service_account: false, ..ALL }, "[]");
        let account = Available { service_account: true, ..Available::default() };
        check(scanned, account, r#"["official_account","qrcode"]"#);
        check(LINKED, Available { article: true, ..account }, r#"["qrcode","article"]"#);
        check(LINKED, Available { profile: true, ..account }, r#"["profile","qrcode"]"#);
    }
}
