//! The clipboard of this machine: the one way from the SecureString into a console's form that shows a secret to nobody.

use std::process::Stdio;

use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// macOS, Windows and its Linux, Wayland, X11.
const PROGRAMS: [&[&str]; 5] = [
    &["pbcopy"],
    &["clip.exe"],
    &["wl-copy"],
    &["xclip", "-selection", "clipboard"],
    &["xsel", "--clipboard", "--input"],
];

/// Whether one of them took it.
pub(super) async fn copy(text: &str) -> bool {
    for words in PROGRAMS {
        if handed_to(words, text).await.is_ok_and(|taken| taken) {
            return true;
        }
    }
    false
}

/// By standard input: the words of a command are seen by others.
async fn handed_to(words: &[&str], text: &str) -> std::io::Result<bool> {
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut program = command.spawn()?;
    if let Some(mut input) = program.stdin.take() {
        input.write_all(text.as_bytes()).await?;
    }
    Ok(program.wait().await?.success())
}
