//! Which automatic reply answers what: rules of the settings against what a user did.
//!
//! ```text
//! account          on                                                   matched by                        replies
//! mini_program     enter_session                                        session_from | session_from_prefix  1–2
//! mini_program     text                                                 equals | contains                   1–5
//! mini_program     message image miniprogrampage link                   –                                   1–5
//! service_account  text                                                 equals | contains                   1
//! service_account  click                                                key                                 1
//! service_account  message image miniprogrampage link follow scan       –                                   1
//! ```
//! A rule without a matcher is a default. The allowance of docs/wechat.md §4.2 is kept by these bounds.

use std::ops::RangeInclusive;

use super::reply::{self, ImageSource, Reply, ReplyPattern};
use crate::account::Account;
use crate::json::error::{FieldErrors, Rule, RuleCode};
use crate::json::fields::{Field, Fields};

/// After a user opens a conversation two messages may be sent, for a minute (docs/wechat.md §4.2).
const REPLIES_TO_ENTERING_MAX: usize = 2;
/// After a message of the user's, five messages.
const REPLIES_TO_MESSAGE_MAX: usize = 5;
/// No rule may have so many: the length of a longer list is the fault, and its entries are not read.
const REPLIES_READ_MAX: usize = 20;

/// The limit of a contact button's `session-from` (docs/wechat.md §3), and a generous one for words to find and for keys of
/// menu entries.
const MATCHED_CHARS_MAX: usize = 1024;
const CONTAINS_MAX: usize = 50;

/// What a user did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger<'a> {
    /// The mini program's contact button opened a conversation.
    EnterSession {
        session_from: &'a str,
    },
    Text {
        content: &'a str,
    },
    Image,
    MiniprogramPage,
    Link,
    /// A message of any other kind: only rules on `message` speak of it.
    OtherMessage,
    Follow,
    /// A parametric QR code scanned by somebody who already follows.
    Scan,
    /// An entry of the service account's menu that sends its key.
    Click {
        key: &'a str,
    },
}

/// The replies of the rule that matched, in the order written; at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchedReplies {
    /// The rule's place in the document.
    pub rule: usize,
    pub replies: Vec<Reply>,
}

#[derive(Debug, Clone)]
pub(super) struct ReplyRule {
    account: Account,
    on: On,
    matcher: Matcher,
    replies: Vec<ReplyPattern>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum On {
    EnterSession,
    Message,
    Text,
    Image,
    MiniprogramPage,
    Link,
    Follow,
    Scan,
    Click,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Matcher {
    Default,
    Key(String),
    SessionFrom(String),
    SessionFromPrefix(String),
    Equals(String),
    Contains(Vec<String>),
}

/// How closely a rule names what happened; the smallest wins, then the order of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Closeness {
    Exact,
    Part,
    Kind,
    AnyMessage,
}

/// A rule whose replies come to nothing, because what they would repeat is empty, does not match.
pub(super) fn best_match(
    rules: &[ReplyRule],
    account: Account,
    trigger: Trigger<'_>,
) -> Option<MatchedReplies> {
    let of_account = rules.iter().enumerate().filter(|(_, rule)| rule.account == account);
    let matching = of_account.filter_map(|(n, rule)| Some((rule.closeness(trigger)?, n, rule)));
    let filled = matching.filter_map(|(closeness, rule, pattern)| {
        let rest = pattern.session_from_rest(trigger);
        let replies: Vec<Reply> = pattern.replies.iter().filter_map(|reply| reply.fill(rest)).collect();
        (!replies.is_empty()).then_some((closeness, MatchedReplies { rule, replies }))
    });
    let (_, best) = filled.min_by_key(|(closeness, matched)| (*closeness, matched.rule))?;
    Some(best)
}

impl ReplyRule {
    fn closeness(&self, trigger: Trigger<'_>) -> Option<Closeness> {
        let kind = match (self.on, trigger) {
            (On::EnterSession, Trigger::EnterSession { .. })
            | (On::Text, Trigger::Text { .. })
            | (On::Image, Trigger::Image)
            | (On::MiniprogramPage, Trigger::MiniprogramPage)
            | (On::Link, Trigger::Link)
            | (On::Follow, Trigger::Follow)
            | (On::Scan, Trigger::Scan)
            | (On::Click, Trigger::Click { .. }) => Closeness::Kind,
            (
                On::Message,
                Trigger::EnterSession { .. } | Trigger::Follow | Trigger::Scan | Trigger::Click { .. },
            ) => return None,
            (On::Message, _) => Closeness::AnyMessage,
            _ => return None,
        };
        match (&self.matcher, trigger) {
            (Matcher::Default, _) => Some(kind),
            (Matcher::SessionFrom(wanted), Trigger::EnterSession { session_from }) => {
                (session_from == wanted).then_some(Closeness::Exact)
            }
            (Matcher::SessionFromPrefix(prefix), Trigger::EnterSession { session_from }) => {
                session_from.starts_with(prefix).then_some(Closeness::Part)
            }
            (Matcher::Key(wanted), Trigger::Click { key }) => (key == wanted).then_some(Closeness::Exact),
            (Matcher::Equals(wanted), Trigger::Text { content }) => {
                (content.trim() == wanted).then_some(Closeness::Exact)
            }
            (Matcher::Contains(words), Trigger::Text { content }) => {
                words.iter().any(|word| content.contains(word.as_str())).then_some(Closeness::Part)
            }
            _ => None,
        }
    }

