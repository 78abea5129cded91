//! What the doctor found, as a table, and what to do about it.

use serde_json::Value;

use crate::language::Language;
use crate::table::Table;
use crate::words::Word;

pub(crate) fn shown(report: &Value, language: Language) -> String {
    let findings = report["findings"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut table = Table::default();
    for finding in findings {
        let text = |name: &str| finding[name].as_str().unwrap_or_default();
        table.row([
            language.say(status(text("status")), &[]),
            text("check").to_owned(),
            text("what").to_owned(),
        ]);
    }
    let mut shown = table.render();
    for finding in findings {
        let text = |name: &str| finding[name].as_str().unwrap_or_default();
        if !text("do").is_empty() {
            shown.push_str(&format!("\n{}\n  {}\n", text("check"), text("do")));
        }
    }
    let count = |status: &str| findings.iter().filter(|finding| finding["status"] == status).count();
    let (failed, warned) = (count("failed"), count("warning"));
    let verdict = match failed + warned {
        0 => language.say(Word::Healthy, &[]),
        _ => language.say(Word::Unhealthy, &[&failed, &warned]),
    };
    format!("{shown}\n{verdict}\n")
}

fn status(name: &str) -> Word {
    match name {
        "ok" => Word::StatusOk,
        "warning" => Word::StatusWarning,
        "skipped" => Word::StatusSkipped,
        _ => Word::StatusFailed,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn findings_come_with_what_to_do_about_them() {
        let finding = |check: &str, status: &str, what: &str, advice: &str| json!({"check": check, "status": status, "what": what, "do": advice});
        let report = json!({"ok": false, "findings": [
            finding("clock", "ok", "within a second", ""),
            finding("mini_program.credentials", "failed", "40125", "reset the AppSecret"),
        ]});
        assert_eq!(
            shown(&report, Language::English),
            "ok      clock                     within a second\n\
             FAILED  mini_program.credentials  40125\n\n\
             mini_program.credentials\n  reset the AppSecret\n\n1 to mend, 0 to look at\n"
        );
        let report = json!({"ok": true, "findings": [finding("clock", "ok", "fine", "")]});
        assert_eq!(shown(&report, Language::Chinese), "正常  clock  fine\n\n一切正常\n");
    }
}
