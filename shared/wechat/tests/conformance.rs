//! Every message and event of docs/wechat.md §2 and §3, in both formats, with what it is read as.

use wechat::{
    AppId, Callback, Content, DeliveryOutcome, Event, MediaId, Message, MsgId, OpenId, SentResult,
    SubscribeChoice, SubscribeStatus, TemplateId,
};

/// Fields that every callback has.
const COMMON_XML: &str = "<ToUserName><![CDATA[gh_123456789abc]]></ToUserName>\
     <FromUserName><![CDATA[oAlice]]></FromUserName><CreateTime>1610969440</CreateTime>";
const COMMON_JSON: &str = r#""ToUserName":"gh_123456789abc","FromUserName":"oAlice","CreateTime":1610969440"#;

fn read(document: &str) -> Callback {
    let callback = Callback::read(document.as_bytes()).expect("a document");
    assert_eq!(callback.to.as_str(), "gh_123456789abc", "{document}");
    assert_eq!(callback.from, OpenId::from("oAlice"), "{document}");
    assert_eq!(callback.create_time, 1_610_969_440, "{document}");
    callback
}

fn xml(rest: &str) -> Callback {
    read(&format!("<xml>{COMMON_XML}{rest}</xml>"))
}

fn json(rest: &str) -> Callback {
    read(&format!("{{{COMMON_JSON},{rest}}}"))
}

/// The wire fields of a callback without its common ones, once: written as XML with CDATA, as XML without, as JSON.
fn in_every_format(fields: &[(&str, &str)]) -> [Callback; 3] {
    let element = |(name, value): &(&str, &str)| format!("<{name}><![CDATA[{value}]]></{name}>");
    let plain = |(name, value): &(&str, &str)| {
        let value = value.replace('&', "&amp;").replace('<', "&lt;");
        format!("\n  <{name}>\n    {value}\n  </{name}>")
    };
    let member = |(name, value): &(&str, &str)| {
        let value = serde_json::to_string(value).expect("JSON");
        format!("\"{name}\":{}", value.replace('/', "\\/"))
    };
    [
        xml(&fields.iter().map(element).collect::<String>()),
        xml(&fields.iter().rev().map(plain).collect::<String>()),
        json(&fields.iter().map(member).collect::<Vec<_>>().join(",")),
    ]
}

#[test]
fn messages_of_users_are_read() {
    let media = MediaId::from;
    let table: [(&[(&str, &str)], Message); 11] = [
        (
            &[("MsgType", "text"), ("Content", "this is a <test> & 护照")],
            Message::Text { content: "this is a <test> & 护照".into() },
        ),
        (&[("MsgType", "text")], Message::Text { content: String::new() }),
        (
            &[("MsgType", "image"), ("PicUrl", "http://mmbiz.qpic.cn/a?b=1&c=2"), ("MediaId", "M1")],
            Message::Image { pic_url: "http://mmbiz.qpic.cn/a?b=1&c=2".into(), media_id: media("M1") },
        ),
        (
            &[("MsgType", "voice"), ("MediaId", "M1"), ("Format", "amr"), ("MediaId16K", "M2")],
            Message::Voice { media_id: media("M1"), format: "amr".into(), recognition: None },
        ),
        (
            &[("MsgType", "voice"), ("MediaId", "M1"), ("Format", "speex"), ("Recognition", "你好")],
            Message::Voice {
                media_id: media("M1"),
                format: "speex".into(),
                recognition: Some("你好".into()),
            },
        ),
        (
            &[("MsgType", "video"), ("MediaId", "M1"), ("ThumbMediaId", "M2")],
            Message::Video { media_id: media("M1"), thumb_media_id: media("M2") },
        ),
        (
            &[("MsgType", "shortvideo"), ("MediaId", "M1"), ("ThumbMediaId", "M2")],
            Message::ShortVideo { media_id: media("M1"), thumb_media_id: media("M2") },
        ),
        (
            &[
                ("MsgType", "location"),
                ("Location_X", "23.134521"),
                ("Location_Y", "113.358803"),
                ("Scale", "20"),
                ("Label", "位置"),
            ],
            Message::Location {
                latitude: "23.134521".into(),
                longitude: "113.358803".into(),
                scale: "20".into(),
                label: "位置".into(),
            },
        ),
        (
            &[("MsgType", "link"), ("Title", "T"), ("Description", "D"), ("Url", "https://a/b")],
            Message::Link { title: "T".into(), description: "D".into(), url: "https://a/b".into() },
        ),
        (
            &[
                ("MsgType", "miniprogrampage"),
                ("Title", "T"),
                ("AppId", "wx1"),
                ("PagePath", "pages/item/item?id=42&x=1"),
                ("ThumbUrl", "https://a/b"),
                ("ThumbMediaId", "M1"),
            ],
            Message::MiniProgramPage {
                title: "T".into(),
                appid: AppId::from("wx1"),
                page_path: "pages/item/item?id=42&x=1".into(),
                thumb_url: "https://a/b".into(),
                thumb_media_id: media("M1"),
            },
        ),
        (&[("MsgType", "hologram"), ("BusinessId", "7")], Message::Other { msg_type: "hologram".into() }),
    ];
    for (fields, message) in table {
        let mut fields = fields.to_vec();
        fields.push(("MsgId", "9223372036854775807"));
        for callback in in_every_format(&fields) {
            let msgid = MsgId::from("9223372036854775807");
            assert!(callback.content == Content::Message { msgid, message: message.clone() }, "{fields:?}");
            assert_eq!(callback.identity(), "oAlice:9223372036854775807");
        }
    }
}

