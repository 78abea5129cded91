//! The text in a QR code of ours: a bearer ticket, random, single-use, expiring, that says whose code it is.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use wechat::OpenId;

use crate::app::{App, AppError};
use crate::person::user::User;
use crate::random;
use crate::table::{IndexEntries, Item, Record, keys};

/// Codes are mostly scanned at once; an hour is enough for one that was photographed to be scanned later.
pub(super) const TICKET_VALID: SignedDuration = SignedDuration::from_hours(1);
/// What is shown again is good for so long at least: time enough to save the picture and to scan it.
const GOOD_FOR_AT_LEAST: SignedDuration = SignedDuration::from_mins(15);
/// Whoever scans it again, having used it up, is met by it for so long.
const TICKET_KEPT: SignedDuration = SignedDuration::from_hours(24);
/// What our tickets begin with; the owner may have other QR codes of the account, which are none of our business.
const PREFIX: &str = "bind:";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct BindTicket {
    pub scene_str: String,
    pub mini_openid: OpenId,
    pub expires_at: Timestamp,
    /// What WeChat made of it; none if WeChat did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<MadeCode>,
    /// The follower who used it up, as a digest: they may be forgotten, and the ticket is not theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_by: Option<String>,
}

/// A code as WeChat made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct MadeCode {
    /// What it says, to be drawn.
    pub url: String,
    /// WeChat's own picture of it.
    pub image_url: String,
}

impl BindTicket {
    pub(super) fn new(mini_openid: OpenId, now: Timestamp) -> Self {
        // 32 characters of base32 are 160 bits.
        let scene_str = format!("{PREFIX}{}", random::base32(&random::bytes::<20>(), 32));
        Self { scene_str, mini_openid, expires_at: now + TICKET_VALID, code: None, used_by: None }
    }

    pub(super) fn made_at(&self) -> Timestamp {
        self.expires_at - TICKET_VALID
    }

    pub(super) fn use_up(&mut self, service_openid: &OpenId) {
        self.used_by = Some(digest(service_openid));
    }

    /// Whether its code can be shown to the user again and still be scanned at leisure; one from before they were forgotten
    /// binds nobody.
    pub(super) fn is_good_for(&self, user: &User, now: Timestamp) -> bool {
        self.mini_openid == user.openid
            && user.created_at <= self.made_at()
            && self.used_by.is_none()
            && now + GOOD_FOR_AT_LEAST <= self.expires_at
    }

    /// Whether a scan at `at` (epoch seconds) counts. Not by the clock: the callback may come late, or again.
    fn was_good(&self, service_openid: &OpenId, at: i64) -> bool {
        at < self.expires_at.as_second() && self.is_usable_by(service_openid)
    }

    fn is_usable_by(&self, service_openid: &OpenId) -> bool {
        self.used_by.as_ref().is_none_or(|used_by| *used_by == digest(service_openid))
    }
}

fn digest(service_openid: &OpenId) -> String {
    random::base32(&Sha256::digest(service_openid.as_str()), 32)
}

impl Item for BindTicket {
    const KIND: &'static str = "bind ticket";

    fn key(&self) -> keys::Key {
        keys::bind_ticket(&self.scene_str)
    }

    fn indexed(&self) -> IndexEntries {
        IndexEntries { ttl: Some(self.expires_at + TICKET_KEPT), ..IndexEntries::default() }
    }
}

/// That this ticket is this user's: nothing in a ticket's key tells whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct TicketOfUser {
    pub mini_openid: OpenId,
    pub scene_str: String,
    pub expires_at: Timestamp,
}

impl TicketOfUser {
    pub(super) fn of(ticket: &BindTicket) -> Self {
        let BindTicket { mini_openid, scene_str, expires_at, .. } = ticket.clone();
        Self { mini_openid, scene_str, expires_at }
    }

    pub(super) fn made_at(&self) -> Timestamp {
        self.expires_at - TICKET_VALID
    }
}

impl Item for TicketOfUser {
    const KIND: &'static str = "bind ticket of a user";

    fn key(&self) -> keys::Key {
        keys::ticket_of_user(&self.mini_openid, &self.scene_str)
    }

    fn indexed(&self) -> IndexEntries {
        IndexEntries { ttl: Some(self.expires_at + TICKET_KEPT), ..IndexEntries::default() }
    }
}

