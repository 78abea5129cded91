//! Where a person sits, or a test: what is printed, complained and asked.

use std::fmt;
use std::io::{BufRead, Write};

use serde_json::Value;

pub struct Terminal<'a> {
    pub out: &'a mut (dyn Write + Send),
    pub err: &'a mut (dyn Write + Send),
    pub input: &'a mut (dyn BufRead + Send),
    /// Somebody is there to be asked.
    pub interactive: bool,
    /// What they edit with: a program, and what it is called with before the file.
    pub editor: String,
    /// A variable of their shell's environment, for what no file may hold.
    pub variable: fn(&str) -> Option<String>,
    /// Reads a line that does not show while it is typed; without, it is read as any other.
    pub unseen: Option<fn() -> std::io::Result<String>>,
}

impl fmt::Debug for Terminal<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Terminal").field("interactive", &self.interactive).finish_non_exhaustive()
    }
}

impl Terminal<'_> {
    pub(crate) fn print(&mut self, text: &str) {
        // Whoever closed the stream does not want to read on.
        let _ = self.out.write_all(line(&harmless(text)).as_bytes());
    }

    /// For programs: exact, and still no control character in it.
    pub(crate) fn print_json(&mut self, value: &Value) {
        let text = serde_json::to_string_pretty(value).unwrap_or_default();
        let _ = self.out.write_all(line(&escaped(&text)).as_bytes());
    }

    pub(crate) fn complain(&mut self, text: &str) {
        let _ = self.err.write_all(line(&harmless(text)).as_bytes());
    }

    /// One line of an answer; `None` at the end of the input.
    pub(crate) fn ask(&mut self, question: &str) -> Option<String> {
        let _ = self.err.write_all(harmless(question).as_bytes());
        let _ = self.err.flush();
        self.line()
    }

    /// The same, of what nobody may see.
    pub(crate) fn ask_unseen(&mut self, question: &str) -> Option<String> {
        let _ = self.err.write_all(harmless(question).as_bytes());
        let _ = self.err.flush();
        match self.unseen {
            Some(unseen) => unseen().ok().map(|answer| answer.trim().to_owned()),
            None => self.line(),
        }
    }

    /// The next line of the input; `None` at its end.
    pub(crate) fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.input.read_line(&mut line).ok()?;
        (read > 0).then(|| line.trim().to_owned())
    }
}

fn line(text: &str) -> String {
    format!("{}\n", text.trim_end_matches('\n'))
}

/// Titles and notes are users' words: what would drive the terminal is shown as a box.
fn harmless(text: &str) -> String {
    let harmless = |character: char| character == '\n' || !character.is_control();
    text.chars().map(|character| if harmless(character) { character } else { '\u{fffd}' }).collect()
}

/// Of JSON: serde leaves DEL and its like as they are, in strings, where an escape means the same.
fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        if character.is_control() && character != '\n' {
            text.push_str(&format!("\\u{:04x}", u32::from(character)));
        } else {
            text.push(character);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_users_wrote_drives_no_terminal() {
        assert_eq!(harmless("护照\u{1b}[2J\r\nand\u{9b}1m"), "护照\u{fffd}[2J\u{fffd}\nand\u{fffd}1m");
        let value = json!({"title": "\u{1b}[2J\u{9b}\u{7f}"});
        let text = escaped(&serde_json::to_string_pretty(&value).unwrap());
        assert!(!text.chars().any(|character| character.is_control() && character != '\n'), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }
}
