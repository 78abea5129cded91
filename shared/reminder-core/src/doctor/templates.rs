//! Do the template ids and keywords of the settings exist at WeChat? WeChat refuses a message that leaves out a keyword
//! of its template, or has one more; the operator should know before the first message is due.

use super::finding::{Finding, advice};
use crate::account::Account;
use crate::app::App;
use crate::app::secrets::Secrets;
use crate::app::wechat::WechatError;
use crate::app::wechat::templates::{self, AccountTemplate, kind_name};
use crate::channel::{Channel, Need};
use crate::json::error::{FieldError, RuleCode};
use crate::settings::{Settings, Template};

/// WeChat's lists for one account; each is asked for only where the settings use it.
struct Lists {
    subscription: Option<Result<Vec<AccountTemplate>, WechatError>>,
    template: Option<Result<Vec<AccountTemplate>, WechatError>>,
}

pub(super) async fn check(app: &App, account: Account, settings: &Settings, findings: &mut Vec<Finding>) {
    let uses = |channel: Channel| settings.templates.values().any(|template| template.of(channel).is_some());
    let is_service = account == Account::ServiceAccount;
    let subscribed = if is_service { Channel::ServiceNotification } else { Channel::MiniSubscription };
    let lists = Lists {
        subscription: match uses(subscribed) {
            true => Some(templates::subscription(&app.wechat, account).await),
            false => None,
        },
        template: match is_service && uses(Channel::ServiceTemplate) {
            true => Some(templates::template_messages(&app.wechat).await),
            false => None,
        },
    };
    let mut checked = 0;
    for (name, template) in &settings.templates {
        for channel in Channel::ALL.into_iter().filter(|channel| channel.account() == account) {
            let Some(configured) = Configured::of(template, channel) else { continue };
            checked += 1;
            let check = format!("{account}.templates.{name}.{channel}");
            findings.push(match problem(&lists, channel, &configured) {
                None => Finding::ok(
                    check,
                    format!("WeChat has template {}, and its keywords are ours.", configured.template_id),
                ),
                Some(Problem { what, advice }) => Finding::failed(check, what, advice),
            });
        }
    }
    if checked == 0 {
        findings.push(Finding::skipped(
            format!("{account}.templates"),
            "The settings have no template of this account.",
        ));
    }
}

/// Does every template have a channel whose account is in the secrets?
pub(super) fn check_channels(settings: &Settings, secrets: &Secrets, findings: &mut Vec<Finding>) {
    for (name, template) in &settings.templates {
        let mut accounts = template.channels.iter().map(|channel| channel.account());
        if accounts.any(|account| secrets.of(account).is_some()) {
            continue;
        }
        let channels: Vec<String> = template.channels.iter().map(ToString::to_string).collect();
        findings.push(Finding::failed(
            format!("templates.{name}"),
            format!(
                "Template {name} is told by {} only, and the secrets have no service_account: none of its pushes reaches anybody.",
                channels.join(" and ")
            ),
            "Add mini_subscription to its channels with settings.put, or put the service account into the secrets (docs/deploy.md shows its JSON).",
        ));
    }
}

/// A template of the settings as one channel uses it.
struct Configured<'a> {
    template_id: &'a str,
    /// One-time or long-term; `None` on the channel that needs no accept.
    kind: Option<&'static str>,
    keywords: Vec<String>,
    /// What the settings say where WeChat takes fixed values only.
    fixed: Vec<(String, &'a str)>,
}

impl<'a> Configured<'a> {
    fn of(template: &'a Template, channel: Channel) -> Option<Self> {
        let own = template.of(channel)?;
        let keywords = own.data.entries.iter().map(|(keyword, _)| keyword.to_string()).collect();
        Some(Self {
            template_id: &own.template_id,
            kind: own.kind.map(kind_name),
            keywords,
            fixed: own.data.fixed().collect(),
        })
    }
}

/// What is wrong with a template of the settings, and what to do about it.
struct Problem {
    what: String,
    advice: String,
}

