//! Codes of `wx.login`: good for one exchange within five minutes (docs/wechat.md §6.1).

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::random::Random;
use super::refusals::Refusal;
use super::users::UserIndex;

const LIFE: SignedDuration = SignedDuration::from_mins(5);

#[derive(Debug)]
struct JsCode {
    user: UserIndex,
    issued_at: Timestamp,
    used: bool,
}

#[derive(Debug, Default)]
pub(crate) struct JsCodes {
    issued: HashMap<String, JsCode>,
}

impl JsCodes {
    pub(crate) fn issue(&mut self, user: UserIndex, now: Timestamp, random: &mut Random) -> String {
        let code = format!("0{}", random.letters_and_digits(31));
        self.issued.insert(code.clone(), JsCode { user, issued_at: now, used: false });
        code
    }

    pub(crate) fn exchange(&mut self, code: &str, now: Timestamp) -> Result<UserIndex, Refusal> {
        let code = self.issued.get_mut(code).ok_or_else(|| Refusal::of(40029))?;
        if code.used {
            return Err(Refusal::of(40163));
        }
        if now.duration_since(code.issued_at) >= LIFE {
            return Err(Refusal::of(40029));
        }
        code.used = true;
        Ok(code.user)
    }
}
