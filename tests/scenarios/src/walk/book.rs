//! What users were told: every reminder that was answered 201, with each of its versions, and how it ended.
//!
//! Made from the API's answers alone. Each version has a title nobody else has, so that a message on a phone says whose
//! it is.

use jiff::Timestamp;
use serde_json::Value;

use super::calendar::Calendar;
use super::owing::Covered;
use super::rounds::Rounds;

/// Everything that was promised.
#[derive(Debug, Default)]
pub(crate) struct Book {
    pub reminders: Vec<Reminder>,
    titles: usize,
}

#[derive(Debug)]
pub(crate) struct Reminder {
    /// Index of the citizen whose it is.
    pub owner: usize,
    pub id: String,
    /// At least one; the last is in force.
    pub versions: Vec<Version>,
    pub over: Option<End>,
}

/// One content of a reminder, as it was answered.
#[derive(Debug, Clone)]
pub(crate) struct Version {
    pub title: String,
    pub revision: u64,
    pub expires_at: Timestamp,
    pub pushes: Vec<Promise>,
    /// Of a round after the first, or in a zone where its user has moved to: not before this.
    pub begins_at: Option<Timestamp>,
    /// It is the version before, in another zone.
    pub moved: bool,
    /// When the user was told that another content is in force.
    pub replaced_at: Option<Timestamp>,
    /// By what its pushes were covered when it was saved.
    pub covered: Option<Covered>,
    pub rounds: Option<Rounds>,
    pub calendar: Calendar,
}

#[derive(Debug, Clone)]
pub(crate) struct Promise {
    pub n: u64,
    pub fires_at: Timestamp,
    /// Its moment had gone by when it was saved: it is not to come.
    pub past: bool,
}

/// The user was told that nothing more comes.
#[derive(Debug, Clone)]
pub(crate) struct End {
    pub at: Timestamp,
    pub how: &'static str,
}

impl Book {
    /// A title that no other content has.
    pub(crate) fn title(&mut self, seed: u64) -> String {
        self.titles += 1;
        format!("物品{seed}第{}件", self.titles)
    }

    /// Whose content this is that was sent then: places of reminder and version.
    pub(crate) fn find(&self, title: &str, at: Timestamp) -> Option<(usize, usize)> {
        self.reminders.iter().enumerate().find_map(|(place, kept)| {
            let has_begun = |version: &Version| version.begins_at.is_none_or(|begins_at| begins_at <= at);
            let is_it = |version: &Version| version.title == title && has_begun(version);
            let version = kept.versions.iter().rposition(is_it)?;
            Some((place, version))
        })
    }

    pub(crate) fn end(&mut self, place: usize, at: Timestamp, how: &'static str) {
        let kept = &mut self.reminders[place];
        if kept.over.is_none() {
            kept.over = Some(End { at, how });
        }
    }
}

impl Reminder {
    pub(crate) fn version(&self) -> &Version {
        self.versions.last().expect("a reminder has a content")
    }

    /// When what this version says was first in force, in whatever zone; none: from the beginning.
    pub(crate) fn began_at(&self, version: usize) -> Option<Timestamp> {
        let first = self.versions[..=version].iter().rev().find(|version| !version.moved)?;
        first.begins_at
    }

    pub(crate) fn replace(&mut self, version: Version, at: Timestamp) {
        if let Some(before) = self.versions.last_mut() {
            before.replaced_at = Some(at);
        }
        self.versions.push(version);
    }
}

impl Version {
    /// From the body of a 201 or 200.
    pub(crate) fn answered(body: &Value) -> Option<Self> {
        Some(Self {
            title: body["title"].as_str()?.to_owned(),
            revision: body["revision"].as_u64()?,
            expires_at: instant(&body["expires_at"])?,
            pushes: body["pushes"].as_array()?.iter().map(Promise::answered).collect::<Option<_>>()?,
            begins_at: None,
            moved: false,
            replaced_at: None,
            covered: None,
            rounds: Rounds::answered(body),
            calendar: Calendar::answered(body)?,
        })
    }

    pub(crate) fn promise(&self, n: u64) -> Option<&Promise> {
        self.pushes.iter().find(|push| push.n == n)
    }
}

impl Promise {
    pub(crate) fn answered(push: &Value) -> Option<Self> {
        let past = push["state"] == "skipped" && push["reason"] == "past";
        Some(Self { n: push["n"].as_u64()?, fires_at: instant(&push["fires_at"])?, past })
    }
}

pub(crate) fn instant(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}
