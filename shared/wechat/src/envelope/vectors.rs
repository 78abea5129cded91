//! The published examples of WeChat's signatures and encryption (docs/wechat.md §1.8), one test each, and the
//! properties that hold for every text and key.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use proptest::prelude::{ProptestConfig, any, proptest};

use super::encoding_aes_key::KeyError;
use super::signature;
use super::{CallbackAccount, CallbackError, CallbackMode, CallbackQuery, EncodingAesKey};
use crate::{AppId, CallbackToken, Content, Event};

const OFFICIAL_KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const OFFICIAL_APPID: &str = "wxba5fad812f8e6fb9";
const PLATFORM_APPID: &str = "wx134c8103faa5a59e";

const OFFICIAL_JSON: &str = "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVza\
     zhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwK\
     SqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04=";
const OFFICIAL_JSON_MESSAGE: &str = r#"{"ToUserName":"gh_97417a04a28d","FromUserName":"o9AgO5Kd5ggOC-bXrbNODIiE3bGY","CreateTime":1714112445,"MsgType":"event","Event":"debug_demo","debug_str":"hello world"}"#;
const OFFICIAL_REPLY: &str =
    "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ==";
const OFFICIAL_XML: &str = "D7yzvUNAL930rd28wf21s4hvXhz0L6Uit/p2Di6C5DHyYGpEgdBRnKjBec34JwoQXicwaZC7fOVihW80F4VtsdvE//1vr7oAbqjD\
     v8KenVp+ajKYpJnyQ4zMRhIC+a31fCVOMC03FfzV/QuC94kBP55a+Za3sJgvAn+ZbsNqZI5DkyuzkhQN8OBqCzFhizGmy0xpM0ME\
     A4agpvE+RuNO1rhHTtuJB5yltw1FiYzecSXJ+y/D2r81VkRn2eYjh2ltsoyfbDR7Is6ookXIFxTfyeNyeHxMeT4KN5WpCDmSbTcU\
     YrbBUlkGLJ9n/rU8YOywma6G7aTb7KZKOqCxgfoUlYEZPk4FUL/TK7ShriFDMVCLyjQJ15Ob++agDWtcxhfUfe6HIoIpRW8mKNBQ\
     iY/Jd1svvuskA1wLef1RTtzKfMpagSCX/laZINmdnX4zrF6kIaR9P4xQrWXbsTFHTYe0Mg==";
const OFFICIAL_XML_MESSAGE: &str = "<xml><ToUserName><![CDATA[gh_97417a04a28d]]></ToUserName>\n\
     <FromUserName><![CDATA[o9AgO5Kd5ggOC-bXrbNODIiE3bGY]]></FromUserName>\n\
     <CreateTime>1715943329</CreateTime>\n\
     <MsgType><![CDATA[event]]></MsgType>\n\
     <Event><![CDATA[debug_demo]]></Event>\n\
     <debug_str><![CDATA[hello world]]></debug_str>\n\
     </xml>";
const JAVA_KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
const JAVA: &str = "jn1L23DB+6ELqJ+6bruv21Y6MD7KeIfP82D6gU39rmkgczbWwt5+3bnyg5K55bgVtVzd832WzZGMhkP72vVOfg==";
const WECOM_KEY: &str = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR";
const WECOM: &str =
    "4ByGGj+sVCYcvGeQYhaKIk1o0pQRNbRjxybjTGblXrBaXlTXeOo1+bXFXDQQb1o6co6Yh9Bv41n7hOchLF6p+Q==";

fn sign<const N: usize>(parts: [&str; N]) -> [u8; 40] {
    signature::sign(&mut parts.map(str::as_bytes))
}

fn key(text: &str) -> EncodingAesKey {
    EncodingAesKey::parse(text).expect("a key")
}

fn decrypted(key_text: &str, sealed: &str, receiver: &str) -> Result<String, CallbackError> {
    let text = |message: &[u8]| Ok(String::from_utf8(message.to_vec()).expect("text"));
    key(key_text).decrypt(sealed, &AppId::from(receiver), text)
}

