//! Pushes leave: over HTTP, with a deadline of five real seconds and up to two repeats (docs/wechat.md §1.7).
//!
//! Repeats carry the same document in a new envelope: timestamp, nonce and the random head of the
//! ciphertext are drawn again.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};

use super::Platform;
use super::accounts::Format;
use super::calendar::written;
use super::crypto::sign;
use super::oddities::{content_type, write};
use super::pushes::{Attempt, Push};
use super::random::Random;
use super::reply::{self, Reply};
use super::state::State;
use crate::faults::Fault;

/// WeChat hangs up after this long, in real time.
const DEADLINE: Duration = Duration::from_secs(5);
/// From one delivery to the next, in the world's time.
const REPEATED_AFTER: SignedDuration = SignedDuration::from_secs(5);
/// How long a human keeps a chat that was handed over (docs/wechat.md §3).
const HUMAN_SESSION: SignedDuration = SignedDuration::from_mins(30);

/// A push on its way.
struct Departed {
    n: usize,
    push: Push,
    format: Format,
    first_at: Timestamp,
}

impl Platform {
    /// The push's moment has come: now its fault, if one is planned, is met.
    pub(super) async fn depart(self, mut push: Push) {
        let further =
            match self.shared.faults.meet(&format!("push:{}", push.event), self.shared.timeline.now()) {
                Some(Fault::AfterS(seconds)) => {
                    let platform = self.clone();
                    let late = async move { platform.leave(push, false, 0).await };
                    return self.shared.timeline.after(SignedDuration::from_secs(seconds), late);
                }
                Some(Fault::Drop(true)) => return self.leave(push, true, 0).await,
                Some(Fault::Repeat(further)) => further,
                Some(Fault::ZeroMsgid(true)) => {
                    push.loses_its_msgid();
                    0
                }
                _ => 0,
            };
        self.leave(push, false, further).await;
    }

    async fn leave(self, push: Push, dropped: bool, further: u32) {
        let first_at = self.shared.timeline.now();
        let departed = {
            let mut state = self.state();
            let Some(format) = state.accounts.get(push.account).map(|account| account.format) else { return };
            let lost = if dropped {
                Some("a planned fault")
            } else if state.pushes.is_blacked_out(push.account, first_at) {
                Some("WeChat stopped pushing for a minute after too many failures")
            } else if state.callback_url(push.account).is_none() {
                Some("no callback URL is set")
            } else {
                None
            };
            let n = state.pushes.leaves(
                &push,
                &String::from_utf8_lossy(&write(&push.fields, format, &[])),
                first_at,
                lost,
            );
            if lost.is_some() {
                return;
            }
            Arc::new(Departed { n, push, format, first_at })
        };
        for _ in 0..further {
            let (platform, departed) = (self.clone(), departed.clone());
            self.shared.timeline.at(first_at, async move {
                platform.attempt(&departed).await;
            });
        }
        self.deliver(departed, 1).await;
    }

