//! Whose an item is that stands under the openid of somebody who was forgotten: of the time before, or of whoever is there
//! now. A pure decision over the item as the table has it.

use jiff::Timestamp;

use crate::account::Account;
use crate::following::ticket::TicketOfUser;
use crate::receipt::{UnknownSend, noted_at};
use crate::reminder::Reminder;
use crate::table::Record;
use crate::table::item::Attributes;
use crate::webhook::event::Event;

/// What is in a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Reminder,
    Ticket,
    /// What the owner's backend is still to be told.
    Event,
    /// Receipts with this account, and attempts that nobody knows the outcome of.
    Message(Account),
}

impl Kind {
    /// The account of whose openid the partition is.
    pub(super) fn account(self) -> Account {
        match self {
            Self::Reminder | Self::Ticket | Self::Event => Account::MiniProgram,
            Self::Message(account) => account,
        }
    }
}

/// Whether an item is from before `since`, when whoever is there now came. Nobody is: then all of it is. One that cannot be
/// read says nothing of its age, and stays with whoever is there.
pub(super) fn is_of_before(kind: Kind, item: &Attributes, since: Option<Timestamp>) -> bool {
    let Some(since) = since else { return true };
    match kind {
        Kind::Reminder => {
            Record::<Reminder>::decode(item).is_ok_and(|reminder| reminder.item.created_at < since)
        }
        Kind::Ticket => {
            Record::<TicketOfUser>::decode(item).is_ok_and(|ticket| ticket.item.made_at() < since)
        }
        Kind::Event => Record::<Event>::decode(item).is_ok_and(|event| event.item.at < since),
        Kind::Message(_) => {
            let unknown = || Record::<UnknownSend>::decode(item).ok().map(|unknown| unknown.item.ended);
            noted_at(item).or_else(unknown).is_some_and(|at| at.as_second() < since.as_second())
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::cases::{instant, reminder};
    use crate::following::ticket::TICKET_VALID;
    use crate::receipt::PushRef;
    use crate::table::Item;
    use crate::webhook::event::Kind as What;

    fn stored(item: impl Item) -> Attributes {
        Record::first(item, "w").encode()
    }

    #[test]
    fn what_is_older_than_whoever_is_there_now_is_of_the_time_before() {
        let since = instant("2027-01-10T10:00:00Z");
        for (seconds, old) in [(-1, true), (0, false), (1, false)] {
            let at = since + SignedDuration::from_secs(seconds);
            let ticket = TicketOfUser {
                mini_openid: "o1".into(),
                scene_str: "bind:1".to_owned(),
                expires_at: at + TICKET_VALID,
            };
            let unknown = UnknownSend {
                account: Account::MiniProgram,
                recipient: "o1".into(),
                template_id: None,
                push: PushRef { openid: "o1".into(), id: "x".into(), revision: 1, n: 1, attempt: "a".into() },
                began: at - SignedDuration::from_mins(2),
                ended: at,
            };
            let event = Event {
                openid: "o1".into(),
                id: "e".to_owned(),
                kind: What::Followed,
                about: None,
                at,
                failures: 3,
                next_at: since + SignedDuration::from_hours(1),
            };
            for (kind, item) in [
                (Kind::Reminder, stored(reminder(at))),
                (Kind::Event, stored(event)),
                (Kind::Ticket, stored(ticket)),
                (Kind::Message(Account::MiniProgram), stored(unknown)),
            ] {
                assert_eq!(is_of_before(kind, &item, Some(since)), old, "{kind:?} {seconds}");
                assert!(is_of_before(kind, &item, None), "{kind:?} {seconds}");
            }
        }
    }

    #[test]
    fn what_cannot_be_read_stays_with_whoever_is_there() {
        let since = instant("2027-01-10T10:00:00Z");
        for kind in [Kind::Reminder, Kind::Ticket, Kind::Event, Kind::Message(Account::ServiceAccount)] {
            assert!(!is_of_before(kind, &Attributes::new(), Some(since)), "{kind:?}");
            assert!(is_of_before(kind, &Attributes::new(), None), "{kind:?}");
        }
    }
}