#[test]
fn events_with_plain_fields_are_read() {
    let other = |event: &str| Event::Other { event: event.into() };
    let table: Vec<(&[(&str, &str)], Event)> = vec![
        (&[("Event", "subscribe")], Event::Subscribe { scene: None, ticket: None }),
        (&[("Event", "subscribe"), ("EventKey", "")], Event::Subscribe { scene: None, ticket: None }),
        (
            &[("Event", "subscribe"), ("EventKey", "qrscene_123123"), ("Ticket", "gQH4")],
            Event::Subscribe { scene: Some("123123".into()), ticket: Some("gQH4".into()) },
        ),
        (
            &[("Event", "subscribe"), ("EventKey", "qrscene_qrscene_bind:a"), ("Ticket", "gQH4")],
            Event::Subscribe { scene: Some("qrscene_bind:a".into()), ticket: Some("gQH4".into()) },
        ),
        (
            &[("Event", "subscribe"), ("EventKey", "last_trade_no_4003")],
            Event::Subscribe { scene: None, ticket: None },
        ),
        (&[("Event", "subscribe"), ("EventKey", "qrscene_")], Event::Subscribe { scene: None, ticket: None }),
        (&[("Event", "unsubscribe")], Event::Unsubscribe),
        (&[("Event", "unsubscribe"), ("EventKey", "last_trade_no_4003")], Event::Unsubscribe),
        (&[("Event", "unsubscribe"), ("EventKey", "qrscene_1"), ("Ticket", "x")], Event::Unsubscribe),
        (
            &[("Event", "SCAN"), ("EventKey", "qrscene_is_no_prefix_here"), ("Ticket", "gQH4")],
            Event::Scan { scene: "qrscene_is_no_prefix_here".into(), ticket: Some("gQH4".into()) },
        ),
        (&[("Event", "scan"), ("EventKey", "98765")], Event::Scan { scene: "98765".into(), ticket: None }),
        (
            &[("Event", "LOCATION"), ("Latitude", "23.1"), ("Longitude", "113.3"), ("Precision", "119.4")],
            Event::Location { latitude: "23.1".into(), longitude: "113.3".into(), precision: "119.4".into() },
        ),
        (&[("Event", "CLICK"), ("EventKey", "MENU_1")], Event::Click { event_key: "MENU_1".into() }),
        (
            &[("Event", "VIEW"), ("EventKey", "https://a/b?c=1&d=2"), ("MenuId", "7")],
            Event::View { url: "https://a/b?c=1&d=2".into() },
        ),
        (
            &[("Event", "TEMPLATESENDJOBFINISH"), ("MsgID", "4674045479742390277"), ("Status", "success")],
            Event::TemplateSendJobFinish {
                msgid: Some(MsgId::from("4674045479742390277")),
                outcome: DeliveryOutcome::Delivered,
            },
        ),
        (
            &[("Event", "templatesendjobfinish"), ("MsgID", "1"), ("Status", "failed:user block")],
            Event::TemplateSendJobFinish { msgid: Some(MsgId::from("1")), outcome: DeliveryOutcome::Blocked },
        ),
        (
            &[("Event", "TEMPLATESENDJOBFINISH"), ("MsgId", "0"), ("Status", "failed:freq limit")],
            Event::TemplateSendJobFinish {
                msgid: Some(MsgId::from("0")),
                outcome: DeliveryOutcome::Failed { status: "failed:freq limit".into() },
            },
        ),
        (
            &[("Event", "TEMPLATESENDJOBFINISH"), ("MsgID", ""), ("Status", "success")],
            Event::TemplateSendJobFinish { msgid: None, outcome: DeliveryOutcome::Delivered },
        ),
        (
            &[("Event", "TEMPLATESENDJOBFINISH"), ("MsgID", "1"), ("Status", "failed: system failed")],
            Event::TemplateSendJobFinish {
                msgid: Some(MsgId::from("1")),
                outcome: DeliveryOutcome::Failed { status: "failed:system failed".into() },
            },
        ),
        (
            &[("Event", "user_enter_tempsession"), ("SessionFrom", "item:42")],
            Event::UserEnterTempsession { session_from: "item:42".into() },
        ),
        (&[("Event", "user_enter_tempsession")], Event::UserEnterTempsession { session_from: String::new() }),
        (
            &[("Event", "user_authorization_revoke"), ("OpenID", "oBob"), ("RevokeInfo", "7")],
            Event::UserAuthorizationRevoke { revoke_info: "7".into(), of_plugin: false },
        ),
        (
            &[
                ("Event", "user_authorization_revoke"),
                ("revokeinfo", "7"),
                ("PluginID", "wx2"),
                ("OpenPID", "p"),
            ],
            Event::UserAuthorizationRevoke { revoke_info: "7".into(), of_plugin: true },
        ),
        (
            &[("Event", "user_authorization_cancellation"), ("openid", "oBob")],
            Event::UserAuthorizationCancellation { openid: Some(OpenId::from("oBob")) },
        ),
        (
            &[("Event", "user_authorization_cancellation"), ("OpenID", "oBob")],
            Event::UserAuthorizationCancellation { openid: Some(OpenId::from("oBob")) },
        ),
        (&[("Event", "user_info_modified"), ("OpenID", "oBob")], other("user_info_modified")),
        (&[("Event", "view_miniprogram"), ("EventKey", "pages/a")], other("view_miniprogram")),
        (
            &[("Event", "wxa_punish_event"), ("event_type", "2")],
            Event::Punished { event: "wxa_punish_event" },
        ),
        (&[("Event", "WXA_ILLEGAL_RECORD")], Event::Punished { event: "wxa_illegal_record" }),
        (&[("Event", "wxa_appeal_record")], Event::Punished { event: "wxa_appeal_record" }),
        (&[("Event", "debug_demo"), ("debug_str", "hello world")], other("debug_demo")),
        (&[("Event", "MASSSENDJOBFINISH"), ("MsgID", "1")], other("MASSSENDJOBFINISH")),
        (&[], other("")),
    ];
    for (fields, event) in table {
        let mut fields = fields.to_vec();
        fields.push(("MsgType", "event"));
        for callback in in_every_format(&fields) {
            assert!(callback.content == Content::Event(event.clone()), "{fields:?}: {:?}", callback.content);
        }
    }
}

