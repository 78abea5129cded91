//! The program: standard streams and the language; everything else is in the library.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use reminders::{Language, Terminal, run};

/// Every system has it, or something like it.
const EDITOR: &str = if cfg!(windows) { "notepad" } else { "vi" };

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let (mut out, mut err) = (std::io::stdout(), std::io::stderr());
    let mut input = std::io::BufReader::new(std::io::stdin());
    let terminal = Terminal {
        out: &mut out,
        err: &mut err,
        input: &mut input,
        interactive: std::io::stdin().is_terminal(),
        editor: environment(&["VISUAL", "EDITOR"]).unwrap_or_else(|| EDITOR.to_owned()),
        variable: |name| environment(&[name]),
        unseen: std::io::stdin().is_terminal().then_some(|| console::Term::stderr().read_secure_line()),
    };
    let code = run(std::env::args_os(), language(), terminal).await;
    // A closed standard output is no failure.
    let _ = std::io::stdout().flush();
    ExitCode::from(code)
}

/// As every program finds it.
fn language() -> Language {
    Language::of_locale(&environment(&["LC_ALL", "LC_MESSAGES", "LANG"]).unwrap_or_default())
}

/// The first of these that is set and not empty.
#[expect(clippy::disallowed_methods, reason = "the environment of a person's shell, read here only")]
fn environment(names: &[&str]) -> Option<String> {
    names.iter().filter_map(|name| std::env::var(name).ok()).find(|value| !value.is_empty())
}
