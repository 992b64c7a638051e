//! Whether a configuration is one that the host would give.
//!
//! The part of JSON Schema that settings are mostly made of: `type`, `properties`, `required`, `additionalProperties`,
//! `items`, `enum`, `const` and bounds. Other keywords are passed over here; `neustream-plugin test` checks all of them.

use serde_json::Value;

/// The first thing that does not fit, behind its JSON pointer.
pub(super) fn misfit(schema: &Value, value: &Value, pointer: &str) -> Option<String> {
    let wrong = |what: String| Some(format!("{}: {what}", if pointer.is_empty() { "/" } else { pointer }));
    if let Some(wanted) = schema.get("type")
        && !types(wanted).any(|wanted| is_of_type(value, wanted))
    {
        return wrong(format!("must be of type {wanted}, is {value}"));
    }
    if let Some(Value::Array(allowed)) = schema.get("enum")
        && !allowed.contains(value)
    {
        return wrong(format!("must be one of {}, is {value}", Value::from(allowed.clone())));
    }
    if let Some(wanted) = schema.get("const")
        && wanted != value
    {
        return wrong(format!("must be {wanted}, is {value}"));
    }
    if let Some(bound) = out_of_bounds(schema, value) {
        return wrong(format!("breaks {bound}: {value}"));
    }
    match value {
        Value::Object(members) => {
            let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
            let missing = required.filter_map(Value::as_str).find(|name| !members.contains_key(*name));
            if let Some(missing) = missing {
                return wrong(format!("lacks `{missing}`"));
            }
            members.iter().find_map(|(name, value)| {
                let pointer = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
                match schema.get("properties").and_then(|properties| properties.get(name)) {
                    Some(schema) => misfit(schema, value, &pointer),
                    None => match schema.get("additionalProperties") {
                        Some(Value::Bool(false)) => {
                            Some(format!("{pointer}: the schema has no such property"))
                        }
                        Some(schema) => misfit(schema, value, &pointer),
                        None => None,
                    },
                }
            })
        }
        Value::Array(items) => {
            let schema = schema.get("items")?;
            let mut items = items.iter().enumerate();
            items.find_map(|(index, item)| misfit(schema, item, &format!("{pointer}/{index}")))
        }
        _ => None,
    }
}

/// One name or several.
fn types(wanted: &Value) -> impl Iterator<Item = &str> {
    let names = wanted.as_array().map_or(std::slice::from_ref(wanted), Vec::as_slice);
    names.iter().filter_map(Value::as_str)
}

fn is_of_type(value: &Value, wanted: &str) -> bool {
    match wanted {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        _ => true,
    }
}

/// The bound that `value` breaks.
fn out_of_bounds(schema: &Value, value: &Value) -> Option<String> {
    let measures: [(&str, &str, Option<f64>); 4] = [
        ("minimum", "maximum", value.as_f64()),
        ("minLength", "maxLength", value.as_str().map(|text| count(text.chars().count()))),
        ("minItems", "maxItems", value.as_array().map(|items| count(items.len()))),
        ("minProperties", "maxProperties", value.as_object().map(|members| count(members.len()))),
    ];
    measures.into_iter().find_map(|(least, most, measure)| {
        let bound = |keyword: &str| schema.get(keyword).and_then(Value::as_f64);
        let measure = measure?;
        if bound(least).is_some_and(|bound| measure < bound) {
            return Some(least.to_owned());
        }
        bound(most).is_some_and(|bound| measure > bound).then(|| most.to_owned())
    })
}

#[allow(clippy::cast_precision_loss, reason = "lengths of a configuration are small")]
fn count(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::misfit;

    #[test]
    fn what_does_not_fit_is_named_by_its_pointer() {
        let schema = json!({
            "type": "object",
            "additionalProperties": false,
            "required": ["words"],
            "properties": {
                "words": {"type": "array", "maxItems": 2, "items": {"type": "string", "minLength": 1}},
                "action": {"enum": ["hold", "hide"]},
                "a/b": {"type": ["integer", "null"], "minimum": 1},
            },
        });
        for (config, expected) in [
            (json!({"words": []}), None),
            (json!({"words": ["a", "b"], "action": "hide", "a/b": 2}), None),
            (json!({"words": [], "a/b": null}), None),
            (json!([]), Some("/: must be of type \"object\", is []")),
            (json!({}), Some("/: lacks `words`")),
            (json!({"words": "a"}), Some("/words: must be of type \"array\", is \"a\"")),
            (json!({"words": ["a", 7]}), Some("/words/1: must be of type \"string\", is 7")),
            (json!({"words": [""]}), Some("/words/0: breaks minLength: \"\"")),
            (json!({"words": ["a", "b", "c"]}), Some("/words: breaks maxItems: [\"a\",\"b\",\"c\"]")),
            (json!({"words": [], "action": 1}), Some("/action: must be one of [\"hold\",\"hide\"], is 1")),
            (json!({"words": [], "a/b": 0}), Some("/a~1b: breaks minimum: 0")),
            (json!({"words": [], "a/b": 1.5}), Some("/a~1b: must be of type [\"integer\",\"null\"], is 1.5")),
            (json!({"words": [], "wrods": 1}), Some("/wrods: the schema has no such property")),
        ] {
            assert_eq!(misfit(&schema, &config, "").as_deref(), expected, "{config}");
        }
    }
}
