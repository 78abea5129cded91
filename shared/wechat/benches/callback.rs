//! One encrypted callback from bytes in to bytes out, beside the cryptography in it alone: what reading,
//! typing and writing add must stay small: at most 0.7 of it. The second of each pair is the yardstick for the first.
//!
//! What is answered without a reply has half of the cryptography and all of the reading, so that the cryptography alone is
//! no yardstick for it: there, the documents are read as well, by serde's own code into borrowed fields, and what tells the
//! event from others is digested.

#[path = "../tests/callback/platform.rs"]
#[expect(dead_code, reason = "the bench seals callbacks and opens nothing")]
mod platform;

use std::hint::black_box;

use aes::cipher::array::Array;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, InnerIvInit, KeyInit};
use aes::{Aes256Dec, Aes256Enc};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use criterion::{Criterion, criterion_group, criterion_main};
use platform::*;
use serde::Deserialize;
use sha1::{Digest, Sha1};
use wechat::{CallbackMode, Reply};

const TEXT: &str = "<xml><ToUserName><![CDATA[gh_97417a04a28d]]></ToUserName>\
     <FromUserName><![CDATA[o9AgO5Kd5ggOC-bXrbNODIiE3bGY]]></FromUserName><CreateTime>1714112400</CreateTime>\
     <MsgType><![CDATA[text]]></MsgType><Content><![CDATA[护照什么时候到期？]]></Content>\
     <MsgId>23234567890123456</MsgId></xml>";
const SCAN: &str = "<xml><ToUserName><![CDATA[gh_97417a04a28d]]></ToUserName>\
     <FromUserName><![CDATA[o9AgO5Kd5ggOC-bXrbNODIiE3bGY]]></FromUserName><CreateTime>1714112400</CreateTime>\
     <MsgType><![CDATA[event]]></MsgType><Event><![CDATA[subscribe]]></Event>\
     <EventKey><![CDATA[qrscene_bind:0123456789abcdef]]></EventKey><Ticket><![CDATA[gQH47joAAAAAAAAAASxodHRw]]></Ticket></xml>";
const ENTER: &str = r#"{"ToUserName":"gh_97417a04a28d","FromUserName":"o9AgO5Kd5ggOC-bXrbNODIiE3bGY","CreateTime":1714112400,"MsgType":"event","Event":"user_enter_tempsession","SessionFrom":"item:42"}"#;

const JSON_TEXT: &str = r#"{"ToUserName":"gh_97417a04a28d","FromUserName":"o9AgO5Kd5ggOC-bXrbNODIiE3bGY","CreateTime":1714112400,"MsgType":"text","Content":"护照什么时候到期？","MsgId":23234567890123456}"#;

fn callbacks(criterion: &mut Criterion) {
    let reply = Reply::Text("您的护照将于2027年3月1日到期。\n到出入境大厅换发，请提前三十天预约。".into());
    for (name, message, reply) in [
        ("text_with_reply", TEXT, Some(&reply)),
        ("follow_with_reply", SCAN, Some(&reply)),
        ("json_text_with_reply", JSON_TEXT, Some(&reply)),
        ("enter_session_without_reply", ENTER, None),
    ] {
        let account = account(CallbackMode::Secure);
        let sealed = seal(KEY, message.as_bytes(), APPID);
        let (query, body) = (signed(&sealed), envelope(message, &sealed));
        let mut group = criterion.benchmark_group(name);
        group.bench_function("whole", |bencher| {
            bencher.iter(|| {
                let opened =
                    account.open(black_box(&query), black_box(body.as_bytes()), now()).expect("a callback");
                opened.answer(black_box(reply), now(), [7; 16]).body
            });
        });
        let opened = account.open(&query, body.as_bytes(), now()).expect("a callback");
        let answer = reply.map(|reply| opened.answer(Some(reply), now(), [7; 16]).body);
        let answered = answer.map(|answer| {
            let answer = String::from_utf8(answer).expect("text");
            let longest = answer.split(['"', '[', ']']).max_by_key(|part| part.len());
            STANDARD.decode(longest.expect("an Encrypt")).expect("base64").len()
        });
        let cryptography = Cryptography::new();
        group.bench_function("cryptography_alone", |bencher| {
            bencher.iter(|| {
                let message = cryptography.open(black_box(&sealed));
                let reply = answered.map(|length| cryptography.close(black_box(length)));
                (message, reply)
            });
        });
        if reply.is_none() {
            group.bench_function("cryptography_and_reading_alone", |bencher| {
                bencher.iter(|| {
                    let envelope: Envelope<'_> =
                        serde_json::from_slice(black_box(body.as_bytes())).expect("JSON");
                    let (bytes, signature) = cryptography.open(envelope.encrypt);
                    let length = u32::from_be_bytes(bytes[16..20].try_into().expect("four bytes"));
                    let message = &bytes[20..][..usize::try_from(length).expect("short")];
                    let enter: Enter<'_> = serde_json::from_slice(message).expect("JSON");
                    (Sha1::digest(enter.session_from), enter.from.to_owned(), enter.create_time, signature)
                });
            });
        }
        group.finish();
    }
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(rename = "Encrypt")]
    encrypt: &'a str,
}

#[derive(Deserialize)]
struct Enter<'a> {
    #[serde(rename = "FromUserName")]
    from: &'a str,
    #[serde(rename = "CreateTime")]
    create_time: i64,
    #[serde(rename = "SessionFrom")]
    session_from: &'a str,
}

/// The same operations on the same number of bytes, and nothing else.
struct Cryptography {
    encrypt: Aes256Enc,
    decrypt: Aes256Dec,
}

impl Cryptography {
    fn new() -> Self {
        let key = key_bytes(KEY);
        Self { encrypt: Aes256Enc::new(&key.into()), decrypt: Aes256Dec::new(&key.into()) }
    }

    fn sign(sealed: &str) -> [u8; 20] {
        let mut digest = Sha1::new();
        for part in ["1714112445", NONCE, sealed, TOKEN] {
            digest.update(part);
        }
        digest.finalize().into()
    }

    fn open(&self, sealed: &str) -> (Vec<u8>, [u8; 20]) {
        let signature = Self::sign(sealed);
        let mut bytes = STANDARD.decode(sealed).expect("base64");
        let (blocks, _) = Array::slice_as_chunks_mut(&mut bytes);
        cbc::Decryptor::inner_iv_init(&self.decrypt, &[7; 16].into()).decrypt_blocks(blocks);
        (bytes, signature)
    }

    fn close(&self, length: usize) -> (String, [u8; 20]) {
        let mut bytes = vec![7; length];
        let (blocks, _) = Array::slice_as_chunks_mut(&mut bytes);
        cbc::Encryptor::inner_iv_init(&self.encrypt, &[7; 16].into()).encrypt_blocks(blocks);
        let sealed = STANDARD.encode(&bytes);
        let signature = Self::sign(&sealed);
        (sealed, signature)
    }
}

criterion_group!(benches, callbacks);
criterion_main!(benches);
