//! Do the template ids and keywords of the settings exist at WeChat? WeChat refuses a message that leaves out a keyword
//! of its template, or has one more; the operator should know before the first message is due.

use wechat::{InChinese, Said, said};

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
                None => {
                    let template_id = configured.template_id;
                    let what = said!(
                        "WeChat has template {template_id}, and its keywords are ours.",
                        "微信有模板 {template_id}，关键词与配置一致。"
                    );
                    Finding::ok(check, what)
                }
                Some(Problem { what, advice }) => Finding::failed(check, what, advice),
            });
        }
    }
    if checked == 0 {
        findings.push(Finding::skipped(
            format!("{account}.templates"),
            said!("The settings have no template of this account.", "配置里没有这个账号的模板。"),
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
        let channels = Said { english: channels.join(" and "), chinese: channels.join(" 和 ") };
        findings.push(Finding::failed(
            format!("templates.{name}"),
            said!(
                "Template {name} is told by {channels} only, and the secrets have no service_account: none of its pushes reaches anybody.",
                "模板 {name} 只走 {channels}，而密钥里没有 service_account：它的提醒谁也送不到。",
                channels
            ),
            said!(
                "Add mini_subscription to its channels with settings.put, or put the service account into the secrets (docs/deploy.md shows its JSON).",
                "用 settings.put 给它的 channels 加上 mini_subscription，或把服务号写进密钥（JSON 的样子见 docs/deploy.zh-CN.md）。"
            ),
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
    what: Said,
    advice: Said,
}

fn problem(lists: &Lists, channel: Channel, configured: &Configured<'_>) -> Option<Problem> {
    let (own, other) = match channel.need() {
        Need::Follow => (&lists.template, &lists.subscription),
        Need::Accept => (&lists.subscription, &lists.template),
    };
    let listed = match own.as_ref()? {
        Ok(listed) => listed,
        Err(error) => {
            let (advice, error) = (advice(error), error.said());
            let what =
                said!("WeChat does not list its templates: {error}.", "微信没有列出模板：{error}。", error);
            return Some(Problem { what, advice });
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
            true => said!(
                "Template {template_id} is of this account, but of the other kind of message.",
                "模板 {template_id} 是这个账号的，但属于另一类消息。"
            ),
            false => said!(
                "WeChat does not know template {template_id} at this account.",
                "微信的这个账号没有模板 {template_id}。"
            ),
        },
        advice: said!(
            "Take the id from templates.list, from the list of this channel, and put it with settings.put.",
            "从 templates.list 里这个通道的列表取 ID，用 settings.put 写入。"
        ),
    }
}

fn other_kind(configured: &Configured<'_>, listed: &AccountTemplate) -> Option<Problem> {
    let (ours, theirs) = configured.kind.zip(listed.kind).filter(|(ours, theirs)| ours != theirs)?;
    let template_id = configured.template_id;
    Some(Problem {
        what: said!(
            "Template {template_id} is {theirs} at WeChat and {ours} in the settings.",
            "模板 {template_id} 在微信是 {theirs}，配置里写的是 {ours}。"
        ),
        advice: said!("Set kind to {theirs} with settings.put.", "用 settings.put 把 kind 改成 {theirs}。"),
    })
}

fn other_keywords(configured: &Configured<'_>, listed: &AccountTemplate) -> Option<Problem> {
    let not_in = |these: &[String], those: &[String]| -> Vec<String> {
        these.iter().filter(|keyword| !those.contains(keyword)).cloned().collect()
    };
    let missing = not_in(&listed.keywords, &configured.keywords);
    let extra = not_in(&configured.keywords, &listed.keywords);
    let (missing, extra) = (missing.join(", "), extra.join(", "));
    let wants = said!("wants {missing}, which the settings do not fill", "要有 {missing}，配置里没有填");
    let has_not = said!("does not have {extra}, which the settings fill", "没有 {extra}，配置里却填了");
    let what = match (missing.is_empty(), extra.is_empty()) {
        (true, true) => return None,
        (false, true) => wants,
        (true, false) => has_not,
        (false, false) => said!("{wants} and {has_not}", "{wants}；{has_not}", wants, has_not),
    };
    let (template_id, keywords) = (configured.template_id, listed.keywords.join(", "));
    Some(Problem {
        what: said!("Template {template_id} {what}.", "模板 {template_id} {what}。", what),
        advice: said!(
            "Map exactly {keywords} with settings.put; WeChat refuses every message until then.",
            "用 settings.put 改成正好填 {keywords}；在那之前微信会拒绝每一条消息。"
        ),
    })
}

fn other_values(configured: &Configured<'_>, listed: &AccountTemplate) -> Option<Problem> {
    let strange = configured
        .fixed
        .iter()
        .find_map(|(keyword, value)| Some((keyword, value, listed.allowed_instead_of(keyword, value)?)));
    let (keyword, value, allowed) = strange?;
    let template_id = configured.template_id;
    let allowed = allowed.join(", ");
    Some(Problem {
        what: said!(
            "Template {template_id} takes fixed values for {keyword}, and {value} is none of them.",
            "模板 {template_id} 的 {keyword} 只收固定的值，{value} 不在其中。"
        ),
        advice: said!(
            "Put one of {allowed} with settings.put; WeChat refuses every message until then.",
            "用 settings.put 改成其中之一：{allowed}；在那之前微信会拒绝每一条消息。"
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
