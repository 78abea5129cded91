use super::*;

#[test]
fn an_undeliverable_push_is_counted_by_a_word() {
    let rows = [
        ("not_following, no_credit", "unreachable"),
        ("user_unknown", "unreachable"),
        ("mini_subscription: no accepted prompt is left", "unreachable"),
        ("mini_subscription: 43101 the user has not subscribed, or has no message left", "unreachable"),
        ("service_template: the user refuses this account's messages", "unreachable"),
        ("service_template_refused, no_credit", "refused"),
        ("mini_subscription: 47003 a value breaks the type of its keyword (thing1)", "refused"),
        ("template_not_in_settings", "settings"),
        ("mini_subscription: cannot be made: thing1: too long", "settings"),
        ("service_template: 40037 the template id is not valid at this account", "settings"),
        ("service_template: 99999 a code that is not in the table", "settings"),
        ("expired", "expired"),
        ("it expired before it could be sent", "expired"),
        ("service_template: 45009 the day's quota of this call is used up", "expired"),
        ("service_template: not sent (no connection)", "expired"),
    ];
    for (reason, expected) in rows {
        let push = Push {
            reason: Some(reason.to_owned()),
            ..Push::planned(1, 1, Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH)
        };
        assert_eq!(push.undeliverable_for(), expected, "{reason}");
    }
}
