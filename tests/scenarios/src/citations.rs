//! Whatever is cited exists: the sections of `docs/` that code and documents name, and where their links lead.
//!
//! A citation is the path of a document and, behind it, section signs with numbers: one, a list or a range. A section is
//! a heading that begins with the number, or an item of the numbered list under such a heading.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
/// What is made, fetched or kept by tools.
const NOT_OURS: [&str; 7] = [".git", ".venv", ".aws-sam", "target", "data", "node_modules", "__pycache__"];
/// Written so because this file is read, too.
const SIGN: char = '\u{a7}';
/// How far behind the path of its document a section may stand.
const NEAR_BYTES: usize = 120;

/// The text files of the repository, by their path from its root.
fn files() -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![PathBuf::from(ROOT)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if NOT_OURS.contains(&name) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                let path = path.strip_prefix(ROOT).expect("below the root");
                found.insert(path.to_string_lossy().replace('\\', "/"), text);
            }
        }
    }
    found
}

/// The lines of a Markdown document outside its code blocks, with their numbers.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut in_block = false;
    (1..).zip(text.lines()).filter(move |(_, line)| {
        let is_fence = line.trim_start().starts_with("```");
        in_block ^= is_fence;
        !in_block && !is_fence
    })
}

fn heading(line: &str) -> Option<&str> {
    line.starts_with('#')
        .then(|| line.trim_start_matches('#'))
        .filter(|rest| rest.starts_with(' '))
        .map(str::trim)
}

/// The number that `text` begins with, such as `9`, `13.2` or `2c`.
fn number(text: &str) -> Option<&str> {
    let digits = |from: usize| text[from..].bytes().take_while(u8::is_ascii_digit).count();
    let mut end = digits(0);
    if end == 0 {
        return None;
    }
    while text[end..].starts_with('.') && digits(end + 1) > 0 {
        end += 1 + digits(end + 1);
    }
    let is_letter = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_lowercase);
    end += usize::from(is_letter(end) && !is_letter(end + 1));
    Some(&text[..end])
}

fn sections(document: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut under = None;
    for (_, line) in prose(document) {
        if let Some(heading) = heading(line) {
            under = number(heading);
            found.extend(under.map(str::to_owned));
        } else if let (Some(under), Some((item, _))) = (under, line.split_once(". ")) {
            let is_item = !item.is_empty() && item.bytes().all(|byte| byte.is_ascii_digit());
            found.extend(is_item.then(|| format!("{under}.{item}")));
        }
    }
    found
}

/// The document that the section sign behind `before` belongs to: the nearest one named, but not across a parenthesis, a
/// cell of a table or an empty line.
fn document_named(before: &str, is_document: impl Fn(&str) -> bool) -> Option<String> {
    let begins = (before.len().saturating_sub(NEAR_BYTES)..).find(|at| before.is_char_boundary(*at))?;
    let near = before[begins..].rsplit([')', '|']).next()?;
    let is_blank = |line: &str| line.trim_matches([' ', '\t', '/', '!', '*', '#']).is_empty();
    let lines = near.rsplit('\n').enumerate().take_while(|(back, line)| *back == 0 || !is_blank(line));
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '-' | '_');
    let words = lines.flat_map(|(_, line)| line.rsplit(move |c: char| !is_part(c)));
    words.map(|word| word.trim_end_matches('.')).find(|word| is_document(word)).map(str::to_owned)
}

/// The sections named behind a section sign: one, or both ends of a range.
fn sections_named(after: &str) -> Vec<&str> {
    let Some(first) = number(after) else { return Vec::new() };
    let rest = &after[first.len()..];
    let last = rest.strip_prefix('–').or_else(|| rest.strip_prefix('-')).and_then(number);
    std::iter::once(first).chain(last).collect()
}

/// What is wrong with the citations of one file.
fn broken(path: &str, text: &str, documents: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    // A document of `docs/` may name its neighbours, and means itself if it names none.
    let full = |word: &str| match folder {
        "docs" if !word.contains('/') => format!("docs/{word}"),
        _ => word.to_owned(),
    };
    let is_document = |word: &str| word.ends_with(".md") && full(word).starts_with("docs/");
    let mut faults = Vec::new();
    for (at, _) in text.match_indices(SIGN) {
        let line = text[..at].matches('\n').count() + 1;
        let named = document_named(&text[..at], is_document).map(|word| full(&word));
        let Some(document) = named.or_else(|| (folder == "docs").then(|| path.to_owned())) else {
            faults.push(format!("{path}:{line}: a section of no document"));
            continue;
        };
        let after = &text[at + SIGN.len_utf8()..];
        let cited = sections_named(after);
        if cited.is_empty() && folder != "docs" {
            faults.push(format!("{path}:{line}: no section of {document}"));
        }
        for section in cited {
            match documents.get(&document) {
                None => faults.push(format!("{path}:{line}: there is no {document}")),
                Some(known) if !known.contains(section) => {
                    faults.push(format!("{path}:{line}: {document} has no section {section}"));
                }
                Some(_) => {}
            }
        }
    }
    faults
}

