//! What the callback opens, what it refuses, and what its answers look like to WeChat.

mod odd;
mod platform;

use jiff::{SignedDuration, Timestamp};
use platform::*;
use proptest::prelude::{ProptestConfig, any, proptest};
use wechat::{
    Answer, Callback, CallbackError, CallbackMode, CallbackQuery, Content, EncodingAesKey, Exchange,
    MAX_CALLBACK_BYTES, Malformation, MediaId, Message, Reply,
};

const XML_TEXT: &str = "<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[oAlice]]></FromUserName>\
     <CreateTime>1714112400</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[你好]]></Content>\
     <MsgId>1234567890123456</MsgId></xml>";
const JSON_TEXT: &str = r#"{"ToUserName":"gh_1","FromUserName":"oAlice","CreateTime":1714112400,"MsgType":"text","Content":"你好","MsgId":1234567890123456}"#;
const XML_FOLLOW: &str = "<xml><ToUserName>gh_1</ToUserName><FromUserName>oAlice</FromUserName><CreateTime>1714112400</CreateTime>\
     <MsgType>event</MsgType><Event>subscribe</Event></xml>";
const XML_UNFOLLOW: &str = "<xml><ToUserName>gh_1</ToUserName><FromUserName>oAlice</FromUserName><CreateTime>1714112400</CreateTime>\
     <MsgType>event</MsgType><Event>unsubscribe</Event></xml>";

fn open(mode: CallbackMode, query: &CallbackQuery, body: &str) -> Result<Exchange, CallbackError> {
    account(mode).open(query, body.as_bytes(), now())
}

fn open_sealed(message: &str) -> Exchange {
    let sealed = seal(KEY, message.as_bytes(), APPID);
    open(CallbackMode::Secure, &signed(&sealed), &envelope(message, &sealed)).expect("a callback")
}

fn is_the_text(opened: &Exchange) -> bool {
    opened.callback.message() == Some(&Message::Text { content: "你好".into() })
}

