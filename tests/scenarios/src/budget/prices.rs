//! What a million pushes cost in dollars: registration (a third of it, for three pushes), dispatch and receipt, by the
//! units that the journal counts and AWS's list prices. Without Lambda, whose price is a matter of memory and time, and
//! without the free tiers.

use jiff::SignedDuration;
use serde_json::{Value, json};
use simulator::people::Person;
use simulator::units::Units;

use super::ledger::Cost;
use crate::scene::{Scene, play, registered};

/// Thousandths of a dollar for a million, on demand in us-east-1 (docs/aws.md §4, DynamoDB and EventBridge Scheduler).
const READ_UNITS_MILLION: u64 = 125;
const WRITE_UNITS_MILLION: u64 = 625;
const SCHEDULES_MILLION: u64 = 1000;

const PUSHES: usize = 3;

/// The days of the pushes. Others have theirs in the same minute just before, so that settings, secrets and tokens are
/// cached, and what is noted once a minute is noted.
const DAYS: [&str; PUSHES] = ["2027-01-12", "2027-01-14", "2027-01-16"];

fn at(time: &str) -> Vec<Value> {
    DAYS.iter().map(|day| json!({"at": format!("{day}T{time}+08:00")})).collect()
}

/// Ten and twenty Chinese characters, a page, three pushes.
fn typical() -> Value {
    texts("护照还有一个月到期了", "到出入境大厅换发新护照，记得带上身份证件")
}

fn texts(title: &str, note: &str) -> Value {
    json!({
        "template": "expiry", "title": title, "note": note, "page": "pages/item/item?id=42",
        "expires_at": "2027-03-01T00:00:00+08:00", "pushes": at("09:10:50"),
    })
}

/// As long as the API allows (docs/design.md §8).
fn longest(letter: &str) -> Value {
    texts(&letter.repeat(200), &letter.repeat(500))
}

/// A reminder from its registration to its last receipt.
struct Life {
    registration: Cost,
    dispatches: Vec<Cost>,
    receipts: Vec<Cost>,
}

impl Life {
    async fn of(scene: &Scene, person: &Person, reminder: Value) -> Self {
        let from = scene.world.journal().last();
        registered(person, reminder).await;
        let mut life =
            Self { registration: Cost::since(scene, from), dispatches: Vec::new(), receipts: Vec::new() };
        for day in DAYS {
            scene.advance_to(&format!("{day}T09:10:49+08:00")).await;
            for costs in [&mut life.dispatches, &mut life.receipts] {
                let from = scene.world.journal().last();
                scene.advance(SignedDuration::from_secs(1)).await;
                costs.push(Cost::since(scene, from));
            }
        }
        life
    }

    fn all(&self) -> impl Iterator<Item = &Cost> {
        [&self.registration].into_iter().chain(&self.dispatches).chain(&self.receipts)
    }
}

#[expect(clippy::print_stdout, reason = "the price of a push is there to be read")]
fn print(flow: &str, costs: &[&Cost]) {
    // In halves, and in thousandths of a dollar: exact until they are shown.
    let [read, write] = [|cost: &Cost| cost.spent.read_units, |cost: &Cost| cost.spent.write_units]
        .map(|units| costs.iter().map(|cost| units(cost)).sum::<Units>().in_halves());
    let schedules: usize = costs.iter().map(|cost| cost.spent.scheduler).sum();
    let schedules = u64::try_from(schedules).unwrap_or(u64::MAX);
    let price = (read * READ_UNITS_MILLION + write * WRITE_UNITS_MILLION) / 2 + schedules * SCHEDULES_MILLION;
    let a_push = |count: u64, parts: u32| {
        f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / f64::from(parts) / PUSHES as f64
    };
    println!(
        "  {flow:<14}{:>6.2} read units {:>6.2} write units {:>5.2} schedules {:>7.2} dollars a million",
        a_push(read, 2),
        a_push(write, 2),
        a_push(schedules, 1),
        a_push(price, 1000),
    );
}

#[expect(clippy::print_stdout, reason = "the price of a push is there to be read")]
fn print_requests(what: &str, life: &Life) {
    println!("\n{what}, request by request");
    let print = |flow: &str, cost: &Cost| {
        println!("  {flow}: {} read, {} write", cost.spent.read_units, cost.spent.write_units);
        for line in &cost.lines {
            println!("    {line}");
        }
    };
    print("registration", &life.registration);
    for (n, (dispatch, receipt)) in life.dispatches.iter().zip(&life.receipts).enumerate() {
        print(&format!("dispatch of push {}", n + 1), dispatch);
        print(&format!("receipt of push {}", n + 1), receipt);
    }
}

#[expect(clippy::print_stdout, reason = "the price of a push is there to be read")]
fn print_price(what: &str, life: &Life) {
    println!("\n{what}, a push");
    print("registration", &[&life.registration]);
    print("dispatch", &life.dispatches.iter().collect::<Vec<_>>());
    print("receipt", &life.receipts.iter().collect::<Vec<_>>());
    print("together", &life.all().collect::<Vec<_>>());
}

/// Units of a whole reminder, of three pushes.
struct Held {
    what: &'static str,
    follows: bool,
    reminder: Value,
    read: Units,
    write: Units,
}

/// What today's state costs.
fn held() -> [Held; 5] {
    let held = |what, follows, reminder, [read, write]: [u64; 2]| Held {
        what,
        follows,
        reminder,
        read: Units::whole(read),
        write: Units::whole(write),
    };
    [
        held("a template message", true, typical(), [11, 20]),
        held("a subscription message", false, typical(), [10, 23]),
        held("a template message, longest texts", true, longest("长"), [11, 42]),
        held("a subscription message, longest texts", false, longest("长"), [10, 45]),
        held("a template message, longest texts in letters of four bytes", true, longest("𠮷"), [11, 53]),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_million_pushes_cost_what_the_table_says() {
    let mut lives = Vec::new();
    for Held { what, follows, reminder, read, write } in held() {
        let mut life = None;
        play(async |scene| {
            let person = if follows { scene.follower("客").await } else { scene.subscriber("客", 8).await };
            let others = [scene.subscriber("先", 4).await, scene.follower("后").await];
            for (other, time) in others.iter().zip(["09:10:10", "09:10:30"]) {
                let mut reminder = typical();
                reminder["pushes"] = at(time).into();
                registered(other, reminder).await;
            }
            life = Some(Life::of(scene, &person, reminder).await);
        })
        .await;
        let life = life.expect("it was played");
        let sends: Vec<usize> = life.dispatches.iter().map(|dispatch| dispatch.spent.wechat).collect();
        assert_eq!(sends, [1; PUSHES], "{what}: every push is sent once");
        lives.push((what, life, read, write));
    }
    print_requests(lives[0].0, &lives[0].1);
    print_requests(lives[1].0, &lives[1].1);
    for (what, life, ..) in &lives {
        print_price(what, life);
    }
    for (what, life, read, write) in &lives {
        let spent = [|cost: &Cost| cost.spent.read_units, |cost: &Cost| cost.spent.write_units]
            .map(|units| life.all().map(units).sum::<Units>());
        assert!(spent[0] <= *read && spent[1] <= *write, "{what}: {spent:?}, held to {read} and {write}");
    }
}
