//! `/sim/events`: whoever looks on hears of what changed, by server-sent events, and asks nobody twice.

use std::collections::HashMap;
use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::routing::get;
use futures::Stream;
use futures::stream::unfold;
use serde_json::{Map, Value, json};
use tokio::sync::watch;

use super::overview::overview;
use super::state::Control;
use crate::timeline::pause;
use crate::wechat::PersonView;

/// What happens in so short a time is told at once: thirty days run thousands of events.
const TOGETHER: Duration = Duration::from_millis(80);

pub(super) fn router() -> Router<Control> {
    Router::new().route("/sim/events", get(events))
}

async fn events(State(control): State<Control>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let looking = Looking {
        touched: control.timeline.looks_on(),
        control,
        told: Map::new(),
        people: HashMap::new(),
        is_new: true,
    };
    let events = unfold(looking, |mut looking| async move {
        let news = looking.next().await;
        Some((Ok(Event::default().data(news.to_string())), looking))
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}

/// Somebody who looks on, and what they have been told.
struct Looking {
    control: Control,
    touched: watch::Receiver<u64>,
    told: Map<String, Value>,
    people: HashMap<String, PersonView>,
    is_new: bool,
}

impl Looking {
    /// Everything at first, then what is not as it was.
    async fn next(&mut self) -> Value {
        loop {
            if !std::mem::take(&mut self.is_new) {
                // The sender is in `control`; it cannot be gone.
                let _ = self.touched.changed().await;
                pause(TOGETHER).await;
            }
            self.touched.mark_unchanged();
            let mut news = Map::new();
            for (name, value) in overview(&self.control) {
                if self.told.get(&name) != Some(&value) {
                    news.insert(name.clone(), value.clone());
                    self.told.insert(name, value);
                }
            }
            let people = self.changed();
            if !people.is_empty() {
                news.insert("people".to_owned(), json!(people));
            }
            if !news.is_empty() {
                return Value::Object(news);
            }
        }
    }

    fn changed(&mut self) -> Vec<PersonView> {
        let people = self.control.platform.people();
        let changed: Vec<PersonView> =
            people.into_iter().filter(|person| self.people.get(&person.name) != Some(person)).collect();
        for person in &changed {
            self.people.insert(person.name.clone(), person.clone());
        }
        changed
    }
}
