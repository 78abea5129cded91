//! Step 4: the first settings, made of the templates that the accounts have at WeChat. Where there are settings, they stay.

mod mapping;

use std::fmt::Write;

use reminder_core::channel::Channel;
use serde_json::{Map, Value, json};

use self::mapping::{Unfit, proposed, rank};
use super::asking::{Enter, number, timezone};
use super::words::Say;
use super::work::Work;
use crate::failure::Failure;
use crate::language::Language;

/// The name by which the mini program saves things that expire.
const NAME: &str = "expiry";
const TITLE: &str = "到期提醒";
const TIMEZONE: &str = "Asia/Shanghai";

/// A template at WeChat that can tell that something expires.
#[derive(Debug, Clone, PartialEq)]
struct Candidate {
    template_id: String,
    title: String,
    kind: Option<String>,
    data: Map<String, Value>,
}

pub(super) async fn run(work: &mut Work<'_, '_>) -> Result<(), Failure> {
    match work.session.ask(json!({ "operation": "settings.get" })).await {
        Ok(stored) => {
            work.note(Say::SettingsKept, &[&stored["version"]]);
            return Ok(());
        }
        // There are none.
        Err(Failure::Answer(_)) => {}
        Err(failure) => return Err(failure),
    }
    let listed = work.session.ask(json!({ "operation": "templates.list" })).await?;
    let mut template = json!({ "title": TITLE });
    let mut is_told = false;
    for channel in Channel::ALL {
        if let Some(chosen) = chosen(work, channel, &listed[channel.account().name()][channel.as_str()])? {
            let Candidate { template_id, kind, data, .. } = chosen;
            template[channel.as_str()] = json!({ "template_id": template_id, "data": data });
            if let Some(kind) = kind {
                template[channel.as_str()]["kind"] = kind.into();
            }
            is_told = true;
        }
    }
    if !is_told {
        return Err(work.failure(Say::NoTemplates, &[]));
    }
    let zone = match work.answers.timezone.clone() {
        Some(zone) => zone,
        None if work.asks => work.ask(Say::Timezone, &[], Enter::Means(TIMEZONE), timezone)?,
        None => TIMEZONE.to_owned(),
    };
    let settings = json!({ "timezone": zone, "templates": { NAME: template } });
    // Only if nobody has put any meanwhile.
    let put = json!({ "operation": "settings.put", "settings": settings, "if_version": 0 });
    let answer = work.session.ask(put).await?;
    work.note(Say::SettingsPut, &[&answer["version"]]);
    Ok(())
}

/// None: the channel has no template that fits, or the person wants none.
fn chosen(work: &mut Work<'_, '_>, channel: Channel, listed: &Value) -> Result<Option<Candidate>, Failure> {
    let (language, messages) = (work.session.language, work.messages_of(channel));
    if let Some(error) = listed["error"].as_str() {
        goes_on_without(work, channel, error)?;
    }
    let (fitting, unfit) = sorted(listed, language);
    for (title, why) in &unfit {
        work.note(Say::TemplateUnfit, &[&messages, title, why]);
    }
    if let Some(wanted) = work.answers.templates.get(channel.as_str()).cloned() {
        let found = fitting.into_iter().find(|one| one.template_id == wanted);
        return found.map(Some).ok_or_else(|| work.wrong(Say::NoSuchTemplate, &[&messages, &wanted]));
    }
    if fitting.is_empty() {
        return Ok(None);
    }
    if !work.asks {
        // A script that names some wants no others.
        let best = fitting.into_iter().next().filter(|_| work.answers.templates.is_empty());
        return Ok(
            best.inspect(|best| work.note(Say::TemplateTaken, &[&messages, &best.title, &best.template_id]))
        );
    }
    work.note(Say::Templates, &[&messages]);
    let list = shown(&fitting);
    work.session.terminal.complain(&list);
    let answer = work.ask(Say::WhichTemplate, &[&fitting.len()], Enter::Means("1"), number(fitting.len()))?;
    let place = answer.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    Ok(place.and_then(|place| fitting.into_iter().nth(place)))
}

/// First settings stay: what is missing in them because WeChat would not tell is missing for good. Subscription notifications
/// alone are not for every account, and nothing depends on them.
fn goes_on_without(work: &mut Work<'_, '_>, channel: Channel, error: &str) -> Result<(), Failure> {
    let messages = work.messages_of(channel);
    work.note(Say::NotListed, &[&messages, &error]);
    let named = &work.answers.templates;
    let is_unwanted = !named.is_empty() && !named.contains_key(channel.as_str());
    if channel == Channel::ServiceNotification || is_unwanted {
        return Ok(());
    }
    if work.asks && work.session.agrees(Say::GoOnWithout) {
        return Ok(());
    }
    Err(work.failure(Say::NotWithout, &[&channel]))
}

/// Best first; and the others, with what they lack.
fn sorted(listed: &Value, language: Language) -> (Vec<Candidate>, Vec<(String, String)>) {
    let (mut fitting, mut unfit) = (Vec::new(), Vec::new());
    for one in listed.as_array().into_iter().flatten() {
        let text = |name: &str| one[name].as_str().unwrap_or_default().to_owned();
        let keywords = one["keywords"].as_array().into_iter().flatten();
        let keywords: Vec<String> = keywords.filter_map(|name| Some(name.as_str()?.to_owned())).collect();
        match proposed(&keywords) {
            Ok(data) => fitting.push(Candidate {
                template_id: text("template_id"),
                title: text("title"),
                kind: one["kind"].as_str().map(str::to_owned),
                data,
            }),
            Err(why) => unfit.push((text("title"), lack(&why, language))),
        }
    }
    fitting.sort_by_key(|one| rank(&one.title, &one.data));
    (fitting, unfit)
}

fn lack(why: &Unfit, language: Language) -> String {
    match why {
        Unfit::NoTitle => language.say(Say::NoTitle, &[]),
        Unfit::NoExpiry => language.say(Say::NoExpiry, &[]),
        Unfit::Keyword(name) => language.say(Say::KeywordUnfit, &[name]),
    }
}

fn shown(fitting: &[Candidate]) -> String {
    let mut text = String::new();
    for (n, one) in fitting.iter().enumerate() {
        let _ = writeln!(text, "  {} {} ({})", n + 1, one.title, one.template_id);
        for (keyword, filled) in &one.data {
            let _ = writeln!(text, "      {keyword}: {}", filled.as_str().unwrap_or_default());
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_offered_best_first_and_the_others_with_what_they_lack() {
        let template = |id: &str, title: &str, keywords: &[&str]| json!({"template_id": id, "title": title, "keywords": keywords, "kind": "one_time"});
        let listed = json!([
            template("A", "取餐通知", &["thing1", "date2"]),
            template("B", "付款通知", &["amount1"]),
            template("C", "到期提醒", &["thing1", "date2", "thing3"]),
        ]);
        let (fitting, unfit) = sorted(&listed, Language::English);
        let ids: Vec<&str> = fitting.iter().map(|one| one.template_id.as_str()).collect();
        assert_eq!(ids, ["C", "A"]);
        assert_eq!(unfit, [("付款通知".to_owned(), "nothing of ours fits its keyword amount1".to_owned())]);
        let text = shown(&fitting[..1]);
        assert_eq!(
            text,
            "  1 到期提醒 (C)\n      thing1: {title}\n      date2: {expires_at}\n      thing3: {note}\n"
        );
        assert_eq!(sorted(&json!({"error": "no"}), Language::English), (Vec::new(), Vec::new()));
    }
}
