//! A secret that somebody else has, too, and shows with every request (docs/design.md §7): what a CDN or relay in front of
//! the API adds. While it is changed, the one before is as good.

use secrecy::{ExposeSecret, SecretString};
use subtle::{Choice, ConstantTimeEq};
use wechat::{Said, said};

/// Nobody guesses as many characters, at whatever rate.
const CHARS_MIN: usize = 32;

#[derive(Debug)]
pub struct SharedSecret {
    current: SecretString,
    /// The one before, while whoever else has it is being changed.
    previous: Option<SecretString>,
}

impl SharedSecret {
    /// See [`with_the_one_before`].
    pub(super) fn check(
        name: &str,
        current: Option<String>,
        previous: Option<String>,
    ) -> Result<Option<Self>, Said> {
        let both = with_the_one_before(name, current, previous, usable)?;
        Ok(both.map(|(current, previous)| Self { current, previous }))
    }

    /// Whether this is the secret, or the one before. Takes as long whatever is given of its length.
    pub fn is(&self, given: &[u8]) -> bool {
        let equals = |secret: &SecretString| secret.expose_secret().as_bytes().ct_eq(given);
        let previous = self.previous.as_ref().map_or(Choice::from(0), equals);
        (equals(&self.current) | previous).into()
    }
}

/// Reads the fields `name` and `previous_name`, of a secret that is changed while both are good. `None` where the owner has
/// set none. An empty one is a slip, and no wish to stand open; an empty previous one is none.
pub(crate) fn with_the_one_before<T>(
    name: &str,
    current: Option<String>,
    previous: Option<String>,
    read: impl Fn(&str, String) -> Result<T, Said>,
) -> Result<Option<(T, Option<T>)>, Said> {
    let previous = previous.filter(|secret| !secret.is_empty());
    let previous_name = format!("previous_{name}");
    match current {
        None if previous.is_some() => {
            Err(said!("{previous_name} is there, and no {name}", "有 {previous_name}，却没有 {name}"))
        }
        None => Ok(None),
        Some(current) => {
            let previous = previous.map(|secret| read(&previous_name, secret)).transpose()?;
            Ok(Some((read(name, current)?, previous)))
        }
    }
}

/// What a header can carry, and no reader of headers trims.
fn usable(name: &str, secret: String) -> Result<SecretString, Said> {
    match secret.len() >= CHARS_MIN && secret.bytes().all(|byte| byte.is_ascii_graphic()) {
        true => Ok(secret.into()),
        false => Err(said!(
            "{name} must be at least {CHARS_MIN} visible ASCII characters without spaces",
            "{name} 至少 {CHARS_MIN} 个可见 ASCII 字符，不能有空格"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEW: &str = "0123456789abcdef0123456789abcdef";
    const OLD: &str = "fedcba9876543210fedcba9876543210-and-longer";

    fn check(current: Option<&str>, previous: Option<&str>) -> Result<Option<SharedSecret>, String> {
        SharedSecret::check("origin_secret", current.map(str::to_owned), previous.map(str::to_owned))
            .map_err(|fault| fault.english)
    }

    #[test]
    fn the_secret_and_the_one_before_are_known() {
        for (previous, given, expected) in [
            (None, NEW, true),
            (None, OLD, false),
            (Some(""), NEW, true),
            (Some(""), "", false),
            (Some(OLD), NEW, true),
            (Some(OLD), OLD, true),
            (Some(OLD), "", false),
            (Some(OLD), &NEW[1..], false),
            (Some(OLD), &NEW.to_uppercase(), false),
            (Some(OLD), &format!("{NEW},{NEW}"), false),
        ] {
            let secret = check(Some(NEW), previous).expect("good ones").expect("there is one");
            assert_eq!(secret.is(given.as_bytes()), expected, "{previous:?} {given:?}");
        }
    }

    #[test]
    fn what_no_header_carries_or_anybody_can_guess_is_refused() {
        let unusable =
            |name: &str| format!("{name} must be at least 32 visible ASCII characters without spaces");
        for (current, previous, expected) in [
            (None, None, None),
            (None, Some(""), None),
            (None, Some(NEW), Some("previous_origin_secret is there, and no origin_secret".to_owned())),
            (Some(""), None, Some(unusable("origin_secret"))),
            (Some(&NEW[1..]), None, Some(unusable("origin_secret"))),
            (Some("0123456789abcdef 123456789abcdef"), None, Some(unusable("origin_secret"))),
            (Some("0123456789abcdef0123456789abcdef\n"), None, Some(unusable("origin_secret"))),
            (Some("护照护照护照护照护照护照护照护照护照护照护照护照"), None, Some(unusable("origin_secret"))),
            (Some(NEW), Some("short"), Some(unusable("previous_origin_secret"))),
        ] {
            assert_eq!(check(current, previous).err(), expected, "{current:?} {previous:?}");
        }
    }

    #[test]
    fn nothing_of_it_is_printed() {
        let printed = format!("{:?}", check(Some(NEW), Some(OLD)));
        assert!(!printed.contains(NEW) && !printed.contains(OLD), "{printed}");
    }
}
