//! How something that happened becomes a push: the fields that every one begins with.

use jiff::Timestamp;

use super::accounts::AccountName;
use super::document::{Field, Fields};
use super::pushes::{Push, PushKind, field};
use super::state::State;
use super::users::UserIndex;

/// Beyond what a double holds exactly.
const FIRST_MSG_ID: u64 = 24_680_000_000_000_000;

impl State {
    /// Puts down a push that concerns a user and is due at `due`. Its `CreateTime` is that instant.
    pub(crate) fn push(
        &mut self,
        account: AccountName,
        user: UserIndex,
        kind: PushKind<'_>,
        due: Timestamp,
        extra: Fields,
    ) {
        let openid = self.users.get(user).openid(account).unwrap_or_default().to_owned();
        self.push_from(account, user, &openid, kind, due, extra);
    }

    /// As [`State::push`], when `FromUserName` is not the user.
    pub(crate) fn push_from(
        &mut self,
        account: AccountName,
        user: UserIndex,
        from: &str,
        kind: PushKind<'_>,
        due: Timestamp,
        extra: Fields,
    ) {
        let Some(console) = self.accounts.get(account) else { return };
        let (event, is_message) = match kind {
            PushKind::Event(event) => (event, false),
            PushKind::Message(msg_type) => (msg_type, true),
        };
        let seconds = due.as_second();
        // In JSON the subscription events write their numbers as strings (docs/wechat.md §3).
        let created =
            if event.starts_with("subscribe_msg_") { Field::digits(seconds) } else { Field::number(seconds) };
        let mut fields = vec![
            field("ToUserName", Field::text(console.original_id.as_str())),
            field("FromUserName", Field::text(from)),
            field("CreateTime", created),
            field("MsgType", Field::text(if is_message { event } else { "event" })),
        ];
        if !is_message {
            fields.push(field("Event", Field::text(event)));
        }
        fields.extend(extra);
        if is_message {
            self.pushes.messages += 1 + self.random.number() % 1000;
            fields.push(field("MsgId", Field::number(FIRST_MSG_ID + self.pushes.messages)));
        }
        let event = event.to_owned();
        self.pushes.about_to_leave.push(Push { account, user, event, is_message, fields, due });
    }
}