    fn session_from_rest<'a>(&self, trigger: Trigger<'a>) -> &'a str {
        match (&self.matcher, trigger) {
            (Matcher::SessionFromPrefix(prefix), Trigger::EnterSession { session_from }) => {
                session_from.strip_prefix(prefix.as_str()).unwrap_or_default()
            }
            _ => "",
        }
    }
}

pub(super) fn read(field: &Field<'_>, errors: &mut FieldErrors) -> Option<ReplyRule> {
    let mut fields = field.object(errors)?;
    let account = fields.required("account", errors).and_then(|field| {
        field.word(
            &[("mini_program", Account::MiniProgram), ("service_account", Account::ServiceAccount)],
            errors,
        )
    });
    let on = fields.required("on", errors).and_then(|field| read_on(&field, account, errors));
    let matcher = read_matcher(field, &mut fields, on, errors);
    let replies = fields.required("reply", errors).and_then(|field| {
        let replies = read_replies(&field, errors)?;
        check_replies(&field, account?, on?, matcher.as_ref()?, &replies, errors);
        replies.into_iter().map(|(_, reply)| reply).collect::<Option<Vec<_>>>()
    });
    fields.close(errors);
    Some(ReplyRule { account: account?, on: on?, matcher: matcher?, replies: replies? })
}

fn read_on(field: &Field<'_>, account: Option<Account>, errors: &mut FieldErrors) -> Option<On> {
    let of_both = [
        ("message", On::Message),
        ("text", On::Text),
        ("image", On::Image),
        ("miniprogrampage", On::MiniprogramPage),
        ("link", On::Link),
    ];
    let of_mini_program = [("enter_session", On::EnterSession)];
    let of_service_account = [("follow", On::Follow), ("scan", On::Scan), ("click", On::Click)];
    let words = match account {
        Some(Account::MiniProgram) => [&of_mini_program[..], &of_both].concat(),
        Some(Account::ServiceAccount) => [&of_service_account[..], &of_both].concat(),
        None => [&of_mini_program[..], &of_service_account, &of_both].concat(),
    };
    field.word(&words, errors)
}

fn read_matcher(
    rule: &Field<'_>,
    fields: &mut Fields<'_>,
    on: Option<On>,
    errors: &mut FieldErrors,
) -> Option<Matcher> {
    let mut found = Vec::new();
    let words = [
        ("session_from", On::EnterSession),
        ("session_from_prefix", On::EnterSession),
        ("equals", On::Text),
        ("key", On::Click),
    ];
    for (name, its_on) in words {
        let Some(field) = fields.optional(name) else { continue };
        let text = field.text_of(1..=MATCHED_CHARS_MAX, errors).map(str::to_owned);
        found.push((
            field.path,
            its_on,
            text.map(|text| match name {
                "session_from" => Matcher::SessionFrom(text),
                "session_from_prefix" => Matcher::SessionFromPrefix(text),
                "key" => Matcher::Key(text),
                _ => Matcher::Equals(text.trim().to_owned()),
            }),
        ));
    }
    if let Some(field) = fields.optional("contains") {
        let words = read_words(&field, errors);
        found.push((field.path, On::Text, words.map(Matcher::Contains)));
    }
    for (path, its_on, _) in found.iter().filter(|(_, its_on, _)| on.is_some_and(|on| on != *its_on)) {
        let on = match its_on {
            On::Text => "text",
            On::Click => "click",
            _ => "enter_session",
        };
        errors.at(
            path,
            RuleCode::Misplaced.says(format!("is only for rules on {on}")).with("only", format!("on: {on}")),
        );
    }
    if found.len() > 1 {
        errors.at(
            &rule.path,
            RuleCode::Conflict
                .says("must have at most one of session_from, session_from_prefix, equals, contains, key")
                .with(
                    "among",
                    ["session_from", "session_from_prefix", "equals", "contains", "key"].as_slice(),
                ),
        );
    }
    found.pop().map_or(Some(Matcher::Default), |(_, _, matcher)| matcher)
}

