//! How large an item is.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value};

/// An item, or a key, in DynamoDB's JSON.
pub(crate) type Item = Map<String, Value>;

/// Of a list or a map, whatever is in it; and of each thing in it.
const NESTED: usize = 3;
const NESTED_EACH: usize = 1;

/// Bytes of the item. The hundred bytes that storage adds to each are not read or written.
pub(super) fn of_item(item: &Item) -> usize {
    item.iter().map(|(name, value)| name.len() + of_value(value)).sum()
}

fn of_value(value: &Value) -> usize {
    let Some((kind, value)) = value.as_object().and_then(|typed| typed.iter().next()) else { return 0 };
    let each = |size: fn(&str) -> usize| {
        value.as_array().into_iter().flatten().filter_map(Value::as_str).map(size).sum::<usize>()
    };
    match kind.as_str() {
        "S" => value.as_str().map_or(0, str::len),
        "N" => value.as_str().map_or(0, of_number),
        "B" => value.as_str().map_or(0, of_binary),
        "SS" => each(str::len),
        "NS" => each(of_number),
        "BS" => each(of_binary),
        "L" => {
            let values = value.as_array().into_iter().flatten();
            NESTED + values.map(|value| NESTED_EACH + of_value(value)).sum::<usize>()
        }
        "M" => {
            let pairs = value.as_object().into_iter().flatten();
            NESTED + pairs.map(|(name, value)| NESTED_EACH + name.len() + of_value(value)).sum::<usize>()
        }
        // BOOL and NULL.
        _ => 1,
    }
}

/// A byte, one for every two significant digits, and one for a minus sign. AWS says "approximately".
fn of_number(number: &str) -> usize {
    let mantissa = number.split(['e', 'E']).next().unwrap_or_default();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let significant = digits.trim_start_matches('0').trim_end_matches('0').len();
    let sign = usize::from(number.starts_with('-') && significant > 0);
    significant.div_ceil(2) + 1 + sign
}

fn of_binary(base64: &str) -> usize {
    BASE64_STANDARD.decode(base64).map_or(base64.len(), |bytes| bytes.len())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_is_as_large_as_aws_says() {
        for (value, size) in [
            (json!({"S": "abc"}), 3),
            (json!({"S": "护照"}), 6),
            (json!({"N": "0"}), 1),
            (json!({"N": "7"}), 2),
            (json!({"N": "-7"}), 3),
            (json!({"N": "100"}), 2),
            (json!({"N": "0.0012"}), 2),
            (json!({"N": "1799715600"}), 5),
            (json!({"N": "1.5E+20"}), 2),
            (json!({"B": "AAECAw=="}), 4),
            (json!({"BOOL": true}), 1),
            (json!({"NULL": true}), 1),
            (json!({"SS": ["a", "bcd"]}), 4),
            (json!({"NS": ["1", "234"]}), 5),
            (json!({"BS": ["AAECAw==", "AA=="]}), 5),
            (json!({"L": []}), 3),
            (json!({"M": {}}), 3),
            (json!({"L": [{"S": "ab"}, {"BOOL": false}]}), 3 + 3 + 2),
            (json!({"M": {"name": {"S": "ab"}, "n": {"N": "7"}}}), 3 + 7 + 4),
        ] {
            assert_eq!(of_value(&value), size, "{value}");
        }
        let item = json!({"pk": {"S": "USER#a"}, "n": {"N": "12"}});
        assert_eq!(of_item(item.as_object().expect("an item")), 8 + 3, "names count");
    }
}
