//! Long stretches of simulated time in which nothing is due.

use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::Value;
use simulator::lambda::{Functions, factory};
use simulator::options::Options;
use simulator::template::TEMPLATE;
use simulator::world::World;

use crate::support::{self, Seen};

#[tokio::test]
async fn a_hundred_days_are_four_thousand_eight_hundred_sweeps() {
    let seen = Seen::default();
    let options = Options { template: TEMPLATE.to_owned(), ..support::bare() };
    let world = World::start(options, support::fakes(&seen)).await.expect("a world");
    let fired = world.advance(SignedDuration::from_hours(24 * 100)).await;
    assert_eq!((fired, seen.count()), (4800, 4800));
    assert_eq!(seen.times().first().map(String::as_str), Some("2027-01-01T00:30:00Z"));
    assert_eq!(seen.times().last().map(String::as_str), Some("2027-04-11T00:00:00Z"));
    assert_eq!(seen.all()[0].1, serde_json::json!({ "sweep": true }));
    assert_eq!(world.lambda().sandboxes(simulator::lambda::FunctionName::ReminderDispatch), 1);
}

#[tokio::test]
async fn many_worlds_start_and_stop_side_by_side() {
    let worlds = futures::future::join_all((0..20).map(|_| support::world())).await;
    let mut ports: Vec<_> = worlds.iter().map(|(world, _)| world.addresses().control.port()).collect();
    ports.sort_unstable();
    ports.dedup();
    assert_eq!(ports.len(), 20);
    let address = worlds[0].0.addresses().control;
    drop(worlds);
    tokio::task::yield_now().await;
    while tokio::net::TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_dropped_world_leaves_nothing_behind() {
    let held = Arc::new(());
    let inside = held.clone();
    let functions = Functions {
        reminder_dispatch: factory(move |_, _| {
            let inside = inside.clone();
            Ok(move |_: Value| {
                let inside = inside.clone();
                async move {
                    drop(inside);
                    Err("so that a retry is waiting".to_owned())
                }
            })
        }),
        ..support::fakes(&Seen::default())
    };
    let options = Options { template: TEMPLATE.to_owned(), ..support::bare() };
    let world = World::start(options, functions).await.expect("a world");
    world.advance(SignedDuration::from_mins(30)).await;
    assert!(Arc::strong_count(&held) > 1 && world.timeline().waiting() == 2);
    drop(world);
    for _turn in 0..1000 {
        tokio::task::yield_now().await;
    }
    assert_eq!(Arc::strong_count(&held), 1);
}
