//! What each flow costs in requests and in DynamoDB's units (docs/design.md §10), counted by the simulator; the table is
//! printed.

mod ledger;
mod prices;

use http::Method;
use jiff::SignedDuration;
use serde_json::json;
use simulator::units::Units;

use self::ledger::{Amounts, Cost};
use crate::scene::{AT, passport, path, play, registered};
use crate::verbs::Verbs;
use crate::webhook::play_with_webhook;

/// Requests to DynamoDB that read and that write, to Scheduler and to WeChat; read and write units.
fn budget([reads, writes, scheduler, wechat]: [usize; 4], units: [u64; 2]) -> Amounts {
    let [read_units, write_units] = units.map(Units::whole);
    Amounts { reads, writes, scheduler, wechat, read_units, write_units }
}

#[tokio::test(flavor = "multi_thread")]
async fn flows_stay_within_their_budgets() {
    play(async |scene| {
        let follower = scene.follower("关注者").await;
        let user = scene.subscriber("用户", 6).await;
        let few = scene.subscriber("少", 2).await;
        let at = |time: &str| json!({"at": format!("2027-01-12T{time}+08:00")});
        let mut reminder = passport(AT);
        reminder["pushes"] = json!([at("09:10:00"), at("09:10:20"), at("20:00:00")]);
        let mut far = reminder.clone();
        far["pushes"] = json!([at("08:00:00"), at("14:00:00"), at("21:00:00")]);
        let mut other = reminder.clone();
        other["pushes"] = json!([at("09:10:10"), at("09:10:30"), at("20:00:00")]);
        let mut third = reminder.clone();
        third["pushes"] = json!([at("09:10:15"), at("09:10:40"), at("20:00:00")]);
        let from = scene.world.journal().last();
        assert_eq!(follower.registers(far).await.status, 201);
        Cost::since(scene, from).within("register, three pushes", budget([2, 2, 1, 0], [2, 6]));
        let from = scene.world.journal().last();
        let near = registered(&follower, reminder.clone()).await.body["id"].clone();
        Cost::since(scene, from).within("register, two in one minute", budget([2, 2, 2, 0], [2, 6]));
        let from = scene.world.journal().last();
        assert_eq!(follower.calls(Method::PUT, &path(&near), reminder).await.status, 200);
        Cost::since(scene, from).within("renew, two in one minute", budget([2, 2, 4, 0], [2, 6]));
        let from = scene.world.journal().last();
        assert_eq!(follower.gets("/reminders").await.status, 200);
        Cost::since(scene, from).within("GET /reminders", budget([2, 0, 0, 0], [4, 0]));
        let from = scene.world.journal().last();
        assert_eq!(follower.gets(&path(&near)).await.status, 200);
        Cost::since(scene, from).within("GET /reminders/{id}", budget([1, 0, 0, 0], [2, 0]));
        assert_eq!(user.registers(other).await.status, 201);
        assert_eq!(few.registers(third).await.status, 201);
        let from = scene.world.journal().last();
        assert_eq!(user.calls(Method::GET, "/me", json!(null)).await.status, 200);
        Cost::since(scene, from).within("GET /me", budget([1, 0, 0, 0], [1, 0]));

        user.enters_session("warm up").await;
        user.enters_session("other").await;
        let from = scene.world.journal().last();
        user.enters_session("third").await;
        Cost::since(scene, from).within("callback with one auto-reply", budget([0, 2, 0, 1], [0, 2]));

        // The first push of each warms the one dispatcher up: settings, secrets, both tokens. No sweep runs beside it.
        for (flow, before, until, requests, units) in [
            ("dispatch, template message", "09:10:19", "09:10:20", [1, 2, 1, 1], [2, 4]),
            ("dispatch, subscription message", "09:10:29", "09:10:30", [1, 3, 1, 1], [2, 5]),
            ("the same, three credits or fewer", "09:10:39", "09:10:40", [2, 3, 1, 1], [3, 5]),
        ] {
            scene.advance_to(&format!("2027-01-12T{before}+08:00")).await;
            let from = scene.world.journal().last();
            scene.advance_to(&format!("2027-01-12T{until}+08:00")).await;
            Cost::since(scene, from).within(flow, budget(requests, units));
            let from = scene.world.journal().last();
            scene.advance(SignedDuration::from_secs(1)).await;
            Cost::since(scene, from).within("receipt", budget([2, 1, 0, 0], [1, 1]));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_users_change_stays_within_its_budget() {
    play(async |scene| {
        let follower = scene.follower("关注者").await;
        let mut yearly = passport(AT);
        yearly["repeat"] = json!({"every": "P1Y"});
        yearly["pushes"] = json!([{"days_before": 30, "time": "09:00"}, {"days_before": 1, "time": "09:00"}]);
        assert_eq!(follower.gets("/me").await.status, 200, "which warms up");
        let from = scene.world.journal().last();
        let id = registered(&follower, yearly).await.body["id"].clone();
        Cost::since(scene, from).within("register, yearly", budget([2, 2, 1, 0], [2, 6]));
        for (flow, method, path, body, requests, units) in [
            (
                "PATCH /me",
                Method::PATCH,
                "/me".to_owned(),
                json!({"prefer": ["mini_subscription"]}),
                [1, 1, 0, 0],
                [1, 1],
            ),
            (
                "snooze",
                Method::POST,
                format!("{}/snooze", path(&id)),
                json!({"for": "P1D"}),
                [2, 2, 1, 0],
                [2, 6],
            ),
            (
                "done, of a repeated one",
                Method::POST,
                format!("{}/done", path(&id)),
                json!(null),
                [1, 2, 3, 0],
                [1, 6],
            ),
            ("reopen", Method::POST, format!("{}/reopen", path(&id)), json!(null), [2, 2, 2, 0], [2, 8]),
        ] {
            let from = scene.world.journal().last();
            assert_eq!(follower.calls(method, &path, body).await.status, 200, "{flow}");
            Cost::since(scene, from).within(flow, budget(requests, units));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn event_for_a_webhook_costs_no_more_than_it_is_said_to() {
    play_with_webhook(async |scene, _| {
        let follower = scene.follower("关注者").await;
        let at = |time: &str| json!({"at": format!("2027-01-12T{time}+08:00")});
        let mut reminder = passport(AT);
        reminder["pushes"] = json!([at("09:10:00"), at("09:10:20")]);
        registered(&follower, reminder).await;
        // The first push warms up what the second is counted with. No sweep runs beside it.
        scene.advance_to("2027-01-12T09:10:20+08:00").await;
        let from = scene.world.journal().last();
        scene.advance(SignedDuration::from_secs(1)).await;
        Cost::since(scene, from).within("receipt, with a webhook", budget([2, 2, 1, 0], [1, 5]));
        scene.advance_to("2027-01-12T09:11:15+08:00").await;
        let from = scene.world.journal().last();
        scene.advance(SignedDuration::from_secs(10)).await;
        Cost::since(scene, from).within("event told", budget([2, 2, 0, 0], [3, 3]));
    })
    .await;
}