fn choice(template_id: &str, status: SubscribeStatus, popup_scene: Option<&str>) -> SubscribeChoice {
    SubscribeChoice {
        template_id: TemplateId::from(template_id),
        status,
        popup_scene: popup_scene.map(str::to_owned),
    }
}

#[test]
fn answers_to_the_prompt_are_read_in_every_nesting() {
    let accept = || choice("T1", SubscribeStatus::Accept, Some("0"));
    let reject = || choice("T2", SubscribeStatus::Reject, Some("0"));
    let one = r#"{"TemplateId":"T1","SubscribeStatusString":"accept","PopupScene":"0"}"#;
    let two = r#"{"TemplateId":"T2","SubscribeStatusString":"reject","PopupScene":0}"#;
    let event = r#""MsgType":"event","Event":"subscribe_msg_popup_event""#;
    let table = [
        (json(&format!(r#"{event},"List":{one}"#)), vec![accept()]),
        (json(&format!(r#"{event},"List":[{one}]"#)), vec![accept()]),
        (json(&format!(r#"{event},"List":[{one},{two}]"#)), vec![accept(), reject()]),
        (json(&format!(r#"{event},"SubscribeMsgPopupEvent":{{"List":{one}}}"#)), vec![accept()]),
        (
            json(&format!(r#"{event},"SubscribeMsgPopupEvent":{{"List":[{one},{two}]}}"#)),
            vec![accept(), reject()],
        ),
        (json(event), vec![]),
        (
            xml("<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[subscribe_msg_popup_event]]></Event>
                <SubscribeMsgPopupEvent>
                  <List><TemplateId><![CDATA[T1]]></TemplateId>
                    <SubscribeStatusString><![CDATA[accept]]></SubscribeStatusString><PopupScene>0</PopupScene></List>
                  <List><TemplateId><![CDATA[T2]]></TemplateId>
                    <SubscribeStatusString><![CDATA[reject]]></SubscribeStatusString><PopupScene>0</PopupScene></List>
                </SubscribeMsgPopupEvent>"),
            vec![accept(), reject()],
        ),
    ];
    for (n, (callback, expect)) in table.into_iter().enumerate() {
        assert_eq!(callback.event(), Some(&Event::SubscribeMsgPopup(expect)), "row {n}");
    }
}

#[test]
fn choice_is_read_whatever_its_flavour() {
    let statuses = ["accept", "acceptWithAudio", "reject", "filter", ""];
    let expect = [
        SubscribeStatus::Accept,
        SubscribeStatus::Accept,
        SubscribeStatus::Reject,
        SubscribeStatus::Other("filter".into()),
        SubscribeStatus::Other(String::new()),
    ];
    for (status, expect) in statuses.into_iter().zip(expect) {
        let callback = json(&format!(
            r#""MsgType":"event","Event":"subscribe_msg_change_event","List":{{"TemplateId":"T1","SubscribeStatusString":"{status}"}}"#
        ));
        assert_eq!(callback.event(), Some(&Event::SubscribeMsgChange(vec![choice("T1", expect, None)])));
    }
    let callback = xml(
        "<MsgType>event</MsgType><Event>subscribe_msg_change_event</Event><SubscribeMsgChangeEvent><List>\
         <TemplateId>T1</TemplateId><SubscribeStatusString>reject</SubscribeStatusString></List></SubscribeMsgChangeEvent>",
    );
    let rejected = choice("T1", SubscribeStatus::Reject, None);
    assert_eq!(callback.event(), Some(&Event::SubscribeMsgChange(vec![rejected])));
}

#[test]
fn receipts_of_subscription_messages_are_read() {
    let result = |msgid: &str, outcome| {
        let (template_id, msgid) = (TemplateId::from("T1"), Some(MsgId::from(msgid)));
        Event::SubscribeMsgSent(vec![SentResult { template_id, msgid, outcome }])
    };
    let failed = |status: &str| DeliveryOutcome::Failed { status: status.into() };
    let event = r#""MsgType":"event","Event":"subscribe_msg_sent_event""#;
    let entry = |rest: &str| json(&format!(r#"{event},"List":{{"TemplateId":"T1",{rest}}}"#));
    let table = [
        (
            entry(r#""MsgID":"1864323726461255680","ErrorCode":"0","ErrorStatus":"success""#),
            result("1864323726461255680", DeliveryOutcome::Delivered),
        ),
        (
            entry(r#""MsgID":1864323726461255680,"ErrorCode":0,"ErrorStatus":"success""#),
            result("1864323726461255680", DeliveryOutcome::Delivered),
        ),
        (entry(r#""MsgID":"1","ErrorCode":"0""#), result("1", DeliveryOutcome::Delivered)),
        (
            entry(r#""MsgID":"1","ErrorCode":"-1","ErrorStatus":"failed: system failed""#),
            result("1", failed("failed:system failed")),
        ),
        (entry(r#""MsgID":"1","ErrorCode":"10002""#), result("1", failed("10002"))),
        (
            json(&format!(
                r#"{event},"SubscribeMsgSentEvent":{{"List":{{"TemplateId":"T1","MsgID":"7","ErrorCode":"0","ErrorStatus":"success"}}}}"#
            )),
            result("7", DeliveryOutcome::Delivered),
        ),
        (
            xml(
                "<MsgType>event</MsgType><Event>subscribe_msg_sent_event</Event><SubscribeMsgSentEvent><List>\
                 <TemplateId><![CDATA[T1]]></TemplateId><MsgID>1700827132819554304</MsgID><ErrorCode>0</ErrorCode>\
                 <ErrorStatus><![CDATA[success]]></ErrorStatus></List></SubscribeMsgSentEvent>",
            ),
            result("1700827132819554304", DeliveryOutcome::Delivered),
        ),
    ];
    for (n, (callback, expect)) in table.into_iter().enumerate() {
        assert_eq!(callback.event(), Some(&expect), "row {n}");
    }
}

#[test]
fn identifiers_that_are_longer_than_wechats_are_nobody_and_no_message() {
    let long = "x".repeat(2_000);
    let read = |document: String| Callback::read(document.as_bytes()).expect("a document");
    let anonymous =
        read(format!(r#"{{"FromUserName":"{long}","CreateTime":1,"MsgType":"event","Event":"subscribe"}}"#));
    assert_eq!((anonymous.from.as_str(), anonymous.event().map(Event::name)), ("", Some("subscribe")));
    assert!(matches!(anonymous.event(), Some(Event::Other { .. })), "{anonymous:?}");
    let event = |rest: &str| json(&format!(r#""MsgType":"event",{rest}"#)).event().cloned();
    for msgid in
        [format!(r#""MsgID":"{long}","#), r#""MsgID":"","#.into(), r#""MsgID":null,"#.into(), String::new()]
    {
        let finished = event(&format!(r#""Event":"TEMPLATESENDJOBFINISH",{msgid}"Status":"success""#));
        let outcome = DeliveryOutcome::Delivered;
        assert_eq!(finished, Some(Event::TemplateSendJobFinish { msgid: None, outcome: outcome.clone() }));
        let sent = event(&format!(
            r#""Event":"subscribe_msg_sent_event","List":{{"TemplateId":"T1",{msgid}"ErrorCode":0}}"#
        ));
        let template_id = TemplateId::from("T1");
        assert_eq!(
            sent,
            Some(Event::SubscribeMsgSent(vec![SentResult { template_id, msgid: None, outcome }]))
        );
    }
    let scanned = event(&format!(r#""Event":"subscribe","EventKey":"qrscene_{long}""#));
    assert_eq!(scanned, Some(Event::Subscribe { scene: None, ticket: None }));
    let closed = event(&format!(r#""Event":"user_authorization_cancellation","OpenID":"{long}""#));
    assert_eq!(closed, Some(Event::UserAuthorizationCancellation { openid: None }));
    let popup = event(&format!(
        r#""Event":"subscribe_msg_popup_event","List":{{"TemplateId":"{long}","SubscribeStatusString":"accept"}}"#
    ));
    assert_eq!(popup, Some(Event::SubscribeMsgPopup(vec![])));
}

#[test]
fn callback_without_sender_or_kind_is_never_acted_on() {
    let content = |document: &str| Callback::read(document.as_bytes()).expect("a document").content;
    let subscribe = "<xml><MsgType>event</MsgType><Event>subscribe</Event></xml>";
    assert_eq!(content(subscribe), Content::Event(Event::Other { event: "subscribe".into() }));
    let text = r#"{"MsgType":"text","Content":"x","MsgId":1}"#;
    let other = |msgid: &str, msg_type: &str| Content::Message {
        msgid: MsgId::from(msgid),
        message: Message::Other { msg_type: msg_type.into() },
    };
    assert_eq!(content(text), other("1", "text"));
    assert_eq!(content("{}"), other("", ""));
}

#[test]
fn numbers_may_be_strings_and_the_other_way_round() {
    let callback = read(
        r#"{"ToUserName":"gh_123456789abc","FromUserName":"oAlice","CreateTime":"1610969440","MsgType":"text","Content":42,"MsgId":"49d72d67b16d_1555684067"}"#,
    );
    assert_eq!(callback.message(), Some(&Message::Text { content: "42".into() }));
    assert_eq!(callback.identity(), "oAlice:49d72d67b16d_1555684067");
}

#[test]
fn identity_differs_by_everything_that_makes_another_callback() {
    let event = |rest: &str| xml(&format!("<MsgType>event</MsgType>{rest}")).identity();
    let popup = |a: &str, b: &str| {
        event(&format!(
            "<Event>subscribe_msg_popup_event</Event><E><List><TemplateId>T1</TemplateId><S>{a}</S></List>\
             <List><TemplateId>T2</TemplateId><S>{b}</S></List></E>"
        ))
    };
    let identities = [
        event("<Event>subscribe</Event>"),
        event("<Event>unsubscribe</Event>"),
        event("<Event>subscribe</Event><EventKey>qrscene_1</EventKey>"),
        event("<Event>subscribe</Event><EventKey>qrscene_1</EventKey><Ticket>a</Ticket>"),
        event("<Event>subscribe</Event><EventKey>qrscene_1</EventKey><Ticket>b</Ticket>"),
        event("<Event>SCAN</Event><EventKey>1</EventKey><Ticket>a</Ticket>"),
        event("<Event>TEMPLATESENDJOBFINISH</Event><MsgID>1</MsgID><Status>success</Status>"),
        event("<Event>TEMPLATESENDJOBFINISH</Event><MsgID>2</MsgID><Status>success</Status>"),
        event("<Event>user_enter_tempsession</Event><SessionFrom>a</SessionFrom>"),
        event("<Event>user_enter_tempsession</Event><SessionFrom>b</SessionFrom>"),
        popup("accept", "reject"),
        popup("reject", "accept"),
        popup("accept", "accept"),
        xml("<MsgType>text</MsgType><MsgId>1</MsgId>").identity(),
        xml("<MsgType>text</MsgType><MsgId>2</MsgId>").identity(),
        xml("<MsgType>text</MsgType><Content>a</Content>").identity(),
        xml("<MsgType>text</MsgType><Content>b</Content>").identity(),
        event(&format!("<Event>{}</Event>", "x".repeat(200))),
        event("<Event>事件</Event>"),
    ];
    for (n, identity) in identities.iter().enumerate() {
        assert!(identity.len() <= 128 && identity.bytes().all(|byte| byte.is_ascii_graphic()), "{identity}");
        assert_eq!(identities.iter().position(|other| other == identity), Some(n), "{identity}");
    }
    assert_eq!(identities[0], "oAlice:1610969440:subscribe");
}

#[test]
fn identity_is_the_same_in_every_repeat() {
    let identity = |rest: &str| xml(&format!("<MsgType>event</MsgType>{rest}")).identity();
    let plain = identity("<Event>subscribe</Event>");
    assert_eq!(identity("<Event>subscribe</Event><EventKey></EventKey>"), plain);
    assert_eq!(identity("<Event><![CDATA[subscribe]]></Event><EventKey><![CDATA[]]></EventKey>"), plain);
    assert_eq!(identity("<Event>subscribe</Event><Encrypt>differs each time</Encrypt>"), plain);
    let scanned = identity("<Event>SCAN</Event><EventKey>1</EventKey>");
    assert_eq!(identity("<Event>scan</Event>\n<EventKey>\n<![CDATA[1]]></EventKey>"), scanned);
}