fn encrypted(key_text: &str, random: [u8; 16], message: &str, sender: &str) -> String {
    let mut sealed = Vec::new();
    let write = |out: &mut Vec<u8>| out.extend_from_slice(message.as_bytes());
    key(key_text).encrypt(random, &AppId::from(sender), write, &mut sealed);
    String::from_utf8(sealed).expect("base64")
}

fn official(appid: &str, mode: CallbackMode) -> CallbackAccount {
    CallbackAccount {
        appid: AppId::from(appid),
        callback_token: CallbackToken::from("AAAAA"),
        encoding_aes_key: key(OFFICIAL_KEY),
        previous_encoding_aes_key: None,
        mode,
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("a time")
}

#[test]
fn vector_of_the_official_check_of_the_address() {
    let query = CallbackQuery::parse(
        "signature=f464b24fc39322e44b38aa78f5edd27bd1441696&echostr=4375120948345356249\
         &timestamp=1714036504&nonce=1514711492",
    );
    for mode in [CallbackMode::Secure, CallbackMode::Compatible, CallbackMode::Plaintext] {
        let echostr = official(OFFICIAL_APPID, mode).verify_url(&query, at(1_714_036_504));
        assert_eq!(echostr.as_deref(), Ok("4375120948345356249"));
    }
}

#[test]
fn vector_of_the_official_callback_in_clear() {
    let query = CallbackQuery::parse(
        "signature=899cf89e464efb63f54ddac96b0a0a235f53aa78&timestamp=1714037059&nonce=486452656",
    );
    let account = official(OFFICIAL_APPID, CallbackMode::Plaintext);
    let opened = account.open(&query, OFFICIAL_JSON_MESSAGE.as_bytes(), at(1_714_037_059));
    assert_eq!(opened.expect("a callback").callback.from.as_str(), "o9AgO5Kd5ggOC-bXrbNODIiE3bGY");
}

#[test]
fn vector_of_the_official_callback_in_json() {
    let query = CallbackQuery::parse(
        "signature=6c5c811b55cc85e0e1b54100749188c20beb3f5d&timestamp=1714112445&nonce=415670741\
         &openid=o9AgO5Kd5ggOC-bXrbNODIiE3bGY&encrypt_type=aes\
         &msg_signature=046e02f8204d34f8ba5fa3b1db94908f3df2e9b3",
    );
    let body = format!(r#"{{"ToUserName":"gh_97417a04a28d","Encrypt":"{OFFICIAL_JSON}"}}"#);
    let account = official(OFFICIAL_APPID, CallbackMode::Secure);
    let callback = account.open(&query, body.as_bytes(), at(1_714_112_445)).expect("a callback").callback;
    assert_eq!(callback.to.as_str(), "gh_97417a04a28d");
    assert_eq!(callback.from.as_str(), "o9AgO5Kd5ggOC-bXrbNODIiE3bGY");
    assert_eq!(callback.create_time, 1_714_112_445);
    assert_eq!(callback.content, Content::Event(Event::Other { event: "debug_demo".into() }));
    assert_eq!(decrypted(OFFICIAL_KEY, OFFICIAL_JSON, OFFICIAL_APPID).as_deref(), Ok(OFFICIAL_JSON_MESSAGE));
    let again = encrypted(OFFICIAL_KEY, *b"a8eedb185eb2fecf", OFFICIAL_JSON_MESSAGE, OFFICIAL_APPID);
    assert_eq!(again, OFFICIAL_JSON);
    assert_eq!(sign(["AAAAA", "1714112445", "415670741"]), *b"6c5c811b55cc85e0e1b54100749188c20beb3f5d");
}

#[test]
fn vector_of_the_official_reply() {
    let sealed =
        encrypted(OFFICIAL_KEY, *b"707722b803182950", r#"{"demo_resp":"good luck"}"#, OFFICIAL_APPID);
    assert_eq!(sealed, OFFICIAL_REPLY);
    assert_eq!(
        sign(["AAAAA", "1713424427", "415670741", &sealed]),
        *b"1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1"
    );
}

#[test]
fn vector_of_the_official_callback_in_xml() {
    let query = CallbackQuery::parse(
        "signature=cc0c594499c1634947d5b502f158ee518947db27&timestamp=1715943329&nonce=1590219412\
         &encrypt_type=aes&msg_signature=6c12a4205838198b8fa631b3220723bb07f1015c",
    );
    let body = format!(
        "<xml><ToUserName><![CDATA[gh_97417a04a28d]]></ToUserName><Encrypt><![CDATA[{OFFICIAL_XML}]]></Encrypt></xml>"
    );
    let account = official(PLATFORM_APPID, CallbackMode::Secure);
    let callback = account.open(&query, body.as_bytes(), at(1_715_943_329)).expect("a callback").callback;
    assert_eq!(callback.from.as_str(), "o9AgO5Kd5ggOC-bXrbNODIiE3bGY");
    assert_eq!(callback.create_time, 1_715_943_329);
    assert_eq!(callback.content, Content::Event(Event::Other { event: "debug_demo".into() }));
    assert_eq!(decrypted(OFFICIAL_KEY, OFFICIAL_XML, PLATFORM_APPID).as_deref(), Ok(OFFICIAL_XML_MESSAGE));
    let again = encrypted(OFFICIAL_KEY, *b"1205899eaf019bbd", OFFICIAL_XML_MESSAGE, PLATFORM_APPID);
    assert_eq!(again, OFFICIAL_XML);
}

#[test]
fn vector_of_the_java_demo_with_a_key_that_has_trailing_bits() {
    let sealed = encrypted(JAVA_KEY, *b"aaaabbbbccccdddd", "我是中文abcd123", "wxb11529c136998cb6");
    assert_eq!(sealed, JAVA);
    assert_eq!(decrypted(JAVA_KEY, JAVA, "wxb11529c136998cb6").as_deref(), Ok("我是中文abcd123"));
    assert_eq!(decrypted(JAVA_KEY, JAVA, "wxb11529c136998cb7"), Err(CallbackError::ForeignAppid));
}

#[test]
fn vector_of_the_wecom_demo_with_the_same_encryption() {
    assert_eq!(decrypted(WECOM_KEY, WECOM, "wx49f0ab532d5d035a").as_deref(), Ok("5927782489442352469"));
    assert_eq!(
        sign(["123456", "1411443780", "437374425", WECOM]),
        *b"dd6b9c95b495b3f7e2901bfbc76c664930ffdb96"
    );
}

#[test]
fn key_that_is_none_is_refused_and_none_is_ever_shown() {
    let error = |text: &str| EncodingAesKey::parse(text).err();
    assert_eq!(error(""), Some(KeyError::Length));
    assert_eq!(error(&JAVA_KEY[1..]), Some(KeyError::Length));
    assert_eq!(error(&format!("{JAVA_KEY}=")), Some(KeyError::Length));
    assert_eq!(error(&JAVA_KEY.replace('a', "!")), Some(KeyError::Alphabet));
    assert_eq!(error(&"护".repeat(43)[..43 * 3]), Some(KeyError::Length));
    assert_eq!(format!("{:?}", key(JAVA_KEY)), "EncodingAesKey([redacted])");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn encryption_is_undone_for_every_text_and_key(
        key_text in "[A-Za-z0-9]{43}",
        random in any::<[u8; 16]>(),
        message in "\\PC{0,200}",
        appid in "wx[0-9a-f]{16}",
    ) {
        let sealed = encrypted(&key_text, random, &message, &appid);
        assert_eq!(decrypted(&key_text, &sealed, &appid).as_deref(), Ok(message.as_str()));
    }

    #[test]
    fn decryption_panics_at_no_ciphertext(sealed in proptest::collection::vec(any::<u8>(), 0..200)) {
        let sealed = STANDARD.encode(sealed);
        let _outcome = key(JAVA_KEY).decrypt(&sealed, &AppId::from("wx1"), |_| Ok(()));
    }
}