#[test]
fn every_cited_section_exists() {
    let files = files();
    let documents = files.iter().filter(|(path, _)| path.starts_with("docs/") && path.ends_with(".md"));
    let documents = documents.map(|(path, text)| (path.clone(), sections(text))).collect();
    let faults: Vec<String> = files.iter().flat_map(|(path, text)| broken(path, text, &documents)).collect();
    assert!(files.len() > 300 && faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_citation_of_what_is_not_there_is_found() {
    let document = "# Rules\n## 1. One\n### 1.2 Part\n```\n## 9. no\n```\n## 2. Two\n1. first\n2. second\n### 2c. More\n";
    let documents = BTreeMap::from([("docs/rules.md".to_owned(), sections(document))]);
    for (path, text, wrong) in [
        ("src/a.rs", "//! As docs/rules.md %1.2, %2 and those of %2.1–2.2 say (docs/rules.md %2c).", ""),
        ("src/a.rs", "//! What docs/rules.md\n//! %1.2 says, in `docs/rules.md` %1.", ""),
        ("docs/other.md", "See rules.md %1 and docs/rules.md %2.2.", ""),
        ("docs/rules.md", "As %1.2 says.", ""),
        (
            "src/a.rs",
            "// docs/rules.md %1.3, %2.3",
            "docs/rules.md has no section 1.3; docs/rules.md has no section 2.3",
        ),
        ("src/a.rs", "// docs/rules.md %1–%3", "docs/rules.md has no section 3"),
        ("src/a.rs", "// docs/rules.md %9", "docs/rules.md has no section 9"),
        ("src/a.rs", "// docs/gone.md %1", "there is no docs/gone.md"),
        ("src/a.rs", "// docs/rules.md %N", "no section of docs/rules.md"),
        ("src/a.rs", "// the sheet's %1", "a section of no document"),
        ("src/a.rs", "// (docs/rules.md %1) but %1", "a section of no document"),
        ("src/a.rs", "// docs/rules.md %1\n//\n// %1", "a section of no document"),
        ("docs/rules.md", "As %3 says.", "docs/rules.md has no section 3"),
    ] {
        let faults = broken(path, &text.replace('%', &SIGN.to_string()), &documents);
        let said: Vec<&str> =
            faults.iter().filter_map(|fault| fault.splitn(3, ':').nth(2)).map(str::trim).collect();
        assert_eq!(said.join("; "), wrong, "{text}");
    }
}

/// What GitHub calls the headings of a document in its links.
fn anchors(document: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (_, line) in prose(document) {
        let Some(heading) = heading(line) else { continue };
        let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        let anchor = kept.collect::<String>().to_lowercase().replace(' ', "-");
        let again = (1..).map(|n| format!("{anchor}-{n}")).find(|other| !found.contains(other));
        if !found.insert(anchor) {
            found.extend(again);
        }
    }
    found
}

#[test]
fn every_relative_link_of_a_document_leads_somewhere() {
    let files = files();
    let mut faults = Vec::new();
    let mut followed = 0;
    for (path, text) in files.iter().filter(|(path, _)| path.ends_with(".md")) {
        let folder = Path::new(ROOT).join(path).parent().map(Path::to_path_buf).unwrap_or_default();
        for (line, content) in prose(text) {
            let targets =
                content.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
            for target in targets.filter(|target| !target.contains("://")) {
                followed += 1;
                let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
                let file = if file.is_empty() { Path::new(ROOT).join(path) } else { folder.join(file) };
                let has_anchor =
                    || std::fs::read_to_string(&file).is_ok_and(|text| anchors(&text).contains(anchor));
                if !file.exists() || !(anchor.is_empty() || has_anchor()) {
                    faults.push(format!("{path}:{line}: {target} leads nowhere"));
                }
            }
        }
    }
    assert!(followed > 100 && faults.is_empty(), "{}", faults.join("\n"));
}
