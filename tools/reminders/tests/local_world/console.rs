//! The console: who gets a page, and what stands on it.

use std::io::Write;
use std::sync::{Arc, Mutex};

use reminders::{FINE, Language, Terminal, run};

use simulator::world::World;

use crate::world::{at, leaves, typed, with_passport, world};

/// Standard output that another may read meanwhile.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("nobody failed").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Shared {
    async fn first_line(&self) -> String {
        loop {
            let text = String::from_utf8(self.0.lock().expect("nobody failed").clone()).expect("text");
            if let Some((line, _)) = text.split_once('\n') {
                return line.to_owned();
            }
            tokio::task::yield_now().await;
        }
    }
}

/// Somebody visits the address that the console tells.
async fn at_the_console(world: &World, visits: impl AsyncFnOnce(String)) {
    let mut out = Shared::default();
    let (printed, mut err, mut input) = (out.clone(), Vec::new(), &b""[..]);
    let terminal = Terminal {
        out: &mut out,
        err: &mut err,
        input: &mut input,
        interactive: false,
        editor: String::new(),
        variable: |_| None,
        unseen: None,
    };
    let line = ["reminders", &at(world), "console"].map(Into::into);
    tokio::select! {
        code = run(line, Language::English, terminal) => panic!("the console ended with {code}"),
        () = async { visits(printed.first_line().await).await } => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_for_whoever_has_the_address_on_this_machine() {
    let world = world().await;
    let (person, id) = with_passport(&world).await;
    let http = simulator::people::client();
    at_the_console(&world, async |address| {
        let get = |path: String| http.get(format!("{address}{path}"));
        let openid = &person.mini_program_openid;
        for (path, said) in [
            (String::new(), "page/js/console.mjs".to_owned()),
            ("page/js/console.mjs".to_owned(), "reminderView".to_owned()),
            ("page/style/base.css".to_owned(), "--ink".to_owned()),
            ("ask?operation=doctor".to_owned(), "mini_program.credentials".to_owned()),
            ("ask?operation=doctor&language=zh".to_owned(), "微信接受 appid 和 AppSecret".to_owned()),
            ("ask?operation=settings.get".to_owned(), "Asia/Shanghai".to_owned()),
            (format!("ask?operation=user.find&reminder={id}"), openid.clone()),
            (format!("ask?operation=user.export&openid={openid}"), "护照".to_owned()),
            (format!("ask?operation=reminder.show&openid={openid}&id={id}"), "\"timeline\"".to_owned()),
            ("ask?operation=user.show&openid=oNobody".to_owned(), "no user of this openid".to_owned()),
            ("doctor".to_owned(), "mini_program.credentials".to_owned()),
            ("settings".to_owned(), "Asia/Shanghai".to_owned()),
            (format!("user?openid={openid}"), format!("href=\"why?reminder={id}\"")),
            (format!("why?reminder={id}"), "“护照” (expiry)".to_owned()),
        ] {
            let page = get(path.clone()).send().await.expect("a page");
            assert_eq!(page.status(), 200, "{path}");
            for (header, value) in [("cache-control", "no-store"), ("referrer-policy", "no-referrer")] {
                assert_eq!(page.headers()[header], value, "{path}");
            }
            assert!(!page.headers().contains_key("access-control-allow-origin"), "{path}");
            let text = page.text().await.expect("text");
            assert!(text.contains(&said), "{path}: {text}");
            let secrets = leaves(&world.ssm().secrets());
            assert!(!secrets.iter().any(|secret| text.contains(secret.as_str())), "{path}: {text}");
        }
        let root = address.rsplitn(3, '/').last().expect("scheme and host").to_owned();
        for (request, status) in [
            (http.get(&root), 404),
            (http.get(format!("{root}/aaaaaaaaaaaaaaaaaaaaaaaaaa/")), 404),
            (get(String::new()).header("host", "example.com"), 421),
            (get(String::new()).header("host", "127.0.0.1"), 421),
            (http.post(&address), 405),
            (get("nosuch".to_owned()), 404),
            (get("page/nosuch.mjs".to_owned()), 404),
            (get(format!("ask?operation=user.forget&openid={}", person.mini_program_openid)), 403),
            (get("ask?operation=push.redrive&since=2027-01-01T00:00:00Z".to_owned()), 403),
        ] {
            assert_eq!(request.send().await.expect("an answer").status(), status);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_changed_in_a_form_and_what_is_wrong_is_shown_above_it() {
    let world = world().await;
    let http = simulator::people::client();
    at_the_console(&world, async |address| {
        let address = format!("{address}settings");
        let origin = address.rsplitn(3, '/').last().expect("scheme and host").to_owned();
        let shown = http.get(&address).send().await.expect("a page").text().await.expect("text");
        assert!(
            shown.contains(r#"name="version" value="1""#) && shown.contains("&quot;templates&quot;"),
            "{shown}"
        );
        let settings = simulator::settings::SETTINGS;
        let later = settings.replace("22:30", "21:30");
        assert_ne!(later, settings, "the sample has quiet hours");
        let put = async |origin: Option<&str>, version: &str, text: &str| {
            let body = form_urlencoded::Serializer::new(String::new())
                .extend_pairs([("version", version), ("settings", text)])
                .finish();
            let request =
                http.post(&address).header("content-type", "application/x-www-form-urlencoded").body(body);
            let request = match origin {
                Some(origin) => request.header("origin", origin),
                None => request,
            };
            let page = request.send().await.expect("an answer");
            (page.status().as_u16(), page.text().await.expect("text"))
        };
        let typed = "{\"timezone\": \"<Mars>\"}";
        let (status, page) = put(None, "1", typed).await;
        assert_eq!(status, 422, "{page}");
        for part in ["timezone: must be the IANA name", "templates: is required", "&lt;Mars&gt;"] {
            assert!(page.contains(part), "{part}: {page}");
        }
        let (status, page) = put(Some("null"), "1", "{").await;
        assert!(status == 422 && page.contains("JSON"), "{page}");
        assert_eq!(put(Some("http://example.com"), "1", &later).await.0, 403);
        let (status, page) = put(Some(&origin), "1", &later).await;
        assert!(status == 200 && page.contains(r#"value="2""#), "{page}");
        let (status, page) = put(None, "1", settings).await;
        assert!(status == 422 && page.contains("another version"), "{page}");
        let after =
            world.operations(serde_json::json!({"operation": "settings.get"})).await.expect("an answer");
        assert_eq!(
            (&after["version"], &after["settings"]["quiet_hours"]["from"]),
            (&2.into(), &"21:30".into())
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn console_ends_when_nobody_asks() {
    let world = world().await;
    let told = typed(&[&at(&world), "console", "--idle", "0"], Language::Chinese, None).await;
    assert_eq!(told.code, FINE, "{told:?}");
    assert!(told.out.starts_with("http://127.0.0.1:"), "{}", told.out);
}