    /// Delivery number `nth`, and the plan for the next one if this one fails. Boxed, because deliveries
    /// plan deliveries.
    fn deliver(self, departed: Arc<Departed>, nth: u32) -> BoxFuture<'static, ()> {
        Box::pin(self.deliver_and_plan(departed, nth))
    }

    async fn deliver_and_plan(self, departed: Arc<Departed>, nth: u32) {
        let account = departed.push.account;
        let now = self.shared.timeline.now();
        if nth > 1 && self.state().pushes.is_blacked_out(account, now) {
            return;
        }
        if self.attempt(&departed).await {
            self.state().pushes.succeeded(account);
        } else if nth < self.shared.deliveries {
            let next_at = departed.first_at + REPEATED_AFTER * i32::try_from(nth).unwrap_or(i32::MAX);
            self.shared.timeline.at(next_at, self.clone().deliver(departed, nth + 1));
        } else {
            self.state().pushes.failed(account, self.shared.timeline.now());
        }
    }

    /// One call of the callback. Answers whether WeChat is content.
    async fn attempt(&self, departed: &Departed) -> bool {
        let now = self.shared.timeline.now();
        let Some(request) = self.state().envelope(departed, now) else { return false };
        let (status, answer) = self.post(request).await;

        let mut state = self.state();
        let verdict = match status {
            Some(200) => state.take_answer(departed, &answer, now),
            Some(_) => Err("the status is not 200".to_owned()),
            None => Err("there was no answer".to_owned()),
        };
        let content = verdict.is_ok();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        state
            .pushes
            .attempted(departed.n, Attempt { at: written(now), status, answer, refused: verdict.err() });
        content
    }

    async fn post(&self, request: Envelope) -> (Option<u16>, Vec<u8>) {
        let sent = self
            .shared
            .client
            .post(request.url)
            .header(http::header::CONTENT_TYPE, request.content_type)
            .header(http::header::USER_AGENT, "Mozilla/4.0")
            .body(request.body)
            .timeout(DEADLINE)
            .send()
            .await;
        match sent {
            Ok(response) => {
                let status = response.status().as_u16();
                match response.bytes().await {
                    Ok(body) => (Some(status), body.to_vec()),
                    Err(_) => (None, Vec::new()),
                }
            }
            Err(_) => (None, Vec::new()),
        }
    }

    /// The GET with which the console checks a new URL (docs/wechat.md §1.2); `true` if it was answered right.
    pub async fn verify_callback(&self, name: super::AccountName) -> bool {
        let (url, echo) = {
            let mut state = self.state();
            let now = self.shared.timeline.now();
            let (Some(url), Some(account)) = (state.callback_url(name), state.accounts.get(name).cloned())
            else {
                return false;
            };
            let echo = state.random.number().to_string();
            let (timestamp, nonce) = (now.as_second().to_string(), nonce(&mut state.random));
            let signature = sign(&[&account.callback_token, &timestamp, &nonce]);
            let query = format!("signature={signature}&timestamp={timestamp}&nonce={nonce}&echostr={echo}");
            (format!("{url}?{query}"), echo)
        };
        match self.shared.client.get(url).timeout(DEADLINE).send().await {
            Ok(answer) => answer.status() == 200 && answer.bytes().await.is_ok_and(|body| body == echo),
            Err(_) => false,
        }
    }
}

/// A delivery as it goes over the wire.
struct Envelope {
    url: String,
    content_type: &'static str,
    body: String,
}

impl State {
    /// What is entered in the account's console, or else where callbacks go in this world.
    pub(crate) fn callback_url(&self, name: super::AccountName) -> Option<String> {
        let entered = self.accounts.get(name)?.callback_url.clone();
        let usual = || Some(format!("{}{}", self.pushes.callback_url.as_ref()?, name.callback_path()));
        entered.or_else(usual)
    }

    fn envelope(&mut self, departed: &Departed, now: Timestamp) -> Option<Envelope> {
        let Departed { push, format, .. } = departed;
        let account = self.accounts.get(push.account)?.clone();
        let url = self.callback_url(push.account)?;
        let openid = self.users.get(push.user).openid(push.account)?;
        let nonce = nonce(&mut self.random);
        let random = self.random.bytes();
        let oddities = &account.oddities;
        let wrapped =
            account.wrap(*format, write(&push.fields, *format, oddities), openid, now, &nonce, random);
        Some(Envelope {
            url: format!("{url}?{}", wrapped.query_string()),
            content_type: content_type(wrapped.content_type, oddities),
            body: wrapped.body,
        })
    }

    /// Does what the answer says; the reason in words if WeChat does not take it.
    fn take_answer(&mut self, departed: &Departed, answer: &[u8], now: Timestamp) -> Result<(), String> {
        let Departed { n, push, .. } = departed;
        let account = self.accounts.get(push.account).ok_or("the account is gone")?;
        let reply = reply::read(answer, account, push)?;
        if let Reply::Message(body) = &reply
            && let Some(media_id) = body.pointer("/Image/MediaId").and_then(serde_json::Value::as_str)
            && self.media.get(push.account, media_id, now).is_err()
        {
            return Err("MediaId of the reply is not one of the account's".to_owned());
        }
        if reply != Reply::Nothing && self.pushes.replies_first(*n) {
            let user = self.users.get_mut(push.user);
            match reply {
                Reply::Nothing => {}
                Reply::Transfer => user.chat(push.account).human_until = Some(now + HUMAN_SESSION),
                Reply::Message(body) => {
                    user.receives(now, super::Place::ServiceAccount, super::MessageKind::Reply, body);
                }
            }
        }
        Ok(())
    }
}

fn nonce(random: &mut Random) -> String {
    (random.number() % 2_000_000_000).to_string()
}
