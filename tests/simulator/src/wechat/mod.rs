//! A WeChat platform with memory: it keeps state and refuses what WeChat refuses, in WeChat's own words.
//!
//! Its specification is docs/wechat.md, above all §15; the product's own WeChat crate is never looked
//! at, so that one misreading cannot cancel itself out.
//!
//! | what | where |
//! | --- | --- |
//! | API calls in, answers out | `api/` |
//! | what people do with their phones | `control/` |
//! | pushes out, replies in | `events`, `pushes` (the books), `deliver`, `envelope`, `reply`, `document`, `crypto`, `xml` |
//! | what is remembered | `state`, and one file per concern |

mod accounts;
mod api;
mod calendar;
mod codes;
pub(crate) mod control;
mod credits;
mod crypto;
mod deliver;
mod document;
mod envelope;
mod events;
mod media;
mod oddities;
mod platform;
mod pushes;
mod qrcodes;
mod quotas;
mod random;
mod refusals;
mod reply;
mod sends;
mod sessions;
mod state;
mod templates;
mod tokens;
mod users;
mod values;
mod xml;

#[cfg(test)]
mod tests;

pub use self::accounts::{Account, AccountName, Accounts, Format, Mode, Oddity};
pub use self::envelope::Envelope;
pub(crate) use self::platform::loopback_client;
pub use self::platform::{Options, Platform};
pub use self::pushes::{Attempt, Callback};
pub use self::sends::SendRecord;
pub use self::templates::{Api, Kind, Template};
pub(crate) use self::users::PersonView;
pub use self::users::{InboxItem, MessageKind, Place, UserView};
