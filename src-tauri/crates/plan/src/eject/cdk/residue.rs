//! What `cdk-from-cfn` cannot say of a resource: it fails on properties that its tables do not know, and loses some texts.

use cdk_from_cfn::cdk::{Primitive, PropertyBag, Schema, TypeReference};
use serde_json::{Map, Value as Json, json};

use crate::model::{OnDelete, Resource, accepted_metadata};

/// A property to be written beside a construct.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Residue {
    /// Path below `Properties`, as `addPropertyOverride` takes it.
    pub(super) path: String,
    pub(super) value: Json,
}

impl Residue {
    /// The path for a person.
    pub(super) fn words(&self) -> String {
        format!("`{}`", self.path.replace("\\.", "."))
    }
}

/// Everything of a resource that is written beside its construct.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct ResourceResidue {
    /// The tables know nothing of its type.
    pub(super) unknown_type: bool,
    pub(super) metadata: Option<Json>,
    pub(super) properties: Vec<Residue>,
}

/// A resource as `cdk-from-cfn` can say it, and the rest.
pub(super) fn split(schema: &Schema, resource: &Resource) -> (Json, ResourceResidue) {
    let mut said = Map::new();
    said.insert("Type".to_owned(), json!(resource.kind));
    if !resource.depends_on.is_empty() {
        said.insert("DependsOn".to_owned(), json!(resource.depends_on));
    }
    let deletion = match resource.on_delete {
        OnDelete::Delete => None,
        OnDelete::DeleteButKeepReplaced => Some("Delete"),
        OnDelete::Snapshot => Some("Snapshot"),
        OnDelete::Keep => Some("Retain"),
    };
    if let Some(deletion) = deletion {
        said.insert("DeletionPolicy".to_owned(), json!(deletion));
    }
    let known = schema.resource_type(resource.kind);
    let mut residue = ResourceResidue {
        unknown_type: known.is_none(),
        metadata: accepted_metadata(&resource.accepted).map(|m| m.to_json()),
        properties: Vec::new(),
    };
    let mut properties = resource.properties.to_json();
    if let Json::Object(entries) = &mut properties {
        take_unsayable(entries, "", &mut residue.properties, |key, value, path, out| {
            known
                .and_then(|k| k.property(key))
                .is_some_and(|p| sayable(schema, &p.value_type, value, path, out))
        });
    }
    said.insert("Properties".to_owned(), properties);
    (Json::Object(said), residue)
}

/// Moves every entry that cannot be said into `out`.
fn take_unsayable(
    entries: &mut Map<String, Json>,
    path: &str,
    out: &mut Vec<Residue>,
    mut can: impl FnMut(&str, &mut Json, &str, &mut Vec<Residue>) -> bool,
) {
    let keys: Vec<String> = entries.keys().cloned().collect();
    for key in keys {
        let below = join(path, &key);
        let before = out.len();
        let fits = entries.get_mut(&key).is_some_and(|value| {
            let whole = value.clone();
            let fits = can(&key, value, &below, out);
            if !fits {
                *value = whole;
            }
            fits
        });
        if !fits {
            // The value goes as a whole, so nothing of it goes a second time.
            out.truncate(before);
            if let Some(value) = entries.shift_remove(&key) {
                out.push(Residue { path: below, value });
            }
        }
    }
}

/// Whether a value can be said; what cannot be inside of it is moved into `out`.
fn sayable(schema: &Schema, kind: &TypeReference, value: &mut Json, path: &str, out: &mut Vec<Residue>) -> bool {
    if let Some(said) = intrinsic(value) {
        return said;
    }
    match (value, kind) {
        (value, TypeReference::Primitive(Primitive::Json)) => free(value),
        (Json::Object(entries), TypeReference::Named(name)) => {
            let Some(known) = schema.type_named(name) else { return false };
            take_unsayable(entries, path, out, |key, value, path, out| {
                known
                    .property(key)
                    .is_some_and(|p| sayable(schema, &p.value_type, value, path, out))
            });
            true
        }
        (Json::Object(entries), TypeReference::Map(item)) => {
            entries.keys().all(|k| plain_key(k))
                && entries.iter_mut().all(|(key, value)| {
                    let mut inside = Vec::new();
                    sayable(schema, item, value, &join(path, key), &mut inside) && inside.is_empty()
                })
        }
        (Json::Array(items), TypeReference::List(item)) => items
            .iter_mut()
            .enumerate()
            .all(|(index, value)| sayable(schema, item, value, &join(path, &index.to_string()), out)),
        (Json::Object(_) | Json::Array(_), _) => false,
        (Json::String(text), TypeReference::Primitive(Primitive::Boolean)) => text.parse::<bool>().is_ok(),
        (Json::String(text), TypeReference::Primitive(Primitive::Number)) => text.parse::<i64>().is_ok(),
        _ => true,
    }
}

/// Whether a value without a type can be said.
fn free(value: &mut Json) -> bool {
    if let Some(said) = intrinsic(value) {
        return said;
    }
    match value {
        Json::Object(entries) => entries.iter_mut().all(|(key, value)| plain_key(key) && free(value)),
        Json::Array(items) => items.iter_mut().all(free),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => true,
    }
}

/// Whether an intrinsic function can be said; nothing if it is none. Its text becomes one for a template literal.
fn intrinsic(value: &mut Json) -> Option<bool> {
    let entries = value.as_object_mut()?;
    let (name, inner) = if entries.len() == 1 {
        entries.iter_mut().next()?
    } else {
        return None;
    };
    match (name.as_str(), inner) {
        ("Ref" | "Fn::GetAtt", _) => Some(true),
        // A literal `${…}` would become one of TypeScript.
        ("Fn::Sub", Json::String(text)) => Some(if text.contains("${!") {
            false
        } else {
            *text = text.replace('\\', "\\\\").replace('`', "\\`").replace('\n', "\\n");
            true
        }),
        // A plain text would be taken for one that is encoded already.
        ("Fn::Base64", inner) => Some(inner.is_object() && intrinsic(inner) == Some(true)),
        (name, _) if name.starts_with("Fn::") => Some(false),
        _ => None,
    }
}

/// Keys are written between quotes as they are.
fn plain_key(key: &str) -> bool {
    !key.is_empty() && !key.contains(['\'', '\\', '\n'])
}

fn join(path: &str, key: &str) -> String {
    let key = key.replace('.', "\\.");
    if path.is_empty() { key } else { format!("{path}.{key}") }
}
