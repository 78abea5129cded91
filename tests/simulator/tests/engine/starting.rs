//! What a world does before it is there for anybody.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use simulator::failure::Failure;
use simulator::lambda::{Functions, factory};
use simulator::options::Options;
use simulator::world::World;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use crate::support::{self, Seen};

/// Whose settings were put, in the order in which that ended.
type Puts = Arc<Mutex<Vec<String>>>;

/// `operations` gives somebody else's settings the time to be put before the world's.
fn functions(puts: &Puts) -> Functions {
    let (puts, by_another) = (puts.clone(), Arc::new(Notify::new()));
    let operations = factory(move |_, _| {
        let (puts, by_another) = (puts.clone(), by_another.clone());
        Ok(move |event: Value| {
            let (puts, by_another) = (puts.clone(), by_another.clone());
            async move {
                let whose = event["settings"]["whose"].as_str().expect("a name").to_owned();
                if whose == "the world's" {
                    let _ = tokio::time::timeout(Duration::from_millis(300), by_another.notified()).await;
                } else {
                    by_another.notify_one();
                }
                puts.lock().expect("not poisoned").push(whose);
                Ok(json!({}))
            }
        })
    });
    Functions { operations, ..support::fakes(&Seen::default()) }
}

/// Puts settings as soon as the port can be reached.
async fn put_in_a_hurry(port: u16) {
    let address = format!("127.0.0.1:{port}");
    while TcpStream::connect(&address).await.is_err() {
        tokio::task::yield_now().await;
    }
    let put = json!({ "operation": "settings.put", "settings": { "whose": "a caller's" } });
    let url = format!("http://{address}/sim/operations");
    let json = [("content-type", "application/json")];
    let answer = support::send(Method::POST, &url, &json, put.to_string()).await.expect("an answer");
    assert_eq!(answer.status.as_u16(), 200);
}

#[tokio::test]
async fn settings_put_while_a_world_starts_are_put_after_its_first_ones() {
    loop {
        let free = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base_port = free.local_addr().expect("bound").port();
        drop(free);
        let caller = tokio::spawn(put_in_a_hurry(base_port));
        let puts = Puts::default();
        let settings = Some(r#"{"whose": "the world's"}"#.to_owned());
        let options = Options { settings, base_port, ..support::bare() };
        let _world = match World::start(options, functions(&puts)).await {
            Err(Failure::Port(_)) => {
                caller.abort();
                continue;
            }
            started => started.expect("a world"),
        };
        caller.await.expect("the caller is answered");
        assert_eq!(*puts.lock().expect("not poisoned"), ["the world's", "a caller's"]);
        return;
    }
}
