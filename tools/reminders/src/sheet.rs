//! Any answer for people: fields line by line, lists and groups of alike things as tables. The names are the answer's own,
//! so that what stands in the documentation is found again; a field that a newer stack adds is shown, too.

use serde_json::{Map, Value};

use crate::table::Table;

const INDENT: &str = "  ";

pub(crate) fn sheet(value: &Value) -> String {
    match value {
        Value::Object(fields) => group(fields),
        Value::Array(items) => list(items),
        other => cell(other),
    }
}

fn group(fields: &Map<String, Value>) -> String {
    if let Some(rows) = alike(fields.values()) {
        return table(fields.keys().map(String::as_str), &rows);
    }
    let mut plain = Table::default();
    let mut rest = String::new();
    for (name, value) in fields {
        if is_plain(value) {
            plain.row([name.clone(), cell(value)]);
        } else {
            rest.push_str(&format!("\n{name}\n{}", indented(&sheet(value))));
        }
    }
    format!("{}{rest}", plain.render()).trim_start_matches('\n').to_owned()
}

fn list(items: &[Value]) -> String {
    if let Some(rows) = alike(items.iter()) {
        return table(std::iter::empty(), &rows);
    }
    items.iter().map(sheet).collect::<Vec<_>>().join("\n")
}

/// Objects of plain fields only, at least one: rows of a table.
fn alike<'a>(values: impl Iterator<Item = &'a Value>) -> Option<Vec<&'a Map<String, Value>>> {
    let rows: Option<Vec<_>> = values
        .map(|value| value.as_object().filter(|fields| !fields.is_empty() && fields.values().all(is_plain)))
        .collect();
    rows.filter(|rows| !rows.is_empty())
}

/// With the names of the rows before them, if they have names.
fn table<'a>(names: impl Iterator<Item = &'a str>, rows: &[&Map<String, Value>]) -> String {
    let mut columns: Vec<&str> = Vec::new();
    for name in rows.iter().flat_map(|row| row.keys()) {
        if !columns.contains(&name.as_str()) {
            columns.push(name);
        }
    }
    let names: Vec<&str> = names.collect();
    let head: Vec<&str> =
        (!names.is_empty()).then_some("").into_iter().chain(columns.iter().copied()).collect();
    let mut table = Table::with_head(&head);
    for (n, row) in rows.iter().enumerate() {
        let cells = columns.iter().map(|column| row.get(*column).map(cell).unwrap_or_default());
        table.row(names.get(n).map(|name| (*name).to_owned()).into_iter().chain(cells));
    }
    table.render()
}

fn is_plain(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields.is_empty(),
        Value::Array(items) => items.iter().all(|item| !item.is_object() && !item.is_array()),
        _ => true,
    }
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => "–".to_owned(),
        Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join(", "),
        Value::Object(_) => "–".to_owned(),
        other => other.to_string(),
    }
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("{INDENT}{line}").trim_end().to_owned() + "\n").collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn answers_are_shown_as_what_they_are() {
        for (value, shown) in [
            (json!({"version": 3, "by": null}), "version  3\nby       –\n"),
            (
                json!({"mini_program": {"/a": {"remain": 9, "used": 1}, "/bc": {"error": "45009"}}}),
                "mini_program\n       remain  used  error\n  /a   9       1\n  /bc                45009\n",
            ),
            (
                json!({"synced": 2, "list": [{"n": 1, "words": ["a", "b"]}, {"n": 2, "words": []}]}),
                "synced  2\n\nlist\n  n  words\n  1  a, b\n  2  –\n",
            ),
            (json!([]), ""),
            (json!({}), ""),
            (json!({"a": {"b": {"c": {"d": 1}}}}), "a\n  b\n       d\n    c  1\n"),
        ] {
            assert_eq!(sheet(&value), shown, "{value}");
        }
    }
}
