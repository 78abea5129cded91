use serde_json::json;

use super::*;
use crate::channel::Channel;

/// The sample that is shipped.
pub(crate) fn sample() -> Settings {
    Settings::parse(&sample_document()).unwrap_or_else(|errors| panic!("{errors:#?}"))
}

fn sample_document() -> Value {
    serde_json::from_str(include_str!("../../../../events/settings.json")).expect("JSON")
}

fn minimal() -> Value {
    json!({"timezone": "Asia/Shanghai", "templates": {"expiry": {
        "mini_subscription": {"template_id": "m1", "data": {"thing1": "{title}"}}}}})
}

fn faults(document: &Value) -> String {
    match Settings::parse(document) {
        Ok(_) => "no fault".to_owned(),
        Err(errors) => {
            errors.iter().map(|error| format!("{}: {}\n", error.field, error.rule.message)).collect()
        }
    }
}

fn faults_of_rule(rule: Value) -> String {
    let mut document = minimal();
    document["replies"] = json!([rule]);
    faults(&document)
}

#[test]
fn the_sample_is_good() {
    let settings = sample();
    assert_eq!(settings.templates["expiry"].channels, Channel::ALL);
    let mini = settings.templates["expiry"].of(Channel::MiniSubscription).expect("configured");
    assert_eq!(settings.ask_for("expiry"), [&mini.template_id]);
    assert!(settings.ask_for("birthday").is_empty());
}

#[test]
fn everything_but_timezone_and_templates_has_a_default() {
    let settings = Settings::parse(&minimal()).expect("good settings");
    assert_eq!(settings.timezone.iana_name(), Some("Asia/Shanghai"));
    assert_eq!(settings.quiet_hours, None);
    assert_eq!(settings.miniprogram_state, MiniprogramState::Formal);
    assert_eq!(settings.credit_source, CreditSource::Events);
    assert_eq!(settings.on_unknown, OnUnknown::Repeat);
    assert_eq!(settings.guide, GuideSettings::default());
    assert_eq!(settings.templates["expiry"].channels, [Channel::MiniSubscription]);
    assert!(Settings::parse(&json!({"timezone": "UTC", "templates": {}})).is_ok());
}

