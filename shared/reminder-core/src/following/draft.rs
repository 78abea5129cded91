//! Users and followers as they were read and as they are to be, written on all sides in one transaction.

use wechat::OpenId;

use crate::app::{App, AppError};
use crate::person::follower::Follower;
use crate::person::user::User;
use crate::table::{Item, Part, Record, TableError, keys};

/// An item as it was read, and as it is to be.
pub(super) struct Draft<T> {
    pub read: Record<T>,
    pub item: T,
}

impl<T: Item + PartialEq> Draft<T> {
    pub(super) fn of(read: Record<T>) -> Self {
        Self { item: read.item.clone(), read }
    }

    pub(super) fn is_changed(&self) -> bool {
        self.item != self.read.item
    }

    /// Its part in the transaction, if it changes.
    pub(super) fn part(&self, app: &App, id: &str) -> Option<Part> {
        self.is_changed().then(|| app.table.update_part(&self.read, self.item.clone(), id))
    }
}

pub(super) async fn find<T: Item + PartialEq>(
    app: &App,
    key: Option<keys::Key>,
) -> Result<Option<Draft<T>>, TableError> {
    let Some(key) = key else { return Ok(None) };
    Ok(app.table.get::<T>(key).await?.map(Draft::of))
}

/// Whoever the drafts keep no more as a link to go back to forgets them, too: so each is named by nobody but by whom they
/// name, and a person who is forgotten is found wherever they are kept.
pub(super) async fn let_go(
    app: &App,
    users: &mut Vec<Draft<User>>,
    followers: &mut Vec<Draft<Follower>>,
) -> Result<(), AppError> {
    for (mini_openid, service_openid) in given_up(users, followers) {
        if !users.iter().any(|user| user.item.openid == mini_openid) {
            users.extend(find(app, Some(keys::user(&mini_openid))).await?);
        }
        if !followers.iter().any(|follower| follower.item.openid == service_openid) {
            followers.extend(find(app, Some(keys::follower(&service_openid))).await?);
        }
        for user in users.iter_mut().filter(|user| user.item.openid == mini_openid) {
            user.item.kept.take_if(|kept| *kept == service_openid);
        }
        for follower in followers.iter_mut().filter(|follower| follower.item.openid == service_openid) {
            follower.item.kept.take_if(|kept| kept.mini_openid == mini_openid);
        }
    }
    Ok(())
}

/// Who kept whom, and does so no more.
fn given_up(users: &[Draft<User>], followers: &[Draft<Follower>]) -> Vec<(OpenId, OpenId)> {
    let of_followers = followers.iter().filter_map(|Draft { read, item }| {
        let before = &read.item.kept.as_ref()?.mini_openid;
        let after = item.kept.as_ref().map(|kept| &kept.mini_openid);
        (after != Some(before)).then(|| (before.clone(), item.openid.clone()))
    });
    let of_users = users.iter().filter_map(|Draft { read, item }| {
        let before = read.item.kept.as_ref()?;
        (item.kept.as_ref() != Some(before)).then(|| (item.openid.clone(), before.clone()))
    });
    of_followers.chain(of_users).collect()
}

/// `false`: one of the items was written meanwhile, and nothing was done.
pub(super) async fn write(app: &App, parts: Vec<Part>, id: &str) -> Result<bool, AppError> {
    if parts.is_empty() {
        return Ok(true);
    }
    Ok(app.table.transact(parts, id).await?)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::person::link::KeptLink;

    fn follower(openid: &str, kept: Option<&str>) -> Follower {
        let kept = kept.map(|user| KeptLink { mini_openid: user.into(), at: 5, until: 6 });
        Follower { kept, ..Follower::new(openid.into(), Timestamp::UNIX_EPOCH) }
    }

    fn user(openid: &str, kept: Option<&str>) -> User {
        User { kept: kept.map(OpenId::from), ..User::new(openid.into(), Timestamp::UNIX_EPOCH) }
    }

    fn draft<T: Item + PartialEq>(read: T, item: T) -> Draft<T> {
        Draft { item, ..Draft::of(Record::first(read, "w")) }
    }

    #[test]
    fn draft_is_changed_where_it_differs_from_what_was_read() {
        assert!(!draft(user("u", None), user("u", None)).is_changed());
        assert!(draft(user("u", None), user("u", Some("f"))).is_changed());
    }

    #[test]
    fn whoever_is_kept_no_more_is_told_with_whoever_kept_them() {
        let pairs = |users: &[Draft<User>], followers: &[Draft<Follower>]| {
            let given_up = given_up(users, followers).into_iter();
            given_up
                .map(|(user, follower)| format!("{}-{}", user.as_str(), follower.as_str()))
                .collect::<Vec<_>>()
        };
        for (before, after, expected) in [
            (None, None, None),
            (None, Some("x"), None),
            (Some("x"), Some("x"), None),
            (Some("x"), Some("y"), Some("x")),
            (Some("x"), None, Some("x")),
        ] {
            let of_user = pairs(&[draft(user("u", before), user("u", after))], &[]);
            assert_eq!(of_user, expected.map(|kept| format!("u-{kept}")).into_iter().collect::<Vec<_>>());
            let of_follower = pairs(&[], &[draft(follower("f", before), follower("f", after))]);
            assert_eq!(of_follower, expected.map(|kept| format!("{kept}-f")).into_iter().collect::<Vec<_>>());
        }
    }
}
