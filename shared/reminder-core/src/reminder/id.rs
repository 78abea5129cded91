//! The id of a reminder: eight characters that tell whose it is, and twelve of its own.
//!
//! Logs carry ids and no openids. The first eight are of a hash of the openid: whoever has the openid can check them, and
//! the index finds the profile that has them; nothing leads from them back to the openid.

use sha2::{Digest, Sha256};
use wechat::OpenId;

use crate::random;

const OWNER_TAG_CHARS: usize = 8;

/// What all ids of this user's reminders begin with.
pub fn owner_tag(openid: &OpenId) -> String {
    random::base32(&Sha256::digest(openid.as_str()), OWNER_TAG_CHARS)
}

/// The owner tag in an id.
pub fn owner_tag_of(id: &str) -> Option<&str> {
    random::is_id(id).then(|| &id[..OWNER_TAG_CHARS])
}

/// An id that nobody has.
pub fn drawn(openid: &OpenId) -> String {
    of_owner(openid, &random::id())
}

/// The same for the same key, as long as the user keeps this profile (known by when it was made): what they registered
/// before they were forgotten must not be met again.
pub fn derived(openid: &OpenId, profile: i64, idempotency_key: &str) -> String {
    let mut hash = Sha256::new();
    for part in [openid.as_str(), &profile.to_string(), idempotency_key] {
        hash.update(part);
        hash.update([0]);
    }
    of_owner(openid, &random::base32(&hash.finalize(), random::ID_CHARS))
}

fn of_owner(openid: &OpenId, own: &str) -> String {
    let mut id = owner_tag(openid);
    id.extend(own.chars().take(random::ID_CHARS - OWNER_TAG_CHARS));
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_tells_whose_it_is_and_which_profile_its_key_was_used_with() {
        let (alice, bob): (OpenId, OpenId) = ("o-alice".into(), "o-bob".into());
        let (then, later) = (1_800_000_000_000, 1_800_000_000_001);
        let id = derived(&alice, then, "passport");
        assert!(random::is_id(&id) && random::is_id(&drawn(&alice)));
        assert_eq!(owner_tag_of(&id), Some(owner_tag(&alice).as_str()));
        assert_eq!(owner_tag_of(&drawn(&alice)), owner_tag_of(&id));
        assert_ne!(owner_tag(&alice), owner_tag(&bob));
        assert_eq!(derived(&alice, then, "passport"), id);
        for other in [derived(&alice, then, "milk"), derived(&alice, later, "passport"), drawn(&alice)] {
            assert_ne!(other, id);
        }
        assert_eq!(owner_tag_of("护照护照护照护照护照护照护"), None);
    }
}
