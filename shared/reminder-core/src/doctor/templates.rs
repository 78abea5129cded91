//! Do the template ids and keywords of the settings exist at WeChat? A keyword that is not filled, or that the template
//! does not have, is refused when the message is sent; it is better known before.

use super::finding::{Finding, advice};
use crate::account::Account;
use crate::app::App;
use crate::app::secrets::Secrets;
use crate::app::wechat::WechatError;
use crate::app::wechat::templates::{self, AccountTemplate, kind_name};
use crate::channel::Channel;
use crate::settings::{Settings, Template};

/// WeChat's lists for one account; each is asked for only where the settings use it.
struct Lists {
    subscription: Option<Result<Vec<AccountTemplate>, WechatError>>,
    template: Option<Result<Vec<AccountTemplate>, WechatError>>,
}

pub(super) async fn check(app: &App, account: Account, settings: &Settings, findings: &mut Vec<Finding>) {
    let uses =
        |channel: Channel| settings.templates.values().any(|template| template.data(channel).is_some());
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
            let Some((template_id, kind)) = configured(template, channel) else { continue };
            checked += 1;
            let check = format!("{account}.templates.{name}.{channel}");
            findings.push(match problem(&lists, template, channel, template_id, kind) {
                None => Finding::ok(
                    check,
                    format!("WeChat has template {template_id}, and its keywords are ours."),
                ),
                Some((what, advice)) => Finding::failed(check, what, advice),
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

/// Has every template a channel of an account that there is?
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

/// Template id, and for channels that need an accept, the kind.
fn configured(template: &Template, channel: Channel) -> Option<(&str, Option<&'static str>)> {
    let subscription = match channel {
        Channel::ServiceTemplate => {
            return template.service_template.as_ref().map(|own| (own.template_id.as_str(), None));
        }
        Channel::MiniSubscription => template.mini_subscription.as_ref(),
        Channel::ServiceNotification => template.service_notification.as_ref(),
    }?;
    Some((subscription.template_id.as_str(), Some(kind_name(subscription.kind))))
}

/// What is wrong with one template of the settings, and what to do about it.
fn problem(
    lists: &Lists,
    template: &Template,
    channel: Channel,
    template_id: &str,
    kind: Option<&'static str>,
) -> Option<(String, String)> {
    let (own, other) = match channel {
        Channel::ServiceTemplate => (&lists.template, &lists.subscription),
        Channel::MiniSubscription | Channel::ServiceNotification => (&lists.subscription, &lists.template),
    };
    let listed = match own {
        Some(Ok(listed)) => listed,
        Some(Err(error)) => {
            return Some((format!("WeChat does not list its templates: {error}."), advice(error).to_owned()));
        }
        None => return None,
    };
    let find = |list: &[AccountTemplate]| list.iter().find(|one| one.template_id == template_id).cloned();
    let Some(found) = find(listed) else {
        let elsewhere = matches!(other, Some(Ok(other)) if find(other).is_some());
        let what = match elsewhere {
            true => format!("Template {template_id} is of this account, but of the other kind of message."),
            false => format!("WeChat does not know template {template_id} at this account."),
        };
        return Some((
            what,
            "Take the id from templates.list, from the list of this channel, and put it with settings.put."
                .to_owned(),
        ));
    };
    if let (Some(kind), Some(theirs)) = (kind, found.kind)
        && kind != theirs
    {
        return Some((
            format!("Template {template_id} is {theirs} at WeChat and {kind} in the settings."),
            format!("Set kind to {theirs} with settings.put."),
        ));
    }
    let ours: Vec<String> =
        template.data(channel)?.entries.iter().map(|(keyword, _)| keyword.to_string()).collect();
    let missing: Vec<&str> =
        found.keywords.iter().filter(|theirs| !ours.contains(theirs)).map(String::as_str).collect();
    let extra: Vec<&str> =
        ours.iter().filter(|own| !found.keywords.contains(own)).map(String::as_str).collect();
    let mut what = Vec::new();
    if !missing.is_empty() {
        what.push(format!("wants {}, which the settings do not fill", missing.join(", ")));
    }
    if !extra.is_empty() {
        what.push(format!("does not have {}, which the settings fill", extra.join(", ")));
    }
    (!what.is_empty()).then(|| {
        (
            format!("Template {template_id} {}.", what.join(" and ")),
            format!(
                "Map exactly {} with settings.put; WeChat refuses every message until then.",
                found.keywords.join(", ")
            ),
        )
    })
}