fn read_words(field: &Field<'_>, errors: &mut FieldErrors) -> Option<Vec<String>> {
    let words = field.list(errors)?;
    if !(1..=CONTAINS_MAX).contains(&words.len()) {
        let count = words.len();
        errors.at(
            &field.path,
            RuleCode::Count
                .says(format!("must be 1 to {CONTAINS_MAX} words; these are {count}"))
                .with("min", 1)
                .with("max", CONTAINS_MAX)
                .with("found", count),
        );
        return None;
    }
    let words = words.iter().map(|word| word.text_of(1..=MATCHED_CHARS_MAX, errors).map(str::to_owned));
    words.collect::<Vec<_>>().into_iter().collect()
}

/// Every entry with its path; `None` in place of one that is wrong by itself.
fn read_replies(field: &Field<'_>, errors: &mut FieldErrors) -> Option<Vec<(String, Option<ReplyPattern>)>> {
    let entries = field.list(errors)?;
    let read =
        entries.iter().take(REPLIES_READ_MAX).map(|entry| (entry.path.clone(), reply::read(entry, errors)));
    let mut replies = read.collect::<Vec<_>>();
    replies.resize(entries.len(), (String::new(), None));
    Some(replies)
}

fn check_replies(
    field: &Field<'_>,
    account: Account,
    on: On,
    matcher: &Matcher,
    replies: &[(String, Option<ReplyPattern>)],
    errors: &mut FieldErrors,
) {
    let allowance = allowance(account, on);
    if !allowance.contains(&replies.len()) {
        let count = replies.len();
        let (min, max) = allowance.into_inner();
        let rule =
            if min == max { format!("exactly {max} reply") } else { format!("{min} to {max} replies") };
        errors.at(
            &field.path,
            RuleCode::Count
                .says(format!("must be {rule} here, as many as WeChat lets through; these are {count}"))
                .with("min", min)
                .with("max", max)
                .with("found", count),
        );
    }
    let is_message = !matches!(on, On::EnterSession | On::Follow | On::Scan | On::Click);
    for (path, reply) in replies.iter().filter_map(|(path, reply)| Some((path, reply.as_ref()?))) {
        let path = format!("{path}.{}", reply.kind());
        if let Some(rule) = misplaced(account, reply, is_message, replies.len()) {
            errors.at(&path, rule);
        }
        if reply.uses_session_from_rest() && !matches!(matcher, Matcher::SessionFromPrefix(_)) {
            let message = "uses {session_from_rest}, which only rules with session_from_prefix have";
            errors.at(&path, RuleCode::Misplaced.says(message).with("only", "session_from_prefix"));
        }
    }
}

/// What this account does not answer to this.
fn misplaced(account: Account, reply: &ReplyPattern, is_message: bool, count: usize) -> Option<Rule> {
    let of_the_mini_program =
        |message: &str| Some(RuleCode::Misplaced.says(message).with("only", Account::MiniProgram.name()));
    match (account, reply) {
        (Account::ServiceAccount, ReplyPattern::Text(_) | ReplyPattern::Image(ImageSource::Url(_))) => None,
        (Account::ServiceAccount, ReplyPattern::Image(ImageSource::BindQrcode)) => of_the_mini_program(
            "is a code for users of the mini program; the service account's have its address only",
        ),
        (Account::ServiceAccount, _) => {
            of_the_mini_program("is not for the service account: text or image only")
        }
        (Account::MiniProgram, ReplyPattern::TransferCustomerService) if !is_message => {
            let message = "is an answer to messages only, not to the opening of a conversation";
            let messages = ["on: message", "on: text", "on: image", "on: miniprogrampage", "on: link"];
            Some(RuleCode::Misplaced.says(message).with("only", messages.as_slice()))
        }
        (Account::MiniProgram, ReplyPattern::TransferCustomerService) if count > 1 => {
            Some(RuleCode::Misplaced.says("must stand alone: the human answers").with("alone", true))
        }
        (Account::MiniProgram, _) => None,
    }
}

fn allowance(account: Account, on: On) -> RangeInclusive<usize> {
    match (account, on) {
        // A passive reply is the body of the answer, and that holds one message.
        (Account::ServiceAccount, _) => 1..=1,
        (Account::MiniProgram, On::EnterSession) => 1..=REPLIES_TO_ENTERING_MAX,
        (Account::MiniProgram, _) => 1..=REPLIES_TO_MESSAGE_MAX,
    }
}
