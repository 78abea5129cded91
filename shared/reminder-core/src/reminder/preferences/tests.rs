//! What may be preferred, row by row.

use serde_json::json;

use super::*;
use crate::cases::joined;
use crate::settings::tests::sample;

fn said(changed: Result<Preferences, Vec<FieldError>>) -> String {
    match changed {
        Ok(preferences) => serde_json::to_string(&preferences).expect("JSON"),
        Err(errors) => joined(&errors),
    }
}

#[test]
fn what_is_named_changes_and_null_takes_it_back() {
    let all = json!({
        "timezone": "America/Vancouver", "quiet_hours": {"from": "23:00", "to": "06:30"},
        "default_pushes": [
            {"days_before": 30, "time": "09:00"}, {"months_before": 1, "time": "20:00", "channels": ["mini_subscription"]},
        ],
        "prefer": ["service_notification", "mini_subscription"],
    });
    let none = Preferences::default();
    let preferences = none.changed(&all).expect("good");
    let stored = r#"{"z":"America/Vancouver","q":"23:00-06:30","p":[":30d@09:00","m:1m@20:00"],"c":"nm"}"#;
    assert_eq!(serde_json::to_string(&preferences).expect("JSON"), stored);
    assert_eq!(serde_json::from_str::<Preferences>(stored).expect("as stored"), preferences);
    assert_eq!(said(preferences.changed(&json!({}))), stored);
    let rows = [
        (json!({"timezone": null}), r#"{"q":"23:00-06:30","p":[":30d@09:00","m:1m@20:00"],"c":"nm"}"#),
        (
            json!({"prefer": [], "quiet_hours": null}),
            r#"{"z":"America/Vancouver","p":[":30d@09:00","m:1m@20:00"]}"#,
        ),
        (json!({"timezone": null, "quiet_hours": null, "default_pushes": null, "prefer": null}), "{}"),
    ];
    for (body, expected) in rows {
        assert_eq!(said(preferences.changed(&body)), expected, "{body}");
    }
    assert!(none.is_empty() && !preferences.is_empty());
}

#[test]
fn every_fault_is_named_at_once() {
    let body = json!({
        "timezone": "Mars/Olympus", "quiet_hours": {"from": "8:00", "to": "22:00"}, "colour": 1,
        "default_pushes": [
            {"days_before": 1, "time": "09:00"}, {"days_before": 1, "time": "09:00"}, {"at": "2027-01-01T00:00:00Z"},
        ],
        "prefer": ["mini_subscription", "mini_subscription", "sms"],
    });
    insta::assert_snapshot!(said(Preferences::default().changed(&body)).replace("; ", "\n"), @"
    colour: is not a known field
    known here: timezone, quiet_hours, default_pushes, prefer
    timezone: must be the IANA name of a time zone, such as Asia/Shanghai
    quiet_hours.from: must be a time of day from 00:00 to 23:59, written HH:MM
    default_pushes[1]: is there already
    default_pushes[2]: must be before the day of expiry, by days_before or the like
    prefer[1]: is there already
    prefer[2]: must be one of service_template, mini_subscription, service_notification
    ");
    let rows = [
        (json!({"default_pushes": []}), "default_pushes: must be 1 to 3 pushes; these are 0"),
        (json!({"prefer": "mini_subscription"}), "prefer: must be a list, not a string"),
        (json!([]), ": must be an object, not a list"),
    ];
    for (body, expected) in rows {
        assert_eq!(said(Preferences::default().changed(&body)), expected, "{body}");
    }
}

#[test]
fn own_hours_and_zone_stand_before_the_settings() {
    let settings = sample();
    let none = Preferences::default();
    assert_eq!(none.zone(&settings).iana_name(), Some("Asia/Shanghai"));
    assert_eq!(none.quiet(&settings), settings.quiet_hours);
    let body = json!({"timezone": "Asia/Tokyo", "quiet_hours": {"from": "01:00", "to": "02:00"}});
    let own = none.changed(&body).expect("good");
    assert_eq!(own.zone(&settings).iana_name(), Some("Asia/Tokyo"));
    assert_eq!(own.quiet(&settings), own.quiet_hours);
    assert_ne!(own.quiet_hours, settings.quiet_hours);
}
