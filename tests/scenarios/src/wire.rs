//! What goes over the wire of the callback, made by hand: WeChat's documents in any shape, and whatever else somebody
//! may post.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use serde_json::{Value, json};
use simulator::people::client;
use simulator::wechat::{Account, AccountName, Envelope, Format, Mode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::scene::Scene;

pub(crate) const MINI: AccountName = AccountName::MiniProgram;
pub(crate) const SERVICE: AccountName = AccountName::ServiceAccount;

pub(crate) fn account(scene: &Scene, name: AccountName) -> Account {
    scene.world.platform().accounts().get(name).cloned().expect("this world has both")
}

/// The same mode for both accounts, in WeChat's console and in the secrets, and functions that know.
pub(crate) fn set_mode(scene: &Scene, mode: Mode) {
    for name in AccountName::ALL {
        scene.change_account(name, |account| account.mode = mode);
    }
    scene.world.ssm().change_secrets(|secrets| {
        for account in ["mini_program", "service_account"] {
            secrets[account]["mode"] = json!(mode);
        }
    });
    scene.world.recycle();
}

/// `fields` as a document from `from` to this account.
pub(crate) fn addressed(account: &Account, from: &str, created: Value, fields: &Value) -> Value {
    let mut document = json!({
        "ToUserName": account.original_id, "FromUserName": from, "CreateTime": created,
    });
    for (name, value) in fields.as_object().expect("fields") {
        document[name] = value.clone();
    }
    document
}

/// Strings become CDATA, numbers stand bare, lists repeat their element.
pub(crate) fn written(format: Format, document: &Value) -> String {
    match format {
        Format::Json => document.to_string(),
        Format::Xml => element("xml", document),
    }
}

fn element(name: &str, value: &Value) -> String {
    let inside = match value {
        Value::Array(several) => return several.iter().map(|one| element(name, one)).collect(),
        Value::Object(fields) => fields.iter().map(|(name, value)| element(name, value)).collect(),
        Value::String(text) => format!("<![CDATA[{}]]>", text.replace("]]>", "]]]]><![CDATA[>")),
        bare => bare.to_string(),
    };
    format!("<{name}>{inside}</{name}>")
}

/// A fresh envelope, as of now.
pub(crate) fn wrapped(scene: &Scene, account: &Account, format: Format, document: &Value) -> Envelope {
    static N: AtomicU64 = AtomicU64::new(0);
    let n = N.fetch_add(1, Ordering::Relaxed);
    let random = format!("{n:016}").into_bytes().try_into().expect("16 digits");
    let from = document["FromUserName"].as_str().unwrap_or_default();
    account.wrap(format, written(format, document), from, scene.world.now(), &n.to_string(), random)
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) body: Vec<u8>,
}

impl Response {
    pub(crate) fn is_success(&self) -> bool {
        self.status == 200 && self.body == b"success"
    }
}

pub(crate) async fn post(scene: &Scene, to: AccountName, envelope: &Envelope) -> Response {
    let addresses = scene.world.addresses();
    let base = addresses.url(addresses.wechat_callback);
    let request = client()
        .post(format!("{base}{}?{}", to.path(), envelope.query_string()))
        .header("content-type", envelope.content_type)
        .body(envelope.body.clone());
    let response = request.send().await.expect("an answer");
    let content_type = response.headers().get("content-type");
    Response {
        status: response.status().as_u16(),
        content_type: content_type.and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned(),
        body: response.bytes().await.expect("a body").to_vec(),
    }
}

/// Posts `fields` as WeChat would, as of now.
pub(crate) async fn call_back(
    scene: &Scene,
    to: AccountName,
    format: Format,
    from: &str,
    fields: &Value,
) -> Response {
    let account = account(scene, to);
    let document = addressed(&account, from, json!(scene.world.now().as_second()), fields);
    post(scene, to, &wrapped(scene, &account, format, &document)).await
}

/// Puts the settings of `events/settings.json` in force with other replies; answers what was wrong with them.
pub(crate) async fn put_replies(scene: &Scene, replies: Value) -> Value {
    let mut settings: Value =
        serde_json::from_str(include_str!("../../../events/settings.json")).expect("JSON");
    settings["replies"] = replies;
    let put = json!({ "operation": "settings.put", "settings": settings });
    scene.world.operations(put).await.expect("an answer")["errors"].clone()
}

/// The same with replies that must be right.
pub(crate) async fn set_replies(scene: &Scene, replies: Value) {
    assert_eq!(put_replies(scene, replies).await, Value::Null);
}

/// The items of the table whose partition does not begin with one of `but`.
pub(crate) fn items(scene: &Scene, but: &[&str]) -> Vec<Value> {
    let items = scene.world.dynamodb().items().expect("a table");
    let is_other = |item: &Value| {
        let partition = item["pk"]["S"].as_str().unwrap_or_default();
        !but.iter().any(|prefix| partition.starts_with(prefix))
    };
    let mut others: Vec<Value> = items.into_iter().filter(is_other).collect();
    let key = |item: &Value, name: &str| item[name]["S"].as_str().unwrap_or_default().to_owned();
    others.sort_by_key(|item| (key(item, "pk"), key(item, "sk")));
    others
}

/// A PNG of one pixel.
const PNG: &[u8] = &[
    0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0,
    0, 1, 8, 6, 0, 0, 0, 0x1f, 0x15, 0xc4, 0x89, 0, 0, 0, 13, b'I', b'D', b'A', b'T', 0x78, 0x9c, 0x62, 0, 1,
    0, 0, 5, 0, 1, 0x0d, 0x0a, 0x2d, 0xb4, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82,
];

/// Where the settings' pictures are: a server of one PNG.
pub(crate) struct Pictures {
    pub(crate) url: String,
    fetched: Arc<AtomicUsize>,
}

#[derive(Clone, Copy)]
enum Serves {
    Picture,
    NotFound,
    /// It takes the question, and that is all.
    Nothing,
}

impl Pictures {
    pub(crate) async fn served() -> Self {
        Self::start(Serves::Picture).await
    }

    /// A server that has no such picture.
    pub(crate) async fn missing() -> Self {
        Self::start(Serves::NotFound).await
    }

    /// A server that takes the question and never answers.
    pub(crate) async fn silent() -> Self {
        Self::start(Serves::Nothing).await
    }

    async fn start(serves: Serves) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/card.png", listener.local_addr().expect("an address"));
        let fetched = Arc::new(AtomicUsize::new(0));
        let counted = fetched.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(async move {
                    let mut asked = [0; 2048];
                    let _ = stream.read(&mut asked).await;
                    let (status, body) = match serves {
                        Serves::Picture => ("200 OK", PNG),
                        Serves::NotFound => ("404 Not Found", &b"none"[..]),
                        Serves::Nothing => std::future::pending().await,
                    };
                    let length = body.len();
                    let head =
                        format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
                    let _ = stream.write_all(&[head.as_bytes(), body].concat()).await;
                });
            }
        });
        Self { url, fetched }
    }

    pub(crate) fn fetched(&self) -> usize {
        self.fetched.load(Ordering::Relaxed)
    }
}
