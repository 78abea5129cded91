//! The pushes of a request: read, checked, and resolved by the plan of their item.

use jiff::{Timestamp, ToSpan, tz::TimeZone};

use super::expiry::Expiry;
use super::instant;
use super::pushes::{Before, MINUTES_BEFORE_EXPIRY_MIN, Plan, PlannedPush, PushTime, Wish};
use crate::channel::Channel;
use crate::json::error::{FieldErrors, RuleCode};
use crate::json::fields::{Field, Fields};
use crate::settings::{Template, time_of_day};

/// Three tellings of one thing are help, four are noise; it also bounds the item that stores them.
const PUSHES_MAX: usize = 3;
/// Ten years; longer leads are told in months.
const DAYS_BEFORE_MAX: i64 = 3650;
const WEEKS_BEFORE_MAX: i64 = 520;
/// Thirty years, as far as an item can be ahead.
const MONTHS_BEFORE_MAX: i64 = 360;

/// A push that is wanted, and where the request says so.
struct Asking {
    path: String,
    wish: Wish,
}

/// What the pushes of an item are read against.
pub(super) struct Context<'a> {
    /// If they are known.
    pub(super) expiry: Option<Expiry>,
    pub(super) timezone: Option<&'a TimeZone>,
    pub(super) template: Option<&'a Template>,
    /// The user's own, for an item that says nothing of them.
    pub(super) own: &'a [Wish],
    /// Those of the content that it replaces.
    pub(super) known: Option<&'a [PlannedPush]>,
    pub(super) now: Timestamp,
}

/// Reads the list, or takes the user's own, and resolves it, if when the item expires is known.
pub(super) fn read(
    field: Option<&Field<'_>>,
    context: &Context<'_>,
    errors: &mut FieldErrors,
) -> Option<Vec<PlannedPush>> {
    let (asking, all_read) = match field {
        Some(field) => read_list(field, Some(context), errors)?,
        None => of_preferences(context.own, errors)?,
    };
    if let Some(template) = context.template {
        asking.iter().for_each(|asking| check_channels(asking, template, errors));
    }
    let known = context.known.unwrap_or_default();
    let plan = Plan { expiry: context.expiry?, timezone: context.timezone?, now: context.now, known };
    let mut pushes = Vec::<PlannedPush>::new();
    for (n, Asking { path, wish }) in (1..).zip(&asking) {
        let push = plan.push(n, wish)?;
        if let Some(twin) = pushes.iter().find(|other| other.fires_at == push.fires_at) {
            errors.at(
                path,
                RuleCode::Duplicate
                    .says(format!("must be another moment than pushes[{}]", twin.n - 1))
                    .with("of", format!("pushes[{}]", twin.n - 1)),
            );
        }
        check_lead(path, wish.wanted, push.fires_at, plan.expiry, errors);
        pushes.push(push);
    }
    plan.tell_missed(&mut pushes, Timestamp::MIN);
    all_read.then_some(pushes)
}

fn of_preferences(own: &[Wish], errors: &mut FieldErrors) -> Option<(Vec<Asking>, bool)> {
    if own.is_empty() {
        errors.at(
            "pushes",
            RuleCode::Required
                .says("is required, unless the user has default_pushes")
                .with("instead", "default_pushes"),
        );
        return None;
    }
    let asking = |(n, wish): (usize, &Wish)| Asking { path: format!("pushes[{n}]"), wish: wish.clone() };
    Some((own.iter().enumerate().map(asking).collect(), true))
}

/// Those that can be read, and whether that is all of them. `context`: of an item.
fn read_list(
    field: &Field<'_>,
    context: Option<&Context<'_>>,
    errors: &mut FieldErrors,
) -> Option<(Vec<Asking>, bool)> {
    let mut entries = field.list(errors)?;
    if context.is_some_and(|context| context.known.is_some()) {
        entries.retain(|entry| entry.value.get("snoozed") != Some(&serde_json::Value::Bool(true)));
    }
    if !(1..=PUSHES_MAX).contains(&entries.len()) {
        let count = entries.len();
        errors.at(
            &field.path,
            RuleCode::Count
                .says(format!("must be 1 to {PUSHES_MAX} pushes; these are {count}"))
                .with("min", 1)
                .with("max", PUSHES_MAX)
                .with("found", count),
        );
        return None;
    }
    let count = entries.len();
    let read = |entry: Field<'_>| {
        let wish = read_push(&entry, context, errors)?;
        Some(Asking { path: entry.path, wish })
    };
    let asking: Vec<Asking> = entries.into_iter().filter_map(read).collect();
    let all_read = asking.len() == count;
    Some((asking, all_read))
}

impl Wish {
    /// What a user wants of reminders that say nothing of it: before the day of expiry, at different times.
    pub fn read_list(field: &Field<'_>, errors: &mut FieldErrors) -> Option<Vec<Self>> {
        let (asking, all_read) = read_list(field, None, errors)?;
        for (index, Asking { path, wish }) in asking.iter().enumerate() {
            if matches!(wish.wanted, PushTime::At(_)) {
                errors.at(
                    path,
                    RuleCode::NotRelative
                        .says("must be before the day of expiry, by days_before or the like"),
                );
            }
            if asking[..index].iter().any(|other| other.wish.wanted == wish.wanted) {
                errors.at(path, RuleCode::Duplicate.says("is there already"));
            }
        }
        all_read.then(|| asking.into_iter().map(|asking| asking.wish).collect())
    }
}

