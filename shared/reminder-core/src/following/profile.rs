//! Users and followers become known, by a login or by what WeChat tells of them; and nothing that is from before they were
//! forgotten makes them known again.

use jiff::Timestamp;
use wechat::OpenId;

use crate::account::Account;
use crate::app::App;
use crate::person::follower::Follower;
use crate::person::tombstone::{Tombstone, is_too_late};
use crate::person::user::User;
use crate::table::{Change, Creation, Item, RACES_MAX, Record, TableError, keys};

/// What makes somebody known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// They log in.
    Login,
    /// WeChat tells of something that they did at this second.
    Event(i64),
    /// WeChat tells that they followed at this second; told however late, they follow until something newer is told.
    Follow(i64),
}

impl Occasion {
    /// Whether somebody becomes known by it, of whom there is no more than perhaps a tombstone.
    fn makes_known(self, tombstone: Option<&Tombstone>, now: Timestamp) -> bool {
        let is_covered = |second| tombstone.is_some_and(|tombstone| tombstone.covers(second));
        match self {
            Self::Login => true,
            Self::Event(second) => !is_covered(second) && !is_too_late(second, now),
            Self::Follow(second) => !is_covered(second),
        }
    }

    /// Whether it is from before the user who is there was forgotten.
    fn is_before(self, user: &User) -> bool {
        match self {
            Self::Login => false,
            Self::Event(second) | Self::Follow(second) => user.is_younger_than(second),
        }
    }
}

/// Changes a user, who is known from now on if they were not. None: it is from before they were forgotten.
pub async fn change_user<R>(
    app: &App,
    openid: &OpenId,
    occasion: Occasion,
    change: impl FnMut(&mut User) -> Change<R>,
) -> Result<Option<(Record<User>, R)>, TableError> {
    let begin = |tombstone: Option<Tombstone>| {
        let now = app.now();
        let is_known = occasion.makes_known(tombstone.as_ref(), now);
        is_known.then(|| User::since(openid.clone(), tombstone.map(|tombstone| tombstone.at), now))
    };
    let is_before = |user: &User| occasion.is_before(user);
    let tombstone = keys::tombstone(Account::MiniProgram, openid);
    change_or_begin(app, keys::user(openid), tombstone, is_before, begin, change).await
}

/// The same of a follower.
pub(crate) async fn change_follower<R>(
    app: &App,
    openid: &OpenId,
    occasion: Occasion,
    change: impl FnMut(&mut Follower) -> Change<R>,
) -> Result<Option<(Record<Follower>, R)>, TableError> {
    let begin = |tombstone: Option<Tombstone>| {
        let now = app.now();
        occasion.makes_known(tombstone.as_ref(), now).then(|| Follower::new(openid.clone(), now))
    };
    let tombstone = keys::tombstone(Account::ServiceAccount, openid);
    change_or_begin(app, keys::follower(openid), tombstone, |_| false, begin, change).await
}

/// The tombstone is read after the item was not found: who is forgotten in between leaves it there.
async fn change_or_begin<T: Item, R>(
    app: &App,
    key: keys::Key,
    tombstone: keys::Key,
    is_before: impl Fn(&T) -> bool,
    begin: impl Fn(Option<Tombstone>) -> Option<T>,
    mut change: impl FnMut(&mut T) -> Change<R>,
) -> Result<Option<(Record<T>, R)>, TableError> {
    for _ in 0..RACES_MAX {
        let known = match app.table.get::<T>(key.clone()).await? {
            Some(known) => known,
            None => {
                let forgotten = app.table.get::<Tombstone>(tombstone.clone()).await?;
                let Some(mut new) = begin(forgotten.map(|forgotten| forgotten.item)) else { return Ok(None) };
                let (Change::Write(answer) | Change::Keep(answer)) = change(&mut new);
                match app.table.create(new).await? {
                    Creation::New(known) => return Ok(Some((known, answer))),
                    Creation::Exists(known) => known,
                }
            }
        };
        if is_before(&known.item) {
            return Ok(None);
        }
        match app.table.update(known, &mut change).await {
            Err(TableError::Gone(_)) => {}
            outcome => return outcome.map(Some),
        }
    }
    Err(TableError::Contended(T::KIND))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::instant;

    #[test]
    fn who_was_forgotten_becomes_known_by_what_is_newer() {
        let at = instant("2027-01-10T10:00:00Z");
        let tombstone = Tombstone::new(Account::MiniProgram, "o1".into(), at);
        let forgotten = Some(&tombstone);
        let (second, day) = (at.as_second(), 24 * 3600);
        for (occasion, tombstone, later_s, known) in [
            (Occasion::Login, forgotten, 0, true),
            (Occasion::Event(second), forgotten, 60, false),
            (Occasion::Event(second + 1), forgotten, 60, true),
            (Occasion::Follow(second), forgotten, 60, false),
            (Occasion::Follow(second + 1), forgotten, 60, true),
            // The tombstone is gone, or nobody ever was there.
            (Occasion::Event(second), None, day - 1, true),
            (Occasion::Event(second), None, day, false),
            (Occasion::Follow(second), None, 30 * day, true),
        ] {
            let now = at + jiff::SignedDuration::from_secs(later_s);
            assert_eq!(occasion.makes_known(tombstone, now), known, "{occasion:?} {later_s}");
        }
    }

    #[test]
    fn user_who_came_back_has_nothing_from_before() {
        let at = instant("2027-01-10T10:00:00Z");
        let (back, second) = (User::since("o1".into(), Some(at), at), at.as_second());
        let first = User::since("o1".into(), None, at);
        for (occasion, of_back) in [
            (Occasion::Login, false),
            (Occasion::Event(second - 1), true),
            (Occasion::Event(second), false),
            (Occasion::Follow(second - 1), true),
        ] {
            assert_eq!(
                (occasion.is_before(&back), occasion.is_before(&first)),
                (of_back, false),
                "{occasion:?}"
            );
        }
    }
}