fn problem(lists: &Lists, channel: Channel, configured: &Configured<'_>) -> Option<Problem> {
    let (own, other) = match channel.need() {
        Need::Follow => (&lists.template, &lists.subscription),
        Need::Accept => (&lists.subscription, &lists.template),
    };
    let listed = match own.as_ref()? {
        Ok(listed) => listed,
        Err(error) => {
            let what = format!("WeChat does not list its templates: {error}.");
            return Some(Problem { what, advice: advice(error).to_owned() });
        }
    };
    let is_it = |listed: &&AccountTemplate| listed.template_id == configured.template_id;
    let Some(listed) = listed.iter().find(is_it) else {
        let is_elsewhere = matches!(other, Some(Ok(other)) if other.iter().any(|listed| is_it(&listed)));
        return Some(not_listed(configured.template_id, is_elsewhere));
    };
    other_kind(configured, listed)
        .or_else(|| other_keywords(configured, listed))
        .or_else(|| other_values(configured, listed))
}

fn not_listed(template_id: &str, is_elsewhere: bool) -> Problem {
    Problem {
        what: match is_elsewhere {
            true => format!("Template {template_id} is of this account, but of the other kind of message."),
            false => format!("WeChat does not know template {template_id} at this account."),
        },
        advice:
            "Take the id from templates.list, from the list of this channel, and put it with settings.put."
                .to_owned(),
    }
}

fn other_kind(configured: &Configured<'_>, listed: &AccountTemplate) -> Option<Problem> {
    let (ours, theirs) = configured.kind.zip(listed.kind).filter(|(ours, theirs)| ours != theirs)?;
    let template_id = configured.template_id;
    Some(Problem {
        what: format!("Template {template_id} is {theirs} at WeChat and {ours} in the settings."),
        advice: format!("Set kind to {theirs} with settings.put."),
    })
}

fn other_keywords(configured: &Configured<'_>, listed: &AccountTemplate) -> Option<Problem> {
    let not_in = |these: &[String], those: &[String]| -> Vec<String> {
        these.iter().filter(|keyword| !those.contains(keyword)).cloned().collect()
    };
    let missing = not_in(&listed.keywords, &configured.keywords);
    let extra = not_in(&configured.keywords, &listed.keywords);
    let mut what = Vec::new();
    if !missing.is_empty() {
        what.push(format!("wants {}, which the settings do not fill", missing.join(", ")));
    }
    if !extra.is_empty() {
        what.push(format!("does not have {}, which the settings fill", extra.join(", ")));
    }
    let (template_id, keywords) = (configured.template_id, listed.keywords.join(", "));
    (!what.is_empty()).then(|| Problem {
        what: format!("Template {template_id} {}.", what.join(" and ")),
        advice: format!("Map exactly {keywords} with settings.put; WeChat refuses every message until then."),
    })
}

fn other_values(configured: &Configured<'_>, listed: &AccountTemplate) -> Option<Problem> {
    let strange = configured
        .fixed
        .iter()
        .find_map(|(keyword, value)| Some((keyword, value, listed.allowed_instead_of(keyword, value)?)));
    let (keyword, value, allowed) = strange?;
    let template_id = configured.template_id;
    Some(Problem {
        what: format!(
            "Template {template_id} takes fixed values for {keyword}, and {value} is none of them."
        ),
        advice: format!(
            "Put one of {} with settings.put; WeChat refuses every message until then.",
            allowed.join(", ")
        ),
    })
}

/// The values of new settings that WeChat's lists do not have, as far as they can be had; nothing is asked where no keyword
/// takes fixed values.
pub async fn values_not_listed(app: &App, settings: &Settings) -> Vec<FieldError> {
    let mut warnings = Vec::new();
    for account in Account::ALL {
        let of_account = settings.templates.iter().flat_map(|(name, template)| {
            let own = template.configured().filter(|(channel, _)| channel.account() == account);
            own.flat_map(move |(channel, own)| own.data.fixed().map(move |fixed| (name, channel, own, fixed)))
        });
        let fixed: Vec<_> = of_account.collect();
        if fixed.is_empty() {
            continue;
        }
        let Ok(lists) = templates::subscription(&app.wechat, account).await else { continue };
        for (name, channel, own, (keyword, value)) in fixed {
            let listed = lists.iter().find(|listed| listed.template_id == own.template_id);
            let Some(allowed) = listed.and_then(|listed| listed.allowed_instead_of(&keyword, value)) else {
                continue;
            };
            let message = format!("is none of WeChat's values for it, which are {}", allowed.join(", "));
            warnings.push(FieldError {
                field: format!("templates.{name}.{channel}.data.{keyword}"),
                rule: RuleCode::OneOf.says(message).with("allowed", allowed.to_vec()),
            });
        }
    }
    warnings
}
