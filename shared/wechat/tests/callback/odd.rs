//! Odd documents that are WeChat's, and good signatures that are not (docs/wechat.md §14.19, §14.20).

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::{ProptestConfig, any, proptest};
use wechat::{Callback, CallbackError, CallbackMode, CallbackQuery, Content, Message};

use crate::platform::{
    APPID, KEY, NONCE, NOW, TOKEN, account, envelope, now, seal, sha1_of, signed, signed_plain,
};

/// Opens `message` as WeChat would send it in this mode.
fn open(mode: CallbackMode, message: &[u8]) -> Result<Callback, CallbackError> {
    let sealed = seal(KEY, message, APPID);
    let exchange = match mode {
        CallbackMode::Plaintext => account(mode).open(&signed_plain(), message, now()),
        _ => account(mode).open(&signed(&sealed), envelope("<", &sealed).as_bytes(), now()),
    };
    exchange.map(|exchange| exchange.callback)
}

#[test]
fn damaged_document_is_read_and_its_sender_known() {
    let documents: [&[u8]; 8] = [
        b"{\"FromUserName\":\"o1\",\"CreateTime\":\"1714112445\",\"MsgType\":\"text\",\"Content\":\"a\x01\nb\",\"MsgId\":1}",
        b"{\"FromUserName\":\"o1\",\"CreateTime\":1714112445,\"MsgType\":\"text\",\"Content\":\"\xe6\x8a\",\"MsgId\":1}",
        br#"{"FromUserName":"o1","CreateTime":1714112445,"MsgType":"text","Content":"\ud83d","MsgId":1}"#,
        b"\xef\xbb\xbf{\"FromUserName\":\"o1\",\"CreateTime\":1714112445,\"MsgType\":\"text\",\"Content\":\"a\",\"MsgId\":1}\0",
        b"\xef\xbb\xbf<xml><FromUserName>o1</FromUserName><CreateTime>1714112445</CreateTime><MsgType>text</MsgType><Content>a</Content><MsgId>1</MsgId></xml>",
        b"<xml><FromUserName><![CDATA[o1]]></FromUserName><CreateTime>1714112445</CreateTime><MsgType>text</MsgType><Content><![CDATA[\xff]]></Content><MsgId>1</MsgId></xml>",
        b"<xml><FromUserName>o1</FromUserName><CreateTime><![CDATA[1714112445]]></CreateTime><MsgType>text</MsgType><Content>a & &b;</Content><MsgId>1</MsgId></xml>",
        b"<xml><FromUserName>o1</FromUserName><CreateTime> 1714112445 </CreateTime><MsgType>text</MsgType><Content>\x08</Content><MsgId>1</MsgId></xml>",
    ];
    for mode in [CallbackMode::Secure, CallbackMode::Plaintext] {
        for document in documents {
            let callback = open(mode, document).expect("it is WeChat's");
            assert_eq!(
                (callback.from.as_str(), callback.create_time),
                ("o1", NOW),
                "{}",
                document.escape_ascii()
            );
            let is_text = matches!(&callback.content, Content::Message { message: Message::Text { content }, .. } if !content.is_empty());
            assert!(is_text, "{}", document.escape_ascii());
        }
    }
}

#[test]
fn callback_that_does_not_say_when_is_of_the_time_of_its_sending() {
    for created in ["", r#""CreateTime":0,"#, r#""CreateTime":"soon","#, r#""CreateTime":1714112445000,"#] {
        let document = format!(r#"{{"FromUserName":"o1",{created}"MsgType":"event","Event":"subscribe"}}"#);
        let callback = open(CallbackMode::Secure, document.as_bytes()).expect("a callback");
        assert_eq!(callback.create_time, NOW, "{created}");
        assert_eq!(callback.identity(), "o1:0:subscribe", "a repeat, sent later, is the same");
    }
}

/// A follow of `created`, whose query says these; signed as if it said `timestamp` and `nonce` of `captured`.
fn replayed(
    created: i64,
    captured: (&str, &str),
    (timestamp, nonce): (&str, &str),
) -> Result<(), CallbackError> {
    let document = format!(
        "<xml><FromUserName>o1</FromUserName><CreateTime>{created}</CreateTime><MsgType>event</MsgType><Event>subscribe</Event></xml>"
    );
    let sealed = seal(KEY, document.as_bytes(), APPID);
    let query = CallbackQuery::parse(&format!(
        "timestamp={timestamp}&nonce={nonce}&encrypt_type=aes&msg_signature={}",
        sha1_of(&[TOKEN, captured.0, captured.1, &sealed]),
    ));
    let now: Timestamp = Timestamp::from_second(timestamp.parse().expect("a number")).expect("a time");
    let body = envelope("<", &sealed);
    account(CallbackMode::Secure).open(&query, body.as_bytes(), now + SignedDuration::from_secs(60)).map(drop)
}

#[test]
fn captured_request_is_refused_with_its_timestamp_and_nonce_exchanged() {
    const DAY: i64 = 24 * 60 * 60;
    let now = NOW.to_string();
    let later = (NOW + 30 * DAY).to_string();
    let refused = Err(CallbackError::Replayed);
    assert_eq!(
        replayed(NOW, (&now, &later), (&now, &later)),
        Ok(()),
        "WeChat's own, whatever its nonce looks like"
    );
    assert_eq!(replayed(NOW, (&now, &later), (&later, &now)), refused);
    assert_eq!(replayed(NOW - 299, (&now, &later), (&later, &now)), refused);
    // The nonce has nine digits, and the timestamp's last is its missing first.
    let (captured, short) = ("1714112441", "816704445");
    assert_eq!(replayed(1_714_112_441, (captured, short), ("1816704445", "171411244")), refused);
    // Genuine, and late.
    for late in [3_601, DAY, 30 * DAY] {
        assert_eq!(replayed(NOW - late, (&now, NONCE), (&now, NONCE)), Ok(()), "{late}");
        assert_eq!(replayed(NOW - late, (&now, &later), (&now, &later)), Ok(()), "{late}");
    }
    // Anything else that was changed has another signature.
    assert_eq!(replayed(NOW, (&now, NONCE), (&later, NONCE)), Err(CallbackError::BadSignature));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn nothing_behind_a_right_signature_is_a_forgery(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        text in r#"[{<]{0,2}("[A-Za-z]{1,3}":|<[A-Za-z]{1,3}>|</?xml>|<!\[CDATA\[|\]\]>|[\x00-\x1f"\\{}\[\],:0-9&;]|u[d-f]8[0-9a-f]{2}|护){0,40}"#,
    ) {
        for message in [bytes.as_slice(), text.as_bytes()] {
            for mode in [CallbackMode::Secure, CallbackMode::Compatible, CallbackMode::Plaintext] {
                if let Err(error) = open(mode, message) {
                    assert!(error.is_wechats(), "{mode:?} {error:?} {}", message.escape_ascii());
                }
            }
        }
    }
}