#[test]
fn every_fault_of_the_document_is_named_at_once() {
    let document = json!({
        "timezone": "Shanghai", "quiet_hours": {"from": "8:00", "to": null}, "miniprogram_state": "release",
        "credit_source": 1, "on_unknown": null, "colour": "red",
        "templates": {
            "a.b": {},
            "expiry": {
                "titel": "到期", "channels": ["service_template", "mini_subscription", "mini_subscription", "email"],
                "mini_subscription": {"template_id": "", "kind": "forever", "data": {
                    "thing1": "{titel}", "date2": "{title}", "keyword 3": "x", "number4": 7, "thing5": null, "time6": ""}},
                "service_notification": {"data": {}},
            },
        },
        "replies": {}, "guide": {"article_url": "http://a.example/", "contact_session_from": ""},
    });
    insta::assert_snapshot!(faults(&document), @"
    timezone: must be the IANA name of a time zone, such as Asia/Shanghai
    quiet_hours.from: must be a time of day from 00:00 to 23:59, written HH:MM
    quiet_hours.to: must be a string, not null
    miniprogram_state: must be one of developer, trial, formal
    credit_source: must be a string, not a number
    on_unknown: must be a string, not null
    templates.a.b: must be named with 1 to 64 letters, digits, _ or -
    templates.a.b: must configure at least one channel of service_template, mini_subscription, service_notification
    templates.expiry.mini_subscription.template_id: must be 1 to 128 characters; this one has 0
    templates.expiry.mini_subscription.kind: must be one of one_time, long_term
    templates.expiry.mini_subscription.data: must fill at most 5 keywords; this one fills 6
    templates.expiry.mini_subscription.data.thing1: uses {titel}, which is no placeholder; known here: {title}, {note}, {expires_at}, {expires_on}, {days_left} (a brace itself is written {{)
    templates.expiry.mini_subscription.data.date2: must not use {title}: date takes {expires_at}, {expires_on}
    templates.expiry.mini_subscription.data.keyword 3: must be a keyword of WeChat's, such as thing1, date2 or first: without spaces, braces and dots
    templates.expiry.mini_subscription.data.number4: must be a string, not a number
    templates.expiry.mini_subscription.data.thing5: must be a string, not null
    templates.expiry.mini_subscription.data.time6: must not be empty (WeChat shows no emoji and no control characters, so they do not count)
    templates.expiry.service_notification.template_id: is required
    templates.expiry.service_notification.data: must fill at least one keyword
    templates.expiry.channels[0]: names service_template, which is not configured here
    templates.expiry.channels[2]: names mini_subscription again
    templates.expiry.channels[3]: must be one of service_template, mini_subscription, service_notification
    templates.expiry.titel: is not a known field; known here: title, channels, service_template, mini_subscription, service_notification
    replies: must be a list, not an object
    guide.article_url: must be an address that begins with https:// and names a host
    guide.contact_session_from: must be 1 to 1024 characters; this one has 0
    colour: is not a known field; known here: timezone, quiet_hours, miniprogram_state, credit_source, on_unknown, neutral_title, templates, replies, bind_reply, guide, webhook
    ");
    insta::assert_snapshot!(faults(&json!({})), @"
    timezone: is required
    templates: is required
    ");
    insta::assert_snapshot!(faults(&json!(null)), @": must be an object, not null");
    let same = json!({"timezone": "UTC", "templates": {}, "quiet_hours": {"from": "08:00", "to": "08:00"}});
    insta::assert_snapshot!(faults(&same), @"quiet_hours: must not begin and end at the same time; leave it out for no quiet hours");
}

#[test]
fn a_neutral_title_fits_wherever_a_title_stands() {
    let document = |title: &str| {
        json!({"timezone": "UTC", "neutral_title": title, "templates": {"a": {
            "service_template": {"template_id": "s", "data": {"thing1": "{title}"}},
            "mini_subscription": {"template_id": "m", "data": {"name2": "{title}"}},
        }}})
    };
    let settings = Settings::parse(&document("到期提醒")).expect("it fits");
    assert_eq!(settings.neutral_title, "到期提醒");
    insta::assert_snapshot!(faults(&document("到期 7 天内")), @"neutral_title: must be a name of Chinese characters, or of letters and symbols, without digits, to be shown as name2 of a.mini_subscription");
    insta::assert_snapshot!(faults(&document("")), @"neutral_title: must be 1 to 20 characters; this one has 0");
    let default = Settings::parse(&json!({"timezone": "UTC", "templates": {}})).expect("it may be left out");
    assert_eq!(default.neutral_title, "您有一项即将到期");
}

#[test]
fn the_reply_to_a_bound_follower_says_how_to_undo_it() {
    let document = |text: &str| json!({"timezone": "UTC", "bind_reply": text, "templates": {}});
    let settings = Settings::parse(&document("提醒会发到这里，\n回复解除即可取消")).expect("it says how");
    assert_eq!(settings.bind_reply, "提醒会发到这里，\n回复解除即可取消");
    insta::assert_snapshot!(faults(&document("提醒会发到这里")), @"bind_reply: must say that answering 解除 undoes it");
    insta::assert_snapshot!(faults(&document(&"解除".repeat(342))), @"bind_reply: must be at most 2048 bytes of UTF-8; this one has 2052");
    let default = Settings::parse(&json!({"timezone": "UTC", "templates": {}})).expect("it may be left out");
    assert!(default.bind_reply.contains(UNDO));
}

#[test]
fn zones_are_iana_names_however_they_are_cased() {
    for (name, found) in [
        ("Asia/Shanghai", Some("Asia/Shanghai")),
        ("asia/shanghai", Some("Asia/Shanghai")),
        ("UTC", Some("UTC")),
        ("", None),
        ("CST-8", None),
        ("+08:00", None),
        ("Etc/Unknown", None),
        ("../etc/passwd", None),
    ] {
        let settings = Settings::parse(&json!({"timezone": name, "templates": {}}));
        assert_eq!(
            settings.as_ref().ok().and_then(|settings| settings.timezone.iana_name()),
            found,
            "{name}"
        );
    }
}

#[test]
fn one_template_id_is_always_the_same_sort_of_template() {
    let subscription =
        |id: &str, kind: &str| json!({"template_id": id, "kind": kind, "data": {"thing1": "{title}"}});
    let service = |id: &str| json!({"template_id": id, "data": {"thing1": "{title}"}});
    let document = json!({"timezone": "UTC", "templates": {
        "a": {"mini_subscription": subscription("x", "one_time"), "service_template": service("y")},
        "b": {"mini_subscription": subscription("x", "one_time"), "service_template": service("x")},
        "c": {"mini_subscription": subscription("x", "long_term"), "service_notification": subscription("y", "one_time")},
    }});
    insta::assert_snapshot!(faults(&document), @"
    templates.c.mini_subscription.template_id: is used elsewhere in these settings as another kind of template
    templates.c.service_notification.template_id: is used elsewhere in these settings as another kind of template
    ");
}

#[test]
fn a_service_account_value_has_room_for_twenty_characters() {
    let document = json!({"timezone": "UTC", "templates": {"a": {
        "service_template": {"template_id": "s", "data": {"time1": "2027年1月1日 00:00~{expires_at}"}},
        "service_notification": {"template_id": "n", "data": {"time1": "2027年1月1日 00:00~{expires_at}"}},
        "mini_subscription": {"template_id": "m", "data": {
            "thing1": "{title}", "thing2": "{note}", "thing3": "a", "thing4": "b", "thing5": "c", "thing6": "d"}},
    }}});
    insta::assert_snapshot!(faults(&document), @"
    templates.a.service_template.data.time1: with its placeholders filled in, must be at most 20 characters; this one has 33
    templates.a.mini_subscription.data: must fill at most 5 keywords; this one fills 6
    ");
}

#[test]
fn reply_rules_that_wechat_would_not_let_through_are_refused() {
    let text = json!({"text": "你好"});
    let transfer = json!({"transfer_customer_service": {}});
    let card = |pagepath: &str| json!({"miniprogrampage": {"title": "护照", "pagepath": pagepath, "thumb_url": "https://a.example/t.png"}});
    let table = [
        json!({"account": "mini_program", "on": "enter_session", "reply": [text, text, text]}),
        json!({"account": "mini_program", "on": "text", "reply": [text, text, text, text, text, text]}),
        json!({"account": "mini_program", "on": "text", "reply": []}),
        json!({"account": "mini_program", "on": "enter_session", "reply": [transfer]}),
        json!({"account": "mini_program", "on": "message", "reply": [text, transfer]}),
        json!({"account": "mini_program", "on": "follow", "reply": [text]}),
        json!({"account": "service_account", "on": "enter_session", "reply": [text]}),
        json!({"account": "service_account", "on": "follow", "reply": [text, text]}),
        json!({"account": "service_account", "on": "text", "reply": [transfer]}),
        json!({"account": "service_account", "on": "scan", "reply": [{"image": "bind_qrcode"}]}),
        json!({"account": "service_account", "on": "text", "reply": [card("pages/a")]}),
        json!({"account": "mini_program", "on": "text", "session_from": "a", "reply": [text]}),
        json!({"account": "mini_program", "on": "text", "equals": "a", "contains": ["b"], "reply": [text]}),
        json!({"account": "mini_program", "on": "text", "contains": [], "reply": [text]}),
        json!({"account": "mini_program", "on": "enter_session", "session_from": "a", "reply": [card("pages/a?id={session_from_rest}")]}),
        json!({"account": "mini_program", "on": "text", "reply": [card("/pages/a"), {"text": ""}, {"image": "ftp://a"}, {}]}),
        json!({"account": "mini_program", "on": "text", "reply": [{"text": "{who}"}, {"text": "a", "image": "bind_qrcode"}]}),
        json!({"account": "mini_program", "on": "enter_session", "session_from_prefix": "go:", "reply": [
            {"link": {"title": "a", "description": "b", "url": "https://{session_from_rest}/", "thumb_url": "a"}}]}),
        json!({"account": "mini_program", "on": "text", "reply": [{"link": {"title": 7}}, {"video": "a"}]}),
        json!({"account": "service_account", "on": "click", "key": "a", "reply": [text, text]}),
        json!({"account": "service_account", "on": "text", "key": "a", "reply": [text]}),
        json!({"account": "service_account", "on": "click", "key": "", "reply": [text]}),
        json!({"account": "mini_program", "on": "click", "key": "a", "reply": [text]}),
        json!({"on": "text"}),
        json!("text"),
    ];
    let lines = table.map(|rule| format!("{rule}\n{}", faults_of_rule(rule.clone()))).join("\n");
    insta::assert_snapshot!(lines, @r#"
    {"account":"mini_program","on":"enter_session","reply":[{"text":"你好"},{"text":"你好"},{"text":"你好"}]}
    replies[0].reply: must be 1 to 2 replies here, as many as WeChat lets through; these are 3

    {"account":"mini_program","on":"text","reply":[{"text":"你好"},{"text":"你好"},{"text":"你好"},{"text":"你好"},{"text":"你好"},{"text":"你好"}]}
    replies[0].reply: must be 1 to 5 replies here, as many as WeChat lets through; these are 6

    {"account":"mini_program","on":"text","reply":[]}
    replies[0].reply: must be 1 to 5 replies here, as many as WeChat lets through; these are 0

    {"account":"mini_program","on":"enter_session","reply":[{"transfer_customer_service":{}}]}
    replies[0].reply[0].transfer_customer_service: is an answer to messages only, not to the opening of a conversation

    {"account":"mini_program","on":"message","reply":[{"text":"你好"},{"transfer_customer_service":{}}]}
    replies[0].reply[1].transfer_customer_service: must stand alone: the human answers

    {"account":"mini_program","on":"follow","reply":[{"text":"你好"}]}
    replies[0].on: must be one of enter_session, message, text, image, miniprogrampage, link

    {"account":"service_account","on":"enter_session","reply":[{"text":"你好"}]}
    replies[0].on: must be one of follow, scan, click, message, text, image, miniprogrampage, link

    {"account":"service_account","on":"follow","reply":[{"text":"你好"},{"text":"你好"}]}
    replies[0].reply: must be exactly 1 reply here, as many as WeChat lets through; these are 2

    {"account":"service_account","on":"text","reply":[{"transfer_customer_service":{}}]}
    replies[0].reply[0].transfer_customer_service: is not for the service account: text or image only

    {"account":"service_account","on":"scan","reply":[{"image":"bind_qrcode"}]}
    replies[0].reply[0].image: is a code for users of the mini program; the service account's have its address only

    {"account":"service_account","on":"text","reply":[{"miniprogrampage":{"title":"护照","pagepath":"pages/a","thumb_url":"https://a.example/t.png"}}]}
    replies[0].reply[0].miniprogrampage: is not for the service account: text or image only

    {"account":"mini_program","on":"text","session_from":"a","reply":[{"text":"你好"}]}
    replies[0].session_from: is only for rules on enter_session

    {"account":"mini_program","on":"text","equals":"a","contains":["b"],"reply":[{"text":"你好"}]}
    replies[0]: must have at most one of session_from, session_from_prefix, equals, contains, key

    {"account":"mini_program","on":"text","contains":[],"reply":[{"text":"你好"}]}
    replies[0].contains: must be 1 to 50 words; these are 0

    {"account":"mini_program","on":"enter_session","session_from":"a","reply":[{"miniprogrampage":{"title":"护照","pagepath":"pages/a?id={session_from_rest}","thumb_url":"https://a.example/t.png"}}]}
    replies[0].reply[0].miniprogrampage: uses {session_from_rest}, which only rules with session_from_prefix have

    {"account":"mini_program","on":"text","reply":[{"miniprogrampage":{"title":"护照","pagepath":"/pages/a","thumb_url":"https://a.example/t.png"}},{"text":""},{"image":"ftp://a"},{}]}
    replies[0].reply[0].miniprogrampage.pagepath: must be a page of the mini program such as pages/item/item?id=42, without / in front
    replies[0].reply[1].text: must be 1 to 2048 bytes of UTF-8, not blank; this one has 0
    replies[0].reply[2].image: must be bind_qrcode or an address that begins with https:// or http://
    replies[0].reply[3]: must say what to reply: text, image, link, miniprogrampage or transfer_customer_service

    {"account":"mini_program","on":"text","reply":[{"text":"{who}"},{"text":"a","image":"bind_qrcode"}]}
    replies[0].reply[0].text: uses {who}, which is no placeholder; known here: {session_from_rest} (a brace itself is written {{)
    replies[0].reply[1]: must have one kind only; write several replies as several entries

    {"account":"mini_program","on":"enter_session","session_from_prefix":"go:","reply":[{"link":{"title":"a","description":"b","url":"https://{session_from_rest}/","thumb_url":"a"}}]}
    replies[0].reply[0].link.url: must begin with https:// or http:// and a host that is written out
    replies[0].reply[0].link.thumb_url: must be an address that begins with https:// or http:// and names a host

    {"account":"mini_program","on":"text","reply":[{"link":{"title":7}},{"video":"a"}]}
    replies[0].reply[0].link.title: must be a string, not a number
    replies[0].reply[0].link.description: is required
    replies[0].reply[0].link.url: is required
    replies[0].reply[0].link.thumb_url: is required
    replies[0].reply[1].video: is not a known field; known here: text, image, link, miniprogrampage, transfer_customer_service
    replies[0].reply[1]: must say what to reply: text, image, link, miniprogrampage or transfer_customer_service

    {"account":"service_account","on":"click","key":"a","reply":[{"text":"你好"},{"text":"你好"}]}
    replies[0].reply: must be exactly 1 reply here, as many as WeChat lets through; these are 2

    {"account":"service_account","on":"text","key":"a","reply":[{"text":"你好"}]}
    replies[0].key: is only for rules on click

    {"account":"service_account","on":"click","key":"","reply":[{"text":"你好"}]}
    replies[0].key: must be 1 to 1024 characters; this one has 0

    {"account":"mini_program","on":"click","key":"a","reply":[{"text":"你好"}]}
    replies[0].on: must be one of enter_session, message, text, image, miniprogrampage, link

    {"on":"text"}
    replies[0].account: is required
    replies[0].reply: is required

    "text"
    replies[0]: must be an object, not a string
    "#);
}

fn chatty() -> Settings {
    let rule = |account: &str, on: &str, matcher: Value, text: &str| {
        let mut rule = json!({"account": account, "on": on, "reply": [{"text": text}]});
        let members = rule.as_object_mut().expect("an object");
        members.extend(matcher.as_object().expect("an object").clone());
        rule
    };
    let mut document = minimal();
    document["replies"] = json!([
        rule("mini_program", "message", json!({}), "any message"),
        rule("mini_program", "text", json!({}), "any text"),
        rule("mini_program", "text", json!({"contains": ["人工", "客服"]}), "human"),
        rule("mini_program", "text", json!({"contains": ["客服"]}), "never: the rule above is first"),
        rule("mini_program", "text", json!({"equals": "人工"}), "exactly human"),
        rule(
            "mini_program",
            "enter_session",
            json!({"session_from_prefix": "item:"}),
            "about {session_from_rest} {{}}"
        ),
        rule("mini_program", "enter_session", json!({"session_from": "item:7"}), "the seventh"),
        rule("service_account", "follow", json!({}), "welcome"),
        rule("service_account", "message", json!({}), "the account"),
        rule("service_account", "click", json!({}), "any entry"),
        rule("service_account", "click", json!({"key": "help"}), "help"),
    ]);
    Settings::parse(&document).unwrap_or_else(|errors| panic!("{errors:#?}"))
}

#[test]
fn the_first_matching_rule_wins_exact_before_prefix_before_default() {
    use crate::account::Account::{MiniProgram, ServiceAccount};
    let settings = chatty();
    for (account, trigger, text) in [
        (MiniProgram, Trigger::Text { content: " 人工 " }, Some("exactly human")),
        (MiniProgram, Trigger::Text { content: "我要人工客服" }, Some("human")),
        (MiniProgram, Trigger::Text { content: "你好" }, Some("any text")),
        (MiniProgram, Trigger::Image, Some("any message")),
        (MiniProgram, Trigger::OtherMessage, Some("any message")),
        (MiniProgram, Trigger::EnterSession { session_from: "item:7" }, Some("the seventh")),
        (MiniProgram, Trigger::EnterSession { session_from: "item:8\n" }, Some("about 8 {}")),
        (MiniProgram, Trigger::EnterSession { session_from: "wxapp" }, None),
        (ServiceAccount, Trigger::Click { key: "help" }, Some("help")),
        (ServiceAccount, Trigger::Click { key: "helpful" }, Some("any entry")),
        (MiniProgram, Trigger::Click { key: "help" }, None),
        (ServiceAccount, Trigger::Follow, Some("welcome")),
        (ServiceAccount, Trigger::Scan, None),
        (ServiceAccount, Trigger::Text { content: "人工" }, Some("the account")),
    ] {
        let replies = settings.replies_for(account, trigger).map(|matched| matched.replies);
        assert_eq!(replies, text.map(|text| vec![Reply::Text(text.to_owned())]), "{trigger:?}");
    }
}

#[test]
fn the_rest_of_session_from_stays_one_value_of_the_page_it_lands_in() {
    let mut document = minimal();
    document["replies"] = json!([{"account": "mini_program", "on": "enter_session", "session_from_prefix": "item:",
        "reply": [
            {"miniprogrampage": {"title": "看 {session_from_rest}", "pagepath": "pages/item/item?id={session_from_rest}", "thumb_url": "https://a.example/t.png"}},
            {"link": {"title": "a", "description": "b", "url": "https://a.example/?id={session_from_rest}", "thumb_url": "https://a.example/t.png"}}]}]);
    let settings = Settings::parse(&document).unwrap_or_else(|errors| panic!("{errors:#?}"));
    let trigger = Trigger::EnterSession { session_from: "item:4 2&admin=1#护" };
    insta::assert_debug_snapshot!(settings.replies_for(Account::MiniProgram, trigger), @r#"
    Some(
        MatchedReplies {
            rule: 0,
            replies: [
                MiniprogramPage {
                    title: "看 4 2&admin=1#护",
                    pagepath: "pages/item/item?id=4%202%26admin%3D1%23%E6%8A%A4",
                    thumb_url: "https://a.example/t.png",
                },
                Link {
                    title: "a",
                    description: "b",
                    url: "https://a.example/?id=4%202%26admin%3D1%23%E6%8A%A4",
                    thumb_url: "https://a.example/t.png",
                },
            ],
        },
    )
    "#);
}

#[test]
fn a_reply_never_grows_beyond_what_may_be_sent() {
    let mut document = minimal();
    document["replies"] = json!([{"account": "mini_program", "on": "enter_session", "session_from_prefix": "a",
        "reply": [{"text": "{session_from_rest}{session_from_rest}{session_from_rest}"}]}]);
    let settings = Settings::parse(&document).unwrap_or_else(|errors| panic!("{errors:#?}"));
    let session_from = format!("a{}", "护".repeat(1000));
    let trigger = Trigger::EnterSession { session_from: &session_from };
    let matched = settings.replies_for(Account::MiniProgram, trigger).expect("the rule matches");
    let [Reply::Text(text)] = &matched.replies[..] else { panic!("one text") };
    assert_eq!(text.len(), 2046);
}

#[test]
fn a_reply_that_would_be_empty_is_left_out_and_a_rule_without_any_gives_way() {
    let mut document = minimal();
    let rule = |matcher: &str, value: &str, replies: Value| json!({"account": "mini_program", "on": "enter_session", matcher: value, "reply": replies});
    let link = |title: &str| json!({"link": {"title": title, "description": "b", "url": "https://a.example/", "thumb_url": "https://a.example/t.png"}});
    document["replies"] = json!([
        rule("session_from_prefix", "item:", json!([{"text": "{session_from_rest}"}, link("{session_from_rest}")])),
        rule("session_from_prefix", "item", json!([{"text": "{session_from_rest}"}, {"text": "item"}])),
        rule("session_from_prefix", "note:", json!([{"text": "{session_from_rest} "}])),
        {"account": "mini_program", "on": "enter_session", "reply": [{"text": "default"}]},
        rule("session_from_prefix", "gone:", json!([{"text": "{session_from_rest}"}])),
    ]);
    let settings = Settings::parse(&document).unwrap_or_else(|errors| panic!("{errors:#?}"));
    for (session_from, rule, texts) in [
        ("item:7", 0, &["7", "[7]"][..]),
        ("item:", 1, &[":", "item"]),
        ("item", 1, &["item"]),
        ("note:x", 2, &["x "]),
        ("note:\n", 3, &["default"]),
        ("gone: ", 3, &["default"]),
    ] {
        let trigger = Trigger::EnterSession { session_from };
        let matched = settings.replies_for(Account::MiniProgram, trigger).expect("a rule");
        let text = |reply: &Reply| match reply {
            Reply::Text(text) => text.clone(),
            Reply::Link { title, .. } => format!("[{title}]"),
            other => panic!("{other:?}"),
        };
        let said: Vec<String> = matched.replies.iter().map(text).collect();
        assert_eq!(
            (matched.rule, said),
            (rule, texts.iter().map(ToString::to_string).collect()),
            "{session_from:?}"
        );
    }
    document["replies"] =
        json!([rule("session_from_prefix", "gone:", json!([{"text": "{session_from_rest}"}]))]);
    let settings = Settings::parse(&document).unwrap_or_else(|errors| panic!("{errors:#?}"));
    let trigger = Trigger::EnterSession { session_from: "gone:" };
    assert_eq!(settings.replies_for(Account::MiniProgram, trigger), None);
}

#[test]
fn a_path_or_address_keeps_its_limit_and_its_end_and_no_character_is_cut() {
    let mut document = minimal();
    document["replies"] = json!([{"account": "mini_program", "on": "enter_session", "session_from_prefix": "a",
        "reply": [
            {"miniprogrampage": {"title": "{session_from_rest}", "pagepath": "p?id={session_from_rest}&n=1", "thumb_url": "https://a.example/t.png"}},
            {"link": {"title": "a", "description": "b", "url": "https://a.example/?a={session_from_rest}&b={session_from_rest}&c=1", "thumb_url": "https://a.example/t.png"}}]}]);
    let settings = Settings::parse(&document).unwrap_or_else(|errors| panic!("{errors:#?}"));
    let session_from = format!("a{}", "护".repeat(1023));
    let trigger = Trigger::EnterSession { session_from: &session_from };
    let matched = settings.replies_for(Account::MiniProgram, trigger).expect("the rule matches");
    let [Reply::MiniprogramPage { title, pagepath, .. }, Reply::Link { url, .. }] = &matched.replies[..]
    else {
        panic!("a card and a link: {matched:?}")
    };
    assert_eq!(title.chars().count(), 200);
    let whole = "%E6%8A%A4";
    assert_eq!(*pagepath, format!("p?id={}&n=1", whole.repeat(112)), "{} characters", pagepath.len());
    let value = whole.repeat(112);
    assert_eq!(*url, format!("https://a.example/?a={value}&b={value}&c=1"), "{} characters", url.len());
}

#[test]
fn a_document_beyond_what_the_table_holds_is_refused() {
    let mut document = minimal();
    document["replies"] = json!([{"text": "长".repeat(DOCUMENT_BYTES_MAX / 3)}]);
    insta::assert_snapshot!(faults(&document), @": must be at most 307200 bytes; this one has 307346");
}

#[test]
fn names_of_no_known_type_are_taken_with_a_warning() {
    let mut document = sample_document();
    let data = json!({"first": "{title}", "keyword2": "{expires_at}", "title": "{note}", "thng3": "{title}"});
    document["templates"]["expiry"]["service_template"]["data"] = data;
    let settings = Settings::parse(&document).expect("good");
    let warnings: Vec<String> = settings.warnings().into_iter().map(|warning| warning.field).collect();
    let path = "templates.expiry.service_template.data";
    assert_eq!(warnings, [format!("{path}.title"), format!("{path}.thng3")]);
    assert_eq!(sample().warnings(), []);
}
