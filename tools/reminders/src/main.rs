//! The program: standard streams and the language; everything else is in the library.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use reminders::{Language, Terminal, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let (mut out, mut err) = (std::io::stdout(), std::io::stderr());
    let mut input = std::io::BufReader::new(std::io::stdin());
    let terminal = Terminal {
        out: &mut out,
        err: &mut err,
        input: &mut input,
        interactive: std::io::stdin().is_terminal(),
    };
    let code = run(std::env::args_os(), language(), terminal).await;
    // A closed standard output is no failure.
    let _ = std::io::stdout().flush();
    ExitCode::from(code)
}

/// As every program finds it: the first of these that is set and not empty.
#[expect(clippy::disallowed_methods, reason = "the environment of a person's shell, read once, here")]
fn language() -> Language {
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(|name| {
        let value = std::env::var(name).ok()?;
        (!value.is_empty()).then_some(value)
    });
    Language::of_locale(&locale.unwrap_or_default())
}
