//! `setup`, as far as it comes without AWS: what is wrong with the command line or the answers is told before anybody is
//! asked. The whole of it is played in `tests/miniature`.

use reminders::{Language, USAGE};

use crate::world::{Scratch, typed};

/// As somebody would paste it against all advice.
const SECRET: &str = "0123456789abcdef0123456789abcdef";

#[tokio::test(flavor = "multi_thread")]
async fn faults_are_told_before_anybody_is_asked_and_quote_no_secret() {
    let answers = |name: &str, text: &str| Scratch::holding(name, text);
    let no_json = answers("no.json", &format!("{{\"mini_program\": {SECRET}}}"));
    let pasted = answers(
        "pasted.json",
        &format!(r#"{{"mini_program": {{"appid": "wx1", "app_secret": "{SECRET}"}}}}"#),
    );
    let unnamed =
        answers("unnamed.json", &format!(r#"{{"service_account": {{"app_secret_from": "{SECRET}"}}}}"#));
    let fine = answers("fine.json", "{}");
    let placed = answers("placed.json", r#"{"timezone": "Beijing"}"#);
    for (words, said) in [
        (&["setup"][..], "nobody is there to be asked"),
        (&["setup", "--answers", "/nosuch/file"], "/nosuch/file cannot be read"),
        (&["setup", "--answers", no_json.path()], "is no JSON: line 1, column"),
        (&["setup", "--answers", pasted.path()], "\n  mini_program.app_secret: belongs into no file"),
        (
            &["setup", "--answers", unnamed.path()],
            "\n  service_account.app_secret_from: must be \"env:NAME\"",
        ),
        (&["setup", "--answers", fine.path(), "--parameter", "AlarmEmail"], "--parameter takes NAME=VALUE"),
        (
            &["setup", "--answers", fine.path(), "--stack", "a-name-of-forty-characters-which-is-long"],
            "at most 39 characters",
        ),
        (
            &["setup", "--answers", fine.path(), "--stack", "my stack"],
            "my stack: the name of a stack is of letters",
        ),
        (
            &["setup", "--answers", fine.path(), "--region", "Singapore"],
            "Singapore: no region of AWS is called so",
        ),
        (&["setup", "--answers", placed.path()], "\n  timezone: must be the IANA name of a time zone"),
        (&["setup", "--answers", fine.path(), "--local"], "setup is for AWS"),
    ] {
        let told = typed(words, Language::English, None).await;
        assert_eq!((told.code, told.out.as_str()), (USAGE, ""), "{words:?}: {told:?}");
        assert!(told.err.contains(said) && !told.err.contains(SECRET), "{words:?}: {}", told.err);
    }
}
