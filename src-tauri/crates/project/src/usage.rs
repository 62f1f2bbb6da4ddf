//! Which packages a program uses, and where.

use std::collections::BTreeMap;

use crate::context::Context;
use crate::modules::package_name;
use crate::script::outline::Outline;
use crate::trail::Source;

/// First use of every package; imports of types alone do not count.
pub(crate) fn packages(context: &Context<'_>, modules: &[&Outline]) -> BTreeMap<String, Source> {
    let mut out = BTreeMap::new();
    for module in modules {
        for (reference, link) in module.references.iter().zip(context.modules.links(module)) {
            // Files that a tool generates are missing until it ran, and count as well.
            if reference.type_only || link.is_some() {
                continue;
            }
            for name in [package_name(&reference.specifier), &reference.specifier] {
                if !out.contains_key(name) {
                    out.insert(name.to_owned(), Source::new(&*module.path, reference.line));
                }
            }
        }
    }
    out
}

/// Whether a module is the generated client of Prisma, or would be.
pub(crate) fn is_prisma_client(specifier: &str) -> bool {
    // Every one of the names below has one of these in it, and few others do.
    if !["prisma", "generated/client"].iter().any(|part| specifier.contains(part)) {
        return false;
    }
    specifier == "@prisma/client"
        || specifier.starts_with("@prisma/client/")
        || specifier.contains(".prisma/client")
        || specifier.contains("generated/prisma")
        || specifier.contains("generated/client")
        || specifier.contains("prisma/generated")
        || specifier.contains("prisma-client")
}
