//! Prisma migrations: where they are, and whether there are any.

use crate::context::Context;
use crate::place;
use crate::trail::{Source, Trail};

/// The folder of migrations beside a schema, or the one that `stated` names; `None` if there is no migration.
pub(crate) fn of(context: &Context<'_>, schema: &str, stated: Option<&str>, trail: &mut Trail) -> Option<String> {
    let beside = if schema.ends_with(".prisma") {
        place::parent(schema)
    } else {
        schema
    };
    let mut places = vec![stated.map(str::to_owned), place::join(beside, "migrations")];
    if !schema.ends_with(".prisma") || place::file_name(beside) == "schema" {
        places.push(place::join(place::parent(beside), "migrations"));
    }
    let mut empty = None;
    for folder in places.into_iter().flatten() {
        if context.tree.below(&folder).any(|f| f.ends_with("/migration.sql")) {
            return Some(folder);
        }
        if context.tree.has_folder(&folder) {
            empty = Some(folder);
        }
    }
    let message = match empty {
        Some(folder) => {
            format!("{folder} holds no migration, so the database would stay empty. Create one with prisma migrate dev.")
        }
        None => {
            "There are no Prisma migrations, so the database would stay empty. Create one with prisma migrate dev.".to_owned()
        }
    };
    trail.warn("prisma-no-migrations", Some(Source::new(schema, None)), message);
    None
}
