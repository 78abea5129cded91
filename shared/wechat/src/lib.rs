//! The WeChat platform: callbacks in, replies out, API client, error codes.
//!
//! What WeChat says on the wire is read and written here and nowhere else; what the product makes of it, it
//! knows nothing about. There is no AWS in it, no web framework, no clock and no chance: now and random bytes
//! are arguments, the seam to the outside is a base URL. Nothing it prints or fails with shows a secret, an
//! openid in full, an address with a token in it, or anybody's words.
//!
//! # A callback arrives
//! ```text
//! query, body ─ CallbackAccount::open ─→ Exchange { callback } ─ answer(Option<Reply>) ─→ Answer
//!   is it fresh, signed, for us?           who, when, Message | Event  `success`, or the reply,
//!   (else CallbackError: 403)              identity() for dedupe       encrypted as the callback was
//! ```
//!
//! # A message is sent
//! ```text
//! Client::template_send … ─→ Ok(SentMessage) WeChat took it; a receipt follows as Event
//!                            NotSent         it never left: repeat
//!                            Unknown         it may have arrived: repeat only where that is harmless
//!                            Refused         ErrCode::class() says what to do, advice() says it to people
//! ```
//!
//! # Code map
//! - `ids`, `secret`: a type for each of the platform's identifiers and secrets.
//! - `envelope/`: is this WeChat? Signatures, AES, modes, keys; the envelope of the answer.
//! - `document/`: XML or JSON into fields with names; `flat` reads the usual XML, `xml` all of it.
//! - `callback/`: fields into [`Callback`], and what tells two of them apart.
//! - `reply`: passive replies into XML or JSON.
//! - `client/`: a file for each family of calls; `call` sends, `error` sorts what comes of it.
//! - `errcode/`: one table of every code, its class, its meaning and what to do; `named` those that decide.
//! - `said`: what people read, in English and Chinese.
//!
//! Section numbers ("docs/wechat.md §9.2") refer to the platform's rules as written down for this project.

mod callback;
mod client;
mod document;
mod envelope;
mod errcode;
mod ids;
mod reply;
mod said;
mod secret;

pub use callback::{
    Callback, Content, DeliveryOutcome, Event, Message, SentResult, SubscribeChoice, SubscribeStatus,
};
pub use client::{
    CallError, Client, ClientConfig, ClientError, CustomMessage, FollowerPage, IssuedToken, MAX_BATCHGET,
    MAX_PICTURE_BYTES, MiniProgramLink, MiniProgramState, Notification, Picture, PrivateTemplate, QrCode,
    Quota, RateLimit, Refusal, SentMessage, Session, SubscribeMessage, SubscriptionTemplate, TemplateMessage,
    UploadedMedia, UserInfo, tls,
};
pub use document::Malformation;
pub use envelope::{
    Answer, CallbackAccount, CallbackError, CallbackMode, CallbackQuery, EncodingAesKey, Exchange, KeyError,
    MAX_CALLBACK_BYTES, MAX_CLOCK_SKEW_S,
};
pub use errcode::{ErrClass, ErrCode};
pub use ids::{AppId, MediaId, MsgId, OpenId, OriginalId, TemplateId, UnionId};
pub use reply::Reply;
pub use said::{InChinese, Said};
pub use secret::{AccessToken, AppSecret, CallbackToken, SessionKey};
