use serde_json::Value;

/// The path of the first value in which two JSON documents differ, and both values.
pub(super) fn difference(path: &str, found: &Value, expected: &Value) -> Option<(String, String, String)> {
    match (found, expected) {
        (Value::Object(left), Value::Object(right)) => {
            let keys = left.keys().chain(right.keys().filter(|key| !left.contains_key(*key)));
            keys.into_iter().find_map(|key| {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                let of = |side: &serde_json::Map<String, Value>| side.get(key).cloned().unwrap_or_default();
                difference(&path, &of(left), &of(right))
            })
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            let pairs = left.iter().zip(right).enumerate();
            pairs
                .into_iter()
                .find_map(|(index, (left, right))| difference(&format!("{path}[{index}]"), left, right))
        }
        (Value::Array(left), Value::Array(right)) => {
            let list = |values: &[Value]| format!("a list of {}", values.len());
            Some((path.to_owned(), list(left), list(right)))
        }
        _ if found == expected => None,
        _ => Some((path.to_owned(), found.to_string(), expected.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_field_that_differs_is_named() {
        let found = json!({ "config": { "d_model": 128, "layers": 8 }, "seed": 0 });
        let expected = json!({ "config": { "d_model": 128, "layers": 6 }, "seed": 1 });
        let path = ("config.layers".to_owned(), "8".to_owned(), "6".to_owned());
        assert_eq!(difference("", &found, &expected), Some(path));
        assert_eq!(difference("", &found, &found), None);
        let path = ("seed".to_owned(), "0".to_owned(), "null".to_owned());
        assert_eq!(difference("", &found, &json!({ "config": found["config"] })), Some(path));
        let (found, expected) =
            (json!({ "saes": [{ "k": 1 }, { "k": 2 }] }), json!({ "saes": [{ "k": 1 }, { "k": 3 }] }));
        let path = ("saes[1].k".to_owned(), "2".to_owned(), "3".to_owned());
        assert_eq!(difference("", &found, &expected), Some(path));
        let path = ("saes".to_owned(), "a list of 2".to_owned(), "a list of 0".to_owned());
        assert_eq!(difference("", &found, &json!({ "saes": [] })), Some(path));
    }
}
