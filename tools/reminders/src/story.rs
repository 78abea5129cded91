//! The story of one reminder, told in its own time zone: each push, what became of it and why, and what happened.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::language::Language;
use crate::table::Table;
use crate::words::Word;

pub(crate) fn told(story: &Value, language: Language) -> String {
    let item = &story["item"];
    let clock = Clock::of(text(&item["timezone"]));
    let expires = match text(&item["expires_on"]) {
        "" => clock.minute(&item["expires_at"]),
        day => day.to_owned(),
    };
    let state = language.say(lifecycle(text(&story["state"])), &[]);
    let mut lines = vec![
        language.say(Word::StoryHead, &[&text(&item["title"]), &text(&item["template"]), &expires]),
        language.say(Word::StoryIds, &[&text(&story["id"]), &state, &text(&story["openid"])]),
        language.say(Word::StoryUser, &[&person(&story["user"], language)]),
        language.say(Word::StoryZone, &[&clock.name()]),
        String::new(),
    ];
    for one in story["pushes"].as_array().into_iter().flatten() {
        lines.extend(push(one, &clock, language));
    }
    lines.push(String::new());
    lines.push(language.say(Word::StoryTimeline, &[]));
    if story["timeline_dropped"].as_u64().is_some_and(|dropped| dropped > 0) {
        lines.push(language.say(Word::StoryDropped, &[&story["timeline_dropped"]]));
    }
    lines.push(timeline(&story["timeline"], &clock, language));
    lines.join("\n")
}

/// Where the user stands now, which need not be where they stood then.
fn person(user: &Value, language: Language) -> String {
    if user.is_null() {
        return language.say(Word::UserGone, &[]);
    }
    let either = |holds: &Value, yes, no| language.say(if holds == true { yes } else { no }, &[]);
    let mut said = vec![
        either(&user["followed"], Word::Follows, Word::FollowsNot),
        either(&user["linked"], Word::Linked, Word::LinkedNot),
    ];
    if user["blocked"] == true {
        said.push(language.say(Word::Blocks, &[]));
    }
    let before = said.len();
    for (template_id, standings) in user["credits"].as_object().into_iter().flatten() {
        let counts = standings.as_object().into_iter().flatten();
        let counts: Vec<String> = counts.map(|(standing, count)| format!("{count} {standing}")).collect();
        if !counts.is_empty() {
            said.push(language.say(Word::CreditsOf, &[&template_id, &counts.join(", ")]));
        }
    }
    if said.len() == before {
        said.push(language.say(Word::CreditsNone, &[]));
    }
    said.join(if language == Language::English { "; " } else { "；" })
}

fn push(push: &Value, clock: &Clock, language: Language) -> Vec<String> {
    let word = if push["at_once"] == true { Word::StoryAtOnce } else { Word::StoryPush };
    let state = state(text(&push["state"]), language);
    let mut lines = vec![language.say(word, &[&push["n"], &clock.minute(&push["fires_at"]), &state])];
    let mut more = |line: String| lines.push(format!("  {line}"));
    if let Some(channel) = push["channel"].as_str() {
        more(language.say(Word::StoryBy, &[&channel]));
    }
    if let Some(reason) = push["reason"].as_str().filter(|reason| !reason.is_empty()) {
        more(language.say(Word::StoryWhy, &[&reasons(reason, language)]));
    }
    if push["attempts"].as_u64().is_some_and(|attempts| attempts > 1) {
        more(language.say(Word::StoryTried, &[&push["attempts"]]));
    }
    let refused: Vec<&str> =
        push["refused"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if !refused.is_empty() {
        more(language.say(Word::StoryRefused, &[&refused.join(", ")]));
    }
    // Of what only waits for its moment that is the moment, which is told already.
    if push["next_look_at"].is_string() && push["next_look_at"] != push["fires_at"] {
        more(language.say(Word::StoryNext, &[&clock.minute(&push["next_look_at"])]));
    }
    lines
}

fn timeline(entries: &Value, clock: &Clock, language: Language) -> String {
    let mut table = Table::default();
    for entry in entries.as_array().into_iter().flatten() {
        let push = entry.get("push").map(|n| language.say(Word::TimelinePush, &[n])).unwrap_or_default();
        let said = [text(&entry["detail"]), text(&entry["errmsg"])];
        let said: Vec<&str> = said.into_iter().filter(|part| !part.is_empty()).collect();
        table.row([clock.second(&entry["at"]), push, text(&entry["event"]).to_owned(), said.join(" · ")]);
    }
    table.render().lines().map(|line| format!("  {line}\n")).collect()
}

fn lifecycle(name: &str) -> Word {
    match name {
        "done" => Word::Done,
        "expired" => Word::Expired,
        "deleted" => Word::Deleted,
        _ => Word::Active,
    }
}

fn state(name: &str, language: Language) -> String {
    let word = match name {
        "scheduled" => Word::Scheduled,
        "sending" => Word::Sending,
        "retrying" => Word::Retrying,
        "sent" => Word::Sent,
        "delivered" => Word::Delivered,
        "unknown" => Word::Unknown,
        "undeliverable" => Word::Undeliverable,
        "skipped" => Word::Skipped,
        "cancelled" => Word::Cancelled,
        other => return other.to_owned(),
    };
    language.say(word, &[])
}

/// Each of the reasons that have a name, in words; the text of a failure stays as it is.
fn reasons(reason: &str, language: Language) -> String {
    let said: Vec<String> = reason.split(", ").map(|one| named(one, language)).collect();
    said.join(if language == Language::English { "; " } else { "；" })
}

pub(crate) fn named(reason: &str, language: Language) -> String {
    let word = match reason {
        "not_following" => Word::NotFollowing,
        "not_linked" => Word::NotLinked,
        "no_credit" => Word::NoCredit,
        "no_subscription" => Word::NoSubscription,
        "no_service_account" => Word::NoServiceAccount,
        "template_not_in_settings" => Word::TemplateNotInSettings,
        "user_unknown" => Word::UserUnknown,
        "quiet_hours" => Word::QuietHours,
        "past" => Word::Past,
        "told_already" => Word::ToldAlready,
        "expired" | "it expired before it could be sent" => Word::Expired,
        "done" => Word::Done,
        "deleted" => Word::Deleted,
        one if one.ends_with("_refused") => Word::RefusedThere,
        other => return other.to_owned(),
    };
    format!("{} ({reason})", language.say(word, &[]))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The reminder's own; UTC, if this machine does not know it.
struct Clock(TimeZone);

impl Clock {
    fn of(timezone: &str) -> Self {
        Self(TimeZone::get(timezone).unwrap_or(TimeZone::UTC))
    }

    fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    fn minute(&self, at: &Value) -> String {
        self.shown(at, "%Y-%m-%d %H:%M")
    }

    fn second(&self, at: &Value) -> String {
        self.shown(at, "%Y-%m-%d %H:%M:%S")
    }

    fn shown(&self, at: &Value, format: &str) -> String {
        match text(at).parse::<Timestamp>() {
            Ok(at) => at.to_zoned(self.0.clone()).strftime(format).to_string(),
            Err(_) => text(at).to_owned(),
        }
    }
}
