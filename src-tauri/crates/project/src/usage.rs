//! Which packages a program uses, and where.

use std::collections::BTreeMap;

use crate::context::Context;
use crate::modules::{Resolved, package_name};
use crate::script::outline::Outline;
use crate::trail::Source;

/// First use of every package; imports of types alone do not count.
pub(crate) fn packages(context: &Context<'_>, modules: &[&Outline]) -> BTreeMap<String, Source> {
    let mut out = BTreeMap::new();
    for module in modules {
        for reference in &module.references {
            if reference.type_only {
                continue;
            }
            let external = match context.modules.resolve(&module.path, &reference.specifier) {
                // Files that a tool generates are missing until it ran.
                Resolved::Package(_) | Resolved::Missing => true,
                Resolved::File(_) => false,
            };
            if external {
                let source = Source::new(&*module.path, reference.line);
                out.entry(package_name(&reference.specifier).to_owned())
                    .or_insert_with(|| source.clone());
                out.entry(reference.specifier.to_string()).or_insert(source);
            }
        }
    }
    out
}

/// Whether a module is the generated client of Prisma, or would be.
pub(crate) fn is_prisma_client(specifier: &str) -> bool {
    specifier == "@prisma/client"
        || specifier.starts_with("@prisma/client/")
        || specifier.contains(".prisma/client")
        || specifier.contains("generated/prisma")
        || specifier.contains("generated/client")
        || specifier.contains("prisma/generated")
        || specifier.contains("prisma-client")
}