#[test]
fn mode_opens_its_callbacks_in_both_formats() {
    for message in [XML_TEXT, JSON_TEXT] {
        assert!(is_the_text(&open_sealed(message)));
        assert!(is_the_text(&open(CallbackMode::Plaintext, &signed_plain(), message).expect("a callback")));
        let sealed = seal(KEY, message.as_bytes(), APPID);
        let both = if message == XML_TEXT {
            message.replace("</xml>", &format!("<Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"))
        } else {
            message.replace('}', &format!(r#","Encrypt":"{sealed}"}}"#))
        };
        for mode in [CallbackMode::Compatible, CallbackMode::Secure, CallbackMode::Plaintext] {
            assert!(is_the_text(&open(mode, &signed(&sealed), &both).expect("a callback")), "{mode:?}");
        }
    }
}

#[test]
fn compatible_mode_ignores_the_clear_part() {
    let sealed = seal(KEY, XML_TEXT.as_bytes(), APPID);
    let body = XML_FOLLOW.replace("</xml>", &format!("<Encrypt>{sealed}</Encrypt></xml>"));
    let opened = open(CallbackMode::Compatible, &signed(&sealed), &body).expect("a callback");
    assert!(is_the_text(&opened));
}

#[test]
fn encrypted_modes_never_act_on_a_body_in_clear() {
    for mode in [CallbackMode::Secure, CallbackMode::Compatible] {
        assert_eq!(open(mode, &signed_plain(), XML_TEXT).err(), Some(CallbackError::WrongMode));
        let raw = CallbackQuery { encrypt_type: Some("raw".into()), ..signed_plain() };
        assert_eq!(open(mode, &raw, XML_TEXT).err(), Some(CallbackError::WrongMode));
        let claims = CallbackQuery { encrypt_type: Some("aes".into()), ..signed_plain() };
        assert_eq!(
            open(mode, &claims, XML_TEXT).err(),
            Some(CallbackError::MissingParameter("msg_signature"))
        );
        let signed = signed("");
        assert_eq!(
            open(mode, &signed, XML_TEXT).err(),
            Some(CallbackError::NotWechats(Malformation::NoEncrypt))
        );
    }
}

#[test]
fn plaintext_mode_says_so_when_a_callback_is_encrypted_only() {
    let sealed = seal(KEY, XML_TEXT.as_bytes(), APPID);
    let refused = open(CallbackMode::Plaintext, &signed(&sealed), &envelope(XML_TEXT, &sealed));
    assert_eq!(refused.err(), Some(CallbackError::WrongMode));
}

#[test]
fn signature_notices_every_change_to_a_callback() {
    let sealed = seal(KEY, XML_TEXT.as_bytes(), APPID);
    let good = signed(&sealed);
    let body = envelope(XML_TEXT, &sealed);
    let with = |change: fn(&mut CallbackQuery)| {
        let mut query = good.clone();
        change(&mut query);
        open(CallbackMode::Secure, &query, &body).err()
    };
    assert_eq!(with(|_| ()), None);
    assert_eq!(with(|query| query.nonce = Some("1".into())), Some(CallbackError::BadSignature));
    assert_eq!(
        with(|query| query.timestamp = Some((NOW + 1).to_string())),
        Some(CallbackError::BadSignature)
    );
    assert_eq!(
        with(|query| query.msg_signature = query.signature.clone()),
        Some(CallbackError::BadSignature)
    );
    assert_eq!(with(|query| query.msg_signature = Some(String::new())), Some(CallbackError::BadSignature));
    assert_eq!(
        with(|query| query.msg_signature = None),
        Some(CallbackError::MissingParameter("msg_signature"))
    );
    assert_eq!(with(|query| query.timestamp = None), Some(CallbackError::MissingParameter("timestamp")));
    assert_eq!(with(|query| query.nonce = None), Some(CallbackError::MissingParameter("nonce")));
    assert_eq!(
        with(|query| query.timestamp = Some("soon".into())),
        Some(CallbackError::NotWechats(Malformation::NotATimestamp))
    );
    let other = envelope(XML_TEXT, &seal(KEY, XML_FOLLOW.as_bytes(), APPID));
    assert_eq!(open(CallbackMode::Secure, &good, &other).err(), Some(CallbackError::BadSignature));
}

#[test]
fn callback_is_taken_within_five_minutes_either_way() {
    let sealed = seal(KEY, XML_TEXT.as_bytes(), APPID);
    let (query, body) = (signed(&sealed), envelope(XML_TEXT, &sealed));
    let at = |offset: i64| {
        let now: Timestamp = now() + SignedDuration::from_secs(offset);
        account(CallbackMode::Secure).open(&query, body.as_bytes(), now).err()
    };
    assert_eq!([at(-300), at(0), at(300)], [None, None, None]);
    assert_eq!([at(-301), at(301)], [Some(CallbackError::Stale), Some(CallbackError::Stale)]);
    for other_form in
        [format!("+{NOW}"), format!("0{NOW}"), format!("{NOW} "), i64::MIN.to_string(), String::new()]
    {
        let query = CallbackQuery { timestamp: Some(other_form), ..query.clone() };
        let refused = open(CallbackMode::Secure, &query, &body).err();
        assert_eq!(refused, Some(CallbackError::NotWechats(Malformation::NotATimestamp)), "{query:?}");
    }
    let echo = CallbackQuery { echostr: Some("1".into()), ..signed_plain() };
    let later = now() + SignedDuration::from_secs(301);
    assert_eq!(account(CallbackMode::Secure).verify_url(&echo, later), Err(CallbackError::Stale));
}

#[test]
fn address_check_needs_a_good_signature_and_something_to_echo() {
    let account = account(CallbackMode::Secure);
    let echo = CallbackQuery { echostr: Some("<b>\"1\"</b>".into()), ..signed_plain() };
    assert_eq!(account.verify_url(&echo, now()).as_deref(), Ok("<b>\"1\"</b>"));
    assert_eq!(account.verify_url(&signed_plain(), now()), Err(CallbackError::MissingParameter("echostr")));
    let forged = CallbackQuery { signature: Some("0".repeat(40)), ..echo };
    assert_eq!(account.verify_url(&forged, now()), Err(CallbackError::BadSignature));
}

#[test]
fn ciphertext_for_others_or_of_nothing_is_refused() {
    let refused = |sealed: &str| open(CallbackMode::Secure, &signed(sealed), &envelope("<", sealed)).err();
    assert_eq!(
        refused(&seal(KEY, XML_TEXT.as_bytes(), "wx0000000000000000")),
        Some(CallbackError::ForeignAppid)
    );
    assert_eq!(refused(&seal(KEY, XML_TEXT.as_bytes(), "")), Some(CallbackError::ForeignAppid));
    assert_eq!(refused(&seal(OTHER_KEY, XML_TEXT.as_bytes(), APPID)), Some(CallbackError::Undecryptable));
    assert_eq!(refused("AAAA"), Some(CallbackError::Undecryptable));
    assert_eq!(refused("!"), Some(CallbackError::Undecryptable));
    assert_eq!(
        refused(&seal(KEY, b"success", APPID)),
        Some(CallbackError::Malformed(Malformation::NeitherXmlNorJson))
    );
    let long = " ".repeat(MAX_CALLBACK_BYTES + 1);
    let too_long = open(CallbackMode::Secure, &signed(""), &long).err();
    assert_eq!(too_long, Some(CallbackError::NotWechats(Malformation::TooLong)));
}

#[test]
fn stranger_never_learns_or_tells_anything_about_the_mode() {
    for mode in [CallbackMode::Secure, CallbackMode::Compatible] {
        let forged = CallbackQuery { signature: Some("0".repeat(40)), ..signed_plain() };
        assert_eq!(open(mode, &forged, XML_TEXT).err(), Some(CallbackError::BadSignature));
        let unsigned = CallbackQuery { signature: None, ..signed_plain() };
        assert_eq!(open(mode, &unsigned, XML_TEXT).err(), Some(CallbackError::MissingParameter("signature")));
        let old = CallbackQuery { timestamp: Some("1000000000".into()), ..signed_plain() };
        assert_eq!(open(mode, &old, XML_TEXT).err(), Some(CallbackError::Stale));
    }
}

#[test]
fn error_says_what_may_mend_it() {
    // (refusal, another key may, newer secrets may, only a stranger is refused so)
    for (forgery, key, secrets, stranger) in [
        (CallbackError::BadSignature, true, true, false),
        (CallbackError::Undecryptable, true, true, false),
        (CallbackError::ForeignAppid, true, true, false),
        (CallbackError::WrongMode, false, true, false),
        (CallbackError::MissingParameter("msg_signature"), false, true, true),
        (CallbackError::MissingParameter("nonce"), false, false, true),
        (CallbackError::NotWechats(Malformation::NoEncrypt), false, false, true),
        (CallbackError::Stale, false, false, false),
        (CallbackError::Replayed, false, false, true),
        (CallbackError::Malformed(Malformation::Empty), false, false, false),
    ] {
        let says = (forgery.is_signature(), forgery.may_come_of_old_secrets(), forgery.is_a_strangers());
        assert_eq!(says, (key, secrets, stranger), "{forgery:?}");
        assert_eq!(forgery.is_wechats(), matches!(forgery, CallbackError::Malformed(_)), "{forgery:?}");
    }
}

#[test]
fn keys_both_work_after_a_change_and_the_answer_uses_the_one_that_did() {
    let mut account = account(CallbackMode::Secure);
    account.previous_encoding_aes_key = Some(EncodingAesKey::parse(OTHER_KEY).expect("a key"));
    for key in [KEY, OTHER_KEY] {
        let sealed = seal(key, XML_TEXT.as_bytes(), APPID);
        let body = envelope(XML_TEXT, &sealed);
        let opened = account.open(&signed(&sealed), body.as_bytes(), now()).expect("a callback");
        let answer = opened.answer(Some(&Reply::Text("好".into())), now(), [7; 16]);
        assert!(unsealed_answer(key, &answer).contains("<![CDATA[好]]>"));
    }
}

/// Reads an XML answer as WeChat does: takes it apart, checks its signature, decrypts it.
fn unsealed_answer(key: &str, answer: &Answer) -> String {
    let body = std::str::from_utf8(&answer.body).expect("text");
    let between = |from: &str, to: &str| {
        let (_, rest) = body.split_once(from).expect("an opening");
        rest.split_once(to).expect("a closing").0
    };
    let sealed = between("<xml><Encrypt><![CDATA[", "]]></Encrypt>");
    let msg_signature = between("<MsgSignature><![CDATA[", "]]></MsgSignature>");
    let timestamp = between("<TimeStamp>", "</TimeStamp>");
    let nonce = between("<Nonce><![CDATA[", "]]></Nonce></xml>");
    assert_eq!((timestamp, nonce), (NOW.to_string().as_str(), NONCE));
    assert_eq!(msg_signature, sha1_of(&[TOKEN, timestamp, nonce, sealed]));
    unseal(key, sealed)
}

#[test]
fn reply_goes_back_in_the_format_and_under_the_seal_of_its_callback() {
    let reply = Reply::Text("a]]>b\u{8}护照".into());
    let answer = open_sealed(XML_TEXT).answer(Some(&reply), now(), *b"fedcba9876543210");
    assert_eq!(answer.content_type, "text/xml; charset=utf-8");
    assert_eq!(
        unsealed_answer(KEY, &answer),
        "<xml><ToUserName><![CDATA[oAlice]]></ToUserName><FromUserName><![CDATA[gh_1]]></FromUserName>\
         <CreateTime>1714112400</CreateTime><MsgType><![CDATA[text]]></MsgType>\
         <Content><![CDATA[a]]]]><![CDATA[>b护照]]></Content></xml>"
    );

    let answer = open_sealed(JSON_TEXT).answer(Some(&Reply::TransferCustomerService), now(), [1; 16]);
    assert_eq!(answer.content_type, "application/json; charset=utf-8");
    let envelope: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
    let text = |name: &str| envelope[name].as_str().expect("text").to_owned();
    assert_eq!(envelope["TimeStamp"], NOW);
    assert_eq!(text("Nonce"), NONCE);
    assert_eq!(text("MsgSignature"), sha1_of(&[TOKEN, &NOW.to_string(), NONCE, &text("Encrypt")]));
    assert_eq!(
        unseal(KEY, &text("Encrypt")),
        r#"{"ToUserName":"oAlice","FromUserName":"gh_1","CreateTime":1714112400,"MsgType":"transfer_customer_service"}"#
    );
}

#[test]
fn callback_in_clear_is_answered_in_clear() {
    let answered = |message: &str, reply: &Reply| {
        let opened = open(CallbackMode::Plaintext, &signed_plain(), message).expect("a callback");
        String::from_utf8(opened.answer(Some(reply), now(), [0; 16]).body).expect("text")
    };
    assert_eq!(
        answered(XML_TEXT, &Reply::Image(MediaId::from("M1"))),
        "<xml><ToUserName><![CDATA[oAlice]]></ToUserName><FromUserName><![CDATA[gh_1]]></FromUserName>\
         <CreateTime>1714112400</CreateTime><MsgType><![CDATA[image]]></MsgType>\
         <Image><MediaId><![CDATA[M1]]></MediaId></Image></xml>"
    );
    assert_eq!(
        answered(JSON_TEXT, &Reply::Image(MediaId::from("M1"))),
        r#"{"ToUserName":"oAlice","FromUserName":"gh_1","CreateTime":1714112400,"MsgType":"image","Image":{"MediaId":"M1"}}"#
    );
    assert_eq!(
        answered(JSON_TEXT, &Reply::Text("\"好\"\n".into())),
        r#"{"ToUserName":"oAlice","FromUserName":"gh_1","CreateTime":1714112400,"MsgType":"text","Content":"\"好\"\n"}"#
    );
}

#[test]
fn answer_without_reply_is_the_bare_word_in_every_mode() {
    let sealed = open_sealed(XML_TEXT).answer(None, now(), [0; 16]);
    let plain = open(CallbackMode::Plaintext, &signed_plain(), JSON_TEXT).expect("a callback");
    for answer in [sealed, plain.answer(None, now(), [0; 16])] {
        assert_eq!(answer, Answer { body: b"success".to_vec(), content_type: "text/plain" });
    }
}

#[test]
fn reply_that_its_callback_cannot_take_becomes_the_bare_word() {
    let is_success = |message: &str, reply: Reply| {
        open_sealed(message).answer(Some(&reply), now(), [0; 16]) == Answer::success()
    };
    assert!(is_success(XML_TEXT, Reply::Text(String::new())));
    assert!(is_success(XML_FOLLOW, Reply::TransferCustomerService));
    assert!(is_success(XML_UNFOLLOW, Reply::Text("x".into())));
    assert!(!is_success(XML_FOLLOW, Reply::Text("x".into())));
    assert!(!is_success(XML_TEXT, Reply::TransferCustomerService));
}

#[test]
fn repeat_gets_the_identical_plaintext() {
    let answer = |random| {
        let answer = open_sealed(XML_TEXT).answer(Some(&Reply::Text("好".into())), now(), random);
        (unsealed_answer(KEY, &answer), answer)
    };
    let ((first, first_bytes), (second, second_bytes)) = (answer([1; 16]), answer([2; 16]));
    assert_eq!(first, second);
    assert_ne!(first_bytes, second_bytes);
}

#[test]
fn debug_prints_nothing_of_a_callback() {
    let opened = open_sealed(XML_TEXT);
    let printed = format!("{opened:?} {:?} {:?}", account(CallbackMode::Secure), signed("x"));
    for secret in ["你好", "oAlice", TOKEN, KEY, &sha1_of(&[TOKEN, &NOW.to_string(), NONCE, "x"])] {
        assert!(!printed.contains(secret), "{secret} in {printed}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn opening_panics_at_no_body(body in proptest::collection::vec(any::<u8>(), 0..400), query in "\\PC*") {
        for mode in [CallbackMode::Secure, CallbackMode::Compatible, CallbackMode::Plaintext] {
            let _refused = account(mode).open(&CallbackQuery::parse(&query), &body, now());
            let _read = account(mode).open(&signed_plain(), &body, now());
        }
    }

    #[test]
    fn reading_panics_at_nothing_that_looks_like_a_document(
        body in r#"(<xml>|</xml>|<[A-Za-z]{0,4}/?>|</[A-Za-z]{0,4}>|<!\[CDATA\[|\]\]>|&[a-z#0-9]{0,4};|[{}:,"\[\]]|<!|\?>|护|\PC){0,40}"#,
    ) {
        let _read = Callback::read(body.as_bytes());
        let _read = Callback::read(format!("<xml>{body}</xml>").as_bytes());
        let _read = Callback::read(format!("{{\"a\":{body}}}").as_bytes());
    }

    #[test]
    fn text_comes_through_both_formats(content in "\\PC{1,80}") {
        let xml = XML_TEXT.replace("你好", &content.replace("]]>", "]]]]><![CDATA[>"));
        let json = JSON_TEXT.replace("\"你好\"", &serde_json::to_string(&content).expect("JSON"));
        for document in [xml, json] {
            let callback = Callback::read(document.as_bytes()).expect("a callback");
            assert!(matches!(
                callback.content,
                Content::Message { message: Message::Text { content: read }, .. } if read == content
            ));
        }
    }
}
