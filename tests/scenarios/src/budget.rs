//! What each flow costs in requests (docs/design.md §10), counted by the simulator; the table is printed.

use http::Method;
use jiff::SignedDuration;
use serde_json::json;

use crate::scene::{AT, Scene, passport, path, play, registered};
use crate::verbs::Verbs;

/// Requests of one flow by kind.
#[derive(Debug, Default, PartialEq, Eq)]
struct Cost {
    reads: usize,
    writes: usize,
    scheduler: usize,
    wechat: usize,
    others: Vec<String>,
}

impl Cost {
    fn since(scene: &Scene, n: u64) -> Self {
        let mut cost = Self::default();
        for request in scene.requests_since(n) {
            match request.as_str() {
                "dynamodb:GetItem" | "dynamodb:BatchGetItem" | "dynamodb:Query" => cost.reads += 1,
                "dynamodb:PutItem" | "dynamodb:UpdateItem" | "dynamodb:DeleteItem" => cost.writes += 1,
                // What it writes counts: a reminder, and its place in the allowance.
                "dynamodb:TransactWriteItems" => cost.writes += 2,
                _ if request.starts_with("scheduler:") => cost.scheduler += 1,
                _ if request.starts_with("wechat:") => cost.wechat += 1,
                _ => cost.others.push(request),
            }
        }
        cost
    }

    #[expect(clippy::print_stdout, reason = "the table of what each flow costs is there to be read")]
    fn within(&self, flow: &str, reads: usize, writes: usize, scheduler: usize, wechat: usize) {
        println!(
            "{flow:<32} {:>2} reads {:>2} writes {:>2} scheduler {:>2} wechat",
            self.reads, self.writes, self.scheduler, self.wechat
        );
        let fits = self.reads <= reads
            && self.writes <= writes
            && self.scheduler <= scheduler
            && self.wechat <= wechat
            && self.others.is_empty();
        assert!(
            fits,
            "{flow}: {self:?}, budget {reads} reads, {writes} writes, {scheduler} scheduler, {wechat} wechat"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn flows_stay_within_their_budgets() {
    play(async |scene| {
        let follower = scene.follower("关注者").await;
        let user = scene.subscriber("用户", 6).await;
        let few = scene.subscriber("少", 2).await;
        let at = |time: &str| json!({"at": format!("2027-01-12T{time}+08:00")});
        let mut reminder = passport(AT);
        reminder["pushes"] = json!([at("09:00:00"), at("09:00:20"), at("20:00:00")]);
        let mut far = reminder.clone();
        far["pushes"] = json!([at("08:00:00"), at("14:00:00"), at("21:00:00")]);
        let mut other = reminder.clone();
        other["pushes"] = json!([at("09:00:10"), at("09:00:30"), at("20:00:00")]);
        let mut third = reminder.clone();
        third["pushes"] = json!([at("09:00:15"), at("09:00:40"), at("20:00:00")]);
        let from = scene.world.journal().last();
        assert_eq!(follower.registers(far).await.status, 201);
        Cost::since(scene, from).within("register, three pushes", 2, 2, 1, 0);
        let from = scene.world.journal().last();
        let near = registered(&follower, reminder.clone()).await.body["id"].clone();
        Cost::since(scene, from).within("register, two in one minute", 2, 2, 2, 0);
        let from = scene.world.journal().last();
        assert_eq!(follower.calls(Method::PUT, &path(&near), reminder).await.status, 200);
        Cost::since(scene, from).within("renew, two in one minute", 2, 2, 4, 0);
        let from = scene.world.journal().last();
        assert_eq!(follower.gets("/reminders").await.status, 200);
        Cost::since(scene, from).within("GET /reminders", 2, 0, 0, 0);
        let from = scene.world.journal().last();
        assert_eq!(follower.gets(&path(&near)).await.status, 200);
        Cost::since(scene, from).within("GET /reminders/{id}", 1, 0, 0, 0);
        assert_eq!(user.registers(other).await.status, 201);
        assert_eq!(few.registers(third).await.status, 201);
        let from = scene.world.journal().last();
        assert_eq!(user.calls(Method::GET, "/me", json!(null)).await.status, 200);
        Cost::since(scene, from).within("GET /me", 1, 0, 0, 0);

        user.enters_session("warm up").await;
        user.enters_session("other").await;
        let from = scene.world.journal().last();
        user.enters_session("third").await;
        Cost::since(scene, from).within("callback with one auto-reply", 0, 2, 0, 1);

        // The first push of each warms the one dispatcher up: settings, secrets, both tokens.
        for (flow, before, until, reads, writes) in [
            ("dispatch, template message", "09:00:19", "09:00:20", 1, 3),
            ("dispatch, subscription message", "09:00:29", "09:00:30", 1, 4),
            ("the same, three credits or fewer", "09:00:39", "09:00:40", 2, 4),
        ] {
            scene.advance_to(&format!("2027-01-12T{before}+08:00")).await;
            let from = scene.world.journal().last();
            scene.advance_to(&format!("2027-01-12T{until}+08:00")).await;
            Cost::since(scene, from).within(flow, reads, writes, 1, 1);
            let from = scene.world.journal().last();
            scene.advance(SignedDuration::from_secs(1)).await;
            Cost::since(scene, from).within("receipt", 1, 2, 0, 0);
        }
    })
    .await;
}