fn check_channels(asking: &Asking, template: &Template, errors: &mut FieldErrors) {
    let configured = template.channels.iter().map(|channel| channel.as_str()).collect::<Vec<_>>().join(", ");
    for (n, channel) in asking.wish.channels.iter().enumerate() {
        if !template.channels.contains(channel) {
            let path = format!("{}.channels[{n}]", asking.path);
            errors.at(
                path,
                RuleCode::NotConfigured
                    .says(format!("must be one of this template's, which are {configured}"))
                    .with("configured", configured.as_str()),
            );
        }
    }
}

/// Different ones, by their names.
pub fn read_channels(field: &Field<'_>, errors: &mut FieldErrors) -> Option<Vec<Channel>> {
    let entries = field.list(errors)?;
    let words = Channel::ALL.map(|channel| (channel.as_str(), channel));
    let mut channels = Vec::new();
    for entry in &entries {
        match entry.word(&words, errors) {
            Some(channel) if channels.contains(&channel) => {
                errors.at(&entry.path, RuleCode::Duplicate.says("is there already"))
            }
            Some(channel) => channels.push(channel),
            None => {}
        }
    }
    (channels.len() == entries.len()).then_some(channels)
}

/// What our answers say of a push beside what was asked for.
const ONLY_SHOWN: [&str; 5] = ["n", "fires_at", "state", "channel", "reason"];

fn read_push(entry: &Field<'_>, context: Option<&Context<'_>>, errors: &mut FieldErrors) -> Option<Wish> {
    let mut fields = entry.object(errors)?;
    if context.is_some_and(|context| context.known.is_some()) {
        ONLY_SHOWN.iter().for_each(|name| fields.ignore(name));
    }
    let channels = match fields.optional("channels") {
        Some(field) => read_channels(&field, errors),
        None => Some(Vec::new()),
    };
    let wanted = read_time(fields, entry, context, errors);
    Some(Wish { wanted: wanted?, channels: channels? })
}

fn read_time(
    mut fields: Fields<'_>,
    entry: &Field<'_>,
    context: Option<&Context<'_>>,
    errors: &mut FieldErrors,
) -> Option<PushTime> {
    let at = fields.optional("at");
    let leads = LEADS.map(|lead| fields.optional(lead.field).map(|field| (lead, field)));
    let leads: Vec<(Lead, Field<'_>)> = leads.into_iter().flatten().collect();
    let time = fields.optional("time");
    fields.close(errors);
    match (at, leads.as_slice(), time) {
        (Some(at), [], None) => read_moment(&at, context, errors),
        (None, [(lead, count)], Some(time)) => {
            let count = count.integer(0..=lead.max, errors);
            let time = time_of_day(&time, errors);
            Some(PushTime::Relative { before: (lead.before)(count?.try_into().ok()?), time: time? })
        }
        (None, [(lead, count)], None) => {
            count.integer(0..=lead.max, errors);
            errors.at(
                format!("{}.time", entry.path),
                RuleCode::Required.says(format!("is required with {}", lead.field)),
            );
            None
        }
        (None, [], Some(time)) => {
            time_of_day(&time, errors);
            errors.at(
                format!("{}.days_before", entry.path),
                RuleCode::Required.says("is required with time, or weeks_before, or months_before"),
            );
            None
        }
        (None, [], None) => {
            errors.at(&entry.path, RuleCode::Required.says(format!("must have either at, or {RELATIVE}")));
            None
        }
        (None, ..) => {
            errors.at(
                &entry.path,
                RuleCode::Conflict.says("must have only one of days_before, weeks_before and months_before"),
            );
            None
        }
        (Some(_), ..) => {
            errors.at(
                &entry.path,
                RuleCode::Conflict.says(format!("must have either at, or {RELATIVE}, not both")),
            );
            None
        }
    }
}

/// One that the content had before may be past, or told.
fn read_moment(at: &Field<'_>, context: Option<&Context<'_>>, errors: &mut FieldErrors) -> Option<PushTime> {
    let instant = instant::read(at, errors)?;
    let wanted = PushTime::At(instant);
    let is_late = |context: &Context<'_>| {
        let is_known = context.known.unwrap_or_default().iter().any(|push| push.wanted == wanted);
        instant < context.now - instant::CLOCKS_DIFFER_BY && !is_known
    };
    if context.is_some_and(is_late) {
        errors.at(&at.path, RuleCode::Past.says("must not be in the past"));
        return None;
    }
    Some(wanted)
}

const RELATIVE: &str = "time with one of days_before, weeks_before and months_before";

/// A field that says how long before.
#[derive(Clone, Copy)]
struct Lead {
    field: &'static str,
    max: i64,
    before: fn(u16) -> Before,
}

const LEADS: [Lead; 3] = [
    Lead { field: "days_before", max: DAYS_BEFORE_MAX, before: Before::Days },
    Lead { field: "weeks_before", max: WEEKS_BEFORE_MAX, before: Before::Weeks },
    Lead { field: "months_before", max: MONTHS_BEFORE_MAX, before: Before::Months },
];

fn check_lead(path: &str, wanted: PushTime, fires_at: Timestamp, expiry: Expiry, errors: &mut FieldErrors) {
    let latest = expiry.at.checked_sub(MINUTES_BEFORE_EXPIRY_MIN.minutes());
    if latest.is_ok_and(|latest| fires_at > latest) {
        let part = if matches!(wanted, PushTime::At(_)) { "at" } else { "time" };
        let end = if expiry.whole_day { "the end of expires_on" } else { "expires_at" };
        let message = format!("must be at least {MINUTES_BEFORE_EXPIRY_MIN} minutes before {end}");
        errors.at(
            format!("{path}.{part}"),
            RuleCode::TooCloseToExpiry.says(message).with("minutes", MINUTES_BEFORE_EXPIRY_MIN),
        );
    }
}