/// The ticket in a code that was scanned at `at` (epoch seconds), if it was good then, and not used by somebody else.
pub(super) async fn usable(
    app: &App,
    scene: &str,
    service_openid: &OpenId,
    at: i64,
) -> Result<Option<Record<BindTicket>>, AppError> {
    if !scene.starts_with(PREFIX) {
        return Ok(None);
    }
    let Some(ticket) = app.table.get::<BindTicket>(keys::bind_ticket(scene)).await? else { return Ok(None) };
    let is_usable = ticket.item.was_good(service_openid, at);
    if !is_usable {
        tracing::info!("a used or expired bind ticket was scanned");
    }
    Ok(is_usable.then_some(ticket))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::instant;

    #[test]
    fn ticket_is_of_whoever_uses_it_up_first() {
        let now = instant("2027-01-10T10:00:00Z");
        let mut ticket = BindTicket::new("o1".into(), now);
        let [one, other] = ["s1", "s2"].map(OpenId::from);
        assert!(ticket.is_usable_by(&one) && ticket.is_usable_by(&other), "nobody has used it");
        ticket.use_up(&one);
        assert!(ticket.is_usable_by(&one), "scanned again, it is met by whoever used it");
        assert!(!ticket.is_usable_by(&other));
        assert!(ticket.used_by.is_some_and(|used_by| !used_by.contains("s1")), "a ticket tells of nobody");
    }

    #[test]
    fn no_two_tickets_say_the_same() {
        let now = instant("2027-01-10T10:00:00Z");
        let [one, other] = [BindTicket::new("o1".into(), now), BindTicket::new("o1".into(), now)];
        assert_ne!(one.scene_str, other.scene_str);
        assert!(one.scene_str.starts_with(PREFIX) && one.scene_str.len() == PREFIX.len() + 32);
    }

    #[test]
    fn ticket_is_good_for_an_hour_and_kept_for_a_day_more() {
        let now = instant("2027-01-10T10:00:00Z");
        let ticket = BindTicket::new("o1".into(), now);
        let of_user = TicketOfUser::of(&ticket);
        assert_eq!((&of_user.mini_openid, &of_user.scene_str), (&ticket.mini_openid, &ticket.scene_str));
        assert_eq!((ticket.made_at(), of_user.made_at()), (now, now));
        let ends = instant("2027-01-10T11:00:00Z");
        assert_eq!((ticket.expires_at, of_user.expires_at), (ends, ends));
        let goes = Some(instant("2027-01-11T11:00:00Z"));
        assert_eq!((ticket.indexed().ttl, of_user.indexed().ttl), (goes, goes));
    }

    #[test]
    fn scan_counts_within_the_hour_for_whoever_used_it_up() {
        let now = instant("2027-01-10T10:00:00Z");
        let fresh = BindTicket::new("o1".into(), now);
        let mut used = fresh.clone();
        used.use_up(&"s1".into());
        for (ticket, who, seconds, expected) in [
            (&fresh, "s1", 0, true),
            (&fresh, "s1", 3_599, true),
            (&fresh, "s1", 3_600, false),
            (&used, "s1", 3_599, true),
            (&used, "s1", 3_600, false),
            (&used, "s2", 0, false),
        ] {
            let at = now.as_second() + seconds;
            assert_eq!(ticket.was_good(&who.into(), at), expected, "{who} after {seconds} s");
        }
    }

    #[test]
    fn code_is_shown_again_to_its_user_while_it_is_good_for_a_quarter_of_an_hour() {
        let made = instant("2027-01-10T10:00:00Z");
        let fresh = || BindTicket::new("o1".into(), made);
        let mut used = fresh();
        used.use_up(&"s1".into());
        let user = |openid: &str, since| User::new(openid.into(), made + SignedDuration::from_secs(since));
        for (case, ticket, user, minutes, expected) in [
            ("at once", fresh(), user("o1", 0), 0, true),
            ("a quarter is left", fresh(), user("o1", 0), 45, true),
            ("less is left", fresh(), user("o1", 0), 46, false),
            ("somebody has scanned it", used, user("o1", 0), 0, false),
            ("it is another user's", fresh(), user("o2", 0), 0, false),
            ("of their profile before", fresh(), user("o1", 1), 0, false),
        ] {
            let now = made + SignedDuration::from_mins(minutes);
            assert_eq!(ticket.is_good_for(&user, now), expected, "{case}");
        }
    }
}
