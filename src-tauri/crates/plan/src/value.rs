//! The tree a template is made of: plain values and CloudFormation's intrinsic functions.

use serde_json::{Map, json};

/// One node of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    Number(i64),
    /// A number with a fraction, as it is written.
    Decimal(String),
    Flag(bool),
    List(Vec<Value>),
    Map(Vec<(String, Value)>),
    /// `!Ref`
    Ref(String),
    /// `!GetAtt`
    GetAtt(String, String),
    /// `!Sub`
    Sub(String),
    /// `Fn::Base64`
    Base64(Box<Value>),
    /// A value with a comment above it.
    Noted(String, Box<Value>),
}

pub(crate) fn refer(id: impl Into<String>) -> Value {
    Value::Ref(id.into())
}

pub(crate) fn get_att(id: impl Into<String>, attribute: impl Into<String>) -> Value {
    Value::GetAtt(id.into(), attribute.into())
}

/// Text with `${Name}` placeholders; without any it stays plain text, which reads better and lints clean.
pub(crate) fn sub(text: impl Into<String>) -> Value {
    let text = text.into();
    if text.contains("${") {
        Value::Sub(text)
    } else {
        Value::Text(text)
    }
}

impl Value {
    /// Puts a comment above this value.
    pub(crate) fn note(self, comment: &str) -> Self {
        Self::Noted(comment.to_owned(), Box::new(self))
    }

    /// The value without its comment.
    pub(crate) fn bare(&self) -> &Self {
        if let Self::Noted(_, inner) = self {
            inner.bare()
        } else {
            self
        }
    }

    /// The entry of a map.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        let Self::Map(entries) = self.bare() else { return None };
        entries.iter().find(|(k, _)| k == key).map(|(_, v)| v.bare())
    }

    /// Walks down maps (by key) and lists (by index): `at("Listeners.0.Port")`.
    pub(crate) fn at(&self, path: &str) -> Option<&Self> {
        path.split('.')
            .try_fold(self.bare(), |value, step| match step.parse::<usize>() {
                Ok(index) => value.items().get(index).map(Self::bare),
                Err(_) => value.get(step),
            })
    }

    /// The elements of a list; nothing for anything else.
    pub(crate) fn items(&self) -> &[Self] {
        if let Self::List(items) = self.bare() { items } else { &[] }
    }

    /// The text of a text or `!Sub`.
    pub(crate) fn text(&self) -> Option<&str> {
        if let Self::Text(text) | Self::Sub(text) = self.bare() {
            Some(text)
        } else {
            None
        }
    }

    /// Calls `visit` for this value and everything below it.
    pub(crate) fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Self)) {
        visit(self);
        match self {
            Self::List(items) => items.iter().for_each(|v| v.walk(visit)),
            Self::Map(entries) => entries.iter().for_each(|(_, v)| v.walk(visit)),
            Self::Base64(v) | Self::Noted(_, v) => v.walk(visit),
            Self::Text(_)
            | Self::Number(_)
            | Self::Decimal(_)
            | Self::Flag(_)
            | Self::Ref(_)
            | Self::GetAtt(..)
            | Self::Sub(_) => {}
        }
    }

    /// Names of parameters, resources and pseudo parameters that this value needs.
    pub(crate) fn references(&self) -> Vec<String> {
        let mut names = Vec::new();
        self.walk(&mut |value| {
            if let Self::Ref(id) | Self::GetAtt(id, _) = value {
                names.push(id.clone());
            } else if let Self::Sub(text) = value {
                names.extend(
                    placeholders(text)
                        .into_iter()
                        .map(|p| p.split('.').next().unwrap_or(p).to_owned()),
                );
            }
        });
        names
    }

    /// Puts an entry into a map, at this place.
    pub(crate) fn insert(&mut self, at: usize, key: &str, value: impl Into<Self>) {
        if let Self::Map(entries) = self {
            entries.insert(at.min(entries.len()), (key.to_owned(), value.into()));
        }
    }

    /// The value behind a path, to be changed.
    pub(crate) fn at_mut(&mut self, path: &str) -> Option<&mut Self> {
        fn bare(value: &mut Value) -> &mut Value {
            if let Value::Noted(_, inner) = value {
                bare(inner)
            } else {
                value
            }
        }
        path.split('.')
            .try_fold(bare(self), |value, step| match (value, step.parse::<usize>()) {
                (Self::List(items), Ok(index)) => items.get_mut(index).map(bare),
                (Self::Map(entries), Err(_)) => entries.iter_mut().find(|(k, _)| k == step).map(|(_, v)| bare(v)),
                _ => None,
            })
    }

    /// The value as JSON, with long intrinsic names and without comments.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Text(text) => json!(text),
            Self::Number(number) => json!(number),
            Self::Decimal(text) => text.parse::<f64>().map_or_else(|_| json!(text), |number| json!(number)),
            Self::Flag(flag) => json!(flag),
            Self::List(items) => items.iter().map(Self::to_json).collect(),
            Self::Map(entries) => {
                serde_json::Value::Object(entries.iter().map(|(k, v)| (k.clone(), v.to_json())).collect::<Map<_, _>>())
            }
            Self::Ref(id) => json!({ "Ref": id }),
            Self::GetAtt(id, attribute) => json!({ "Fn::GetAtt": [id, attribute] }),
            Self::Sub(text) => json!({ "Fn::Sub": text }),
            Self::Base64(inner) => json!({ "Fn::Base64": inner.to_json() }),
            Self::Noted(_, inner) => inner.to_json(),
        }
    }
}

/// The names inside `${…}` of a `!Sub` text; `${!Literal}` is not one.
pub(crate) fn placeholders(text: &str) -> Vec<&str> {
    text.split("${")
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name)
        .filter(|name| !name.starts_with('!'))
        .collect()
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}
impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}
impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Decimal(crate::price::amount(number))
    }
}
impl From<i32> for Value {
    fn from(number: i32) -> Self {
        Self::Number(number.into())
    }
}
impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}
impl From<u16> for Value {
    fn from(number: u16) -> Self {
        Self::Number(number.into())
    }
}
impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}
impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}

/// `map! { "Key": value, … }`
macro_rules! map {
    ($($key:literal : $value:expr),* $(,)?) => {
        $crate::value::Value::Map(vec![$(($key.to_owned(), $crate::value::Value::from($value))),*])
    };
}
/// `list![value, …]`
macro_rules! list {
    ($($value:expr),* $(,)?) => { $crate::value::Value::List(vec![$($crate::value::Value::from($value)),*]) };
}
pub(crate) use {list, map};
