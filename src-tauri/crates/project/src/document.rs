//! JSON and YAML documents as values of a program.

use std::cell::RefCell;
use std::rc::Rc;

use crate::eval::value::Value;

/// JSON as a value.
pub(crate) fn json(value: &serde_json::Value) -> Value {
    match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(b) => Value::Bool(*b),
        serde_json::Value::Number(n) => n.as_f64().map_or(Value::Unknown, Value::Num),
        serde_json::Value::String(s) => Value::text(s),
        serde_json::Value::Array(all) => Value::Array(Rc::new(RefCell::new(all.iter().map(json).collect()))),
        serde_json::Value::Object(all) => Value::object(all.iter().map(|(k, v)| (Rc::from(k.as_str()), json(v))).collect()),
    }
}

/// A YAML or JSON text as a value; what a placeholder such as `${NAME}` stands for is not known.
pub(crate) fn yaml(text: &str) -> Value {
    fn convert(value: &serde_yaml_ng::Value) -> Value {
        use serde_yaml_ng::Value as Yaml;
        match value {
            Yaml::Null => Value::Null,
            Yaml::Bool(b) => Value::Bool(*b),
            Yaml::Number(n) => n.as_f64().map_or(Value::Unknown, Value::Num),
            Yaml::String(s) if s.contains("${") => Value::Unknown,
            Yaml::String(s) => Value::text(s),
            Yaml::Sequence(all) => Value::Array(Rc::new(RefCell::new(all.iter().map(convert).collect()))),
            Yaml::Mapping(all) => Value::object(
                all.iter()
                    .filter_map(|(k, v)| Some((Rc::from(k.as_str()?), convert(v))))
                    .collect(),
            ),
            Yaml::Tagged(tagged) => convert(&tagged.value),
        }
    }
    serde_yaml_ng::from_str(text).map_or(Value::Unknown, |v| convert(&v))
}
