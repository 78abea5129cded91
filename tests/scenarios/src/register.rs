//! A reminder is registered: every wrong field is named, nothing is registered twice, nobody sees another's.

use http::Method;
use jiff::SignedDuration;
use scenarios::mishap::{Call, Table, refusal};
use serde_json::{Value, json};
use simulator::faults::Fault;
use simulator::people::Person;
use wechat::ErrCode;

use crate::scene::{AT, passport, path, play};
use crate::verbs::Verbs;
use crate::wire::MINI;

#[tokio::test(flavor = "multi_thread")]
async fn wrong_fields_are_all_named_at_once_and_nothing_changes() {
    play(async |scene| {
        let person = scene.user("小明").await;
        let before = scene.world.journal().last();
        let answer = person
            .registers(json!({
                "template": "nothing", "title": "", "expires_at": "2027-01-10T10:05:00+08:00",
                "pushes": [{"at": "2026-01-01T00:00:00Z"}, {"days_before": 4000, "time": "9am"}],
                "page": "https://example.com", "colour": "red",
            }))
            .await;
        assert_eq!(answer.status, 422, "{answer}");
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        let fields: Vec<&str> = answer.body["errors"]
            .as_array()
            .expect("errors")
            .iter()
            .map(|error| error["field"].as_str().expect("a field"))
            .collect();
        for field in [
            "template",
            "title",
            "expires_at",
            "pushes[0].at",
            "pushes[1].days_before",
            "pushes[1].time",
            "page",
            "colour",
        ] {
            assert!(fields.contains(&field), "{field} is not among {fields:?}");
        }
        let lead = answer.body["errors"]
            .as_array()
            .and_then(|errors| errors.iter().find(|error| error["field"] == "pushes[1].days_before"));
        let said = json!({"field": "pushes[1].days_before", "code": "range",
            "params": {"min": 0, "max": 3650, "found": 4000}, "message": "must be 0 to 3650; this one is 4000"});
        assert_eq!(lead, Some(&said), "{answer}");
        let writes = scene.requests_since(before);
        assert!(!writes.iter().any(|one| one.contains("Put") || one.contains("Create")), "{writes:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn idempotency_key_registers_once_and_another_body_is_refused() {
    play(async |scene| {
        let person = scene.user("小明").await;
        let key = [("idempotency-key", "abc-1")];
        let first = person.calls_with(Method::POST, "/reminders", &key, passport(AT)).await;
        let again = person.calls_with(Method::POST, "/reminders", &key, passport(AT)).await;
        assert_eq!((first.status, again.status), (201, 201));
        assert_eq!(first.body, again.body);
        let mut other = passport(AT);
        other["title"] = json!("驾照");
        let reused = person.calls_with(Method::POST, "/reminders", &key, other).await;
        assert_eq!((reused.status, &reused.body["code"]), (422, &json!("idempotency_key_reused")));
        assert_eq!(person.gets("/reminders").await.body["reminders"].as_array().map(Vec::len), Some(1));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn body_with_its_members_in_another_order_is_the_same_body() {
    play(async |scene| {
        let person = scene.user("小明").await;
        let key = [("idempotency-key", "abc-2")];
        let mut body = passport(AT);
        body["pushes"] = json!([{"days_before": 7, "time": "09:00"}, {"at": AT}]);
        let members = body.as_object().expect("an object");
        let mut reversed: serde_json::Map<_, _> =
            members.iter().rev().map(|(name, value)| (name.clone(), value.clone())).collect();
        reversed["pushes"] = json!([{"time": "09:00", "days_before": 7}, {"at": AT}]);
        assert_ne!(body.to_string(), json!(reversed).to_string());
        let first = person.calls_with(Method::POST, "/reminders", &key, body.clone()).await;
        let again = person.calls_with(Method::POST, "/reminders", &key, json!(reversed)).await;
        assert_eq!((first.status, again.status), (201, 201), "{again}");
        assert_eq!(first.body["id"], again.body["id"]);
        let pushes = body["pushes"].as_array_mut().expect("a list");
        pushes.reverse();
        let other = person.calls_with(Method::POST, "/reminders", &key, body).await;
        assert_eq!(other.body["code"], "idempotency_key_reused", "the order of a list says something");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_fields_are_named_up_to_a_hundred() {
    play(async |scene| {
        let person = scene.user("小明").await;
        let body: serde_json::Map<String, Value> = (0..5_500).map(|n| (format!("k{n}"), json!(0))).collect();
        let answer = person.registers(json!(body)).await;
        assert_eq!(
            (answer.status, answer.body["detail"].as_str()),
            (422, Some("more than 100 fields are wrong"))
        );
        let errors = answer.body["errors"].as_array().expect("errors");
        assert_eq!(errors.len(), 101);
        let more = json!({"field": "", "code": "more_faults", "params": {"shown": 100},
            "message": "has more faults; these are the first 100"});
        assert_eq!(errors[100], more);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn id_that_cannot_be_one_names_no_reminder() {
    play(async |scene| {
        let person = scene.user("小明").await;
        let since = scene.world.journal().last();
        for id in [
            "x".repeat(1100),
            "a".repeat(21),
            "%FF".into(),
            "%20".into(),
            "aaaaaaaaaaaaaaaaaaa1".into(),
            "%E6%8A%A4".into(),
        ] {
            for (method, suffix, body) in [
                (Method::GET, "", Value::Null),
                (Method::DELETE, "", Value::Null),
                (Method::PUT, "", passport(AT)),
                (Method::POST, "/done", Value::Null),
            ] {
                let answer = person.calls(method.clone(), &format!("/reminders/{id}{suffix}"), body).await;
                assert_eq!(
                    (answer.status, answer.body["code"].as_str()),
                    (404, Some("not_found")),
                    "{method} {id}: {answer}"
                );
                assert_eq!(answer.headers["content-type"], "application/problem+json");
            }
        }
        assert_eq!(scene.requests_since(since), [""; 0], "nothing was asked for it");
        let nobody = Person::arrives(&scene.world, "无名", true).await;
        assert_eq!(nobody.gets("/reminders/%FF").await.status, 401, "first of all: who asks?");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_strangers_to_each_other() {
    play(async |scene| {
        let [owner, stranger] = [scene.user("主人").await, scene.user("路人").await];
        let id = owner.registers(passport(AT)).await.body["id"].as_str().expect("an id").to_owned();
        let path = format!("/reminders/{id}");
        let unknown = "/reminders/aaaaaaaaaaaaaaaaaaaa";
        for (method, suffix, body) in [
            (Method::GET, "", Value::Null),
            (Method::DELETE, "", Value::Null),
            (Method::PUT, "", passport(AT)),
            (Method::POST, "/done", Value::Null),
        ] {
            let theirs = stranger.calls(method.clone(), &format!("{path}{suffix}"), body.clone()).await;
            let nobodys = stranger.calls(method, &format!("{unknown}{suffix}"), body).await;
            assert_eq!(theirs.status, 404);
            assert_eq!(theirs.body, nobodys.body, "another's reminder looks like none");
        }
        assert_eq!(stranger.gets("/reminders").await.body["reminders"], json!([]));
        assert_eq!(owner.gets(&path).await.body["state"], "active");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn credit_is_promised_to_one_of_two_reminders_of_the_same_minute() {
    play(async |scene| {
        let person = scene.subscriber("小红", 1).await;
        let mut covered = Vec::new();
        for _ in 0..2 {
            covered.push(person.registers(passport(AT)).await.body["id"].as_str().expect("an id").to_owned());
            scene.advance(SignedDuration::from_secs(1)).await;
        }
        let mut promised = Vec::new();
        for id in covered {
            promised.push(person.gets(&format!("/reminders/{id}")).await.body["coverage"]["covered"].clone());
        }
        assert_eq!(promised, [1, 0]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_changed_under_running_functions_are_noticed() {
    play(async |scene| {
        let person = scene.user("小明").await;
        scene.advance(SignedDuration::from_mins(2)).await;
        scene.world.ssm().change_secrets(|secrets| {
            secrets["previous_session_signing_key"] = secrets["session_signing_key"].clone();
            secrets["session_signing_key"] = json!("another key of at least thirty-two characters");
            secrets["mini_program"]["app_secret"] = json!("0123456789abcdef0123456789abcdef");
        });
        scene.change_account(MINI, |account| {
            account.app_secret = "0123456789abcdef0123456789abcdef".to_owned();
        });
        let newcomer = scene.user("新人").await;
        assert_eq!(newcomer.gets("/me").await.status, 200);
        assert_eq!(person.gets("/me").await.status, 200, "the previous key is good while it is named");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn page_ends_where_the_next_begins_soonest_expiry_first() {
    play(async |scene| {
        let person = scene.user("小明").await;
        for day in [20, 12, 16, 14, 18] {
            let mut reminder = passport(AT);
            reminder["expires_at"] = json!(format!("2027-02-{day}T00:00:00+08:00"));
            reminder["title"] = json!(format!("{day}"));
            assert_eq!(person.registers(reminder).await.status, 201);
        }
        let mut titles = Vec::new();
        let mut path = "/reminders?limit=2".to_owned();
        loop {
            let page = person.gets(&path).await.body;
            let page_titles = page["reminders"].as_array().expect("reminders").iter();
            titles.extend(page_titles.map(|one| one["title"].as_str().expect("a title").to_owned()));
            let Some(cursor) = page["cursor"].as_str() else { break };
            path = format!("/reminders?limit=2&cursor={cursor}");
        }
        assert_eq!(titles, ["12", "14", "16", "18", "20"]);
        assert_eq!(person.gets("/reminders?cursor=nonsense").await.status, 422);
        assert_eq!(
            person.gets("/reminders?state=late&limit=0").await.body["errors"].as_array().map(Vec::len),
            Some(2)
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn page_goes_on_though_the_one_before_has_expired_meanwhile() {
    play(async |scene| {
        let person = scene.user("小明").await;
        for (title, at, expires_at) in [
            ("甲", "10:05", "2027-01-10T10:20:00+08:00"),
            ("乙", "10:06", "2027-01-10T10:25:00+08:00"),
            ("丙", "10:07", "2027-01-12T00:00:00+08:00"),
            ("丁", "10:08", "2027-01-13T00:00:00+08:00"),
        ] {
            let mut reminder = passport(&format!("2027-01-10T{at}:00+08:00"));
            reminder["title"] = json!(title);
            reminder["expires_at"] = json!(expires_at);
            assert_eq!(person.registers(reminder).await.status, 201);
        }
        let page = async |query: String| {
            let page = person.gets(&format!("/reminders?limit=1{query}")).await;
            assert_eq!(page.status, 200, "{page}");
            let cursor = page.body["cursor"].as_str().map(str::to_owned);
            (page.body["reminders"][0]["title"].as_str().expect("a title").to_owned(), cursor)
        };
        let (first, cursor) = page(String::new()).await;
        let cursor = cursor.expect("there are more");
        scene.advance_to("2027-01-10T10:30:00+08:00").await;
        let (second, next) = page(format!("&cursor={cursor}")).await;
        let (third, _) = page(format!("&cursor={}", next.expect("there is one more"))).await;
        assert_eq!([first.as_str(), &second, &third], ["甲", "丙", "丁"]);
        for path in ["/reminders?state=done&cursor=", "/reminders?cursor=x"] {
            let refused = person.gets(&format!("{path}{cursor}")).await;
            assert_eq!((refused.status, refused.body["code"].as_str()), (422, Some("invalid")), "{path}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn error_codes_are_answered_where_the_docs_say() {
    play(async |scene| {
        let nobody = Person::arrives(&scene.world, "无名", true).await;
        let check =
            async |person: &Person, method: Method, path: &str, body: Value, status: u16, code: &str| {
                let answer = person.calls(method, path, body).await;
                assert_eq!(
                    (answer.status, answer.body["code"].as_str()),
                    (status, Some(code)),
                    "{path}: {answer}"
                );
                answer
            };
        let answer = check(&nobody, Method::GET, "/me", Value::Null, 401, "unauthorized").await;
        assert!(answer.headers["www-authenticate"].to_str().expect("text").starts_with("Bearer"));
        check(&nobody, Method::POST, "/login", json!({"code": "made up"}), 401, "code_rejected").await;
        check(&nobody, Method::POST, "/login", json!({}), 422, "invalid").await;
        check(&nobody, Method::GET, "/nowhere", Value::Null, 404, "not_found").await;
        check(&nobody, Method::DELETE, "/login", Value::Null, 405, "method_not_allowed").await;

        let person = scene.user("小明").await;
        check(&person, Method::POST, "/reminders", Value::Null, 400, "invalid_json").await;
        let large = json!({ "title": "x".repeat(65_536) });
        check(&person, Method::POST, "/reminders", large, 413, "body_too_large").await;
        check(
            &person,
            Method::POST,
            "/subscriptions",
            json!({"results": {"unknown": "perhaps"}}),
            422,
            "invalid",
        )
        .await;
        let id = person.registers(passport(AT)).await.body["id"].as_str().expect("an id").to_owned();
        person.calls(Method::POST, &format!("/reminders/{id}/done"), Value::Null).await;
        check(&person, Method::PUT, &format!("/reminders/{id}"), passport(AT), 409, "done").await;

        scene.plan(Call::Jscode2session, refusal(ErrCode::CODE_BLOCKED));
        let code = nobody.login_code().await;
        check(&nobody, Method::POST, "/login", json!({ "code": code }), 403, "user_blocked").await;
        scene.plan(Call::Jscode2session, refusal(ErrCode::SYSTEM_ERROR));
        let code = nobody.login_code().await;
        check(&nobody, Method::POST, "/login", json!({ "code": code }), 503, "wechat_unavailable").await;
        scene.plan_times(Table::GetItem, Fault::HttpStatus(500), 3);
        check(&person, Method::GET, "/me", Value::Null, 503, "unavailable").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn leads_are_told_in_the_unit_they_were_asked_in() {
    play(async |scene| {
        let person = scene.user("小明").await;
        let mut card = passport(AT);
        card["expires_at"] = json!("2047-03-31T18:00:00+08:00");
        let asked = json!([
            {"months_before": 1, "time": "09:00"}, {"weeks_before": 2, "time": "09:00"}, {"days_before": 0, "time": "09:00"}
        ]);
        card["pushes"] = asked.clone();
        let answer = person.registers(card).await;
        assert_eq!(answer.status, 201, "an identity card is valid for twenty years: {answer}");
        let shown = person.gets(&path(&answer.body["id"])).await;
        for (n, fires_at) in ["2047-02-28", "2047-03-17", "2047-03-31"].into_iter().enumerate() {
            let push = &shown.body["pushes"][n];
            assert_eq!(push["fires_at"], format!("{fires_at}T09:00:00+08:00"));
            for (name, value) in asked[n].as_object().expect("a push") {
                assert_eq!(&push[name], value, "{push}");
            }
        }
    })
    .await;
}
