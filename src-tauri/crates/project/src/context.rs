//! Everything that readers of the project share.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::manifest::Manifest;
use crate::modules::Modules;
use crate::nx::Project;
use crate::trail::Source;
use crate::tree::Tree;
use crate::{place, workspace};

/// The project as it is read.
pub(crate) struct Context<'t> {
    pub(crate) tree: &'t Tree,
    pub(crate) manifests: &'t [Manifest],
    pub(crate) modules: &'t Modules<'t>,
    /// Nx projects that were looked up.
    pub(crate) projects: RefCell<HashMap<String, Option<Project>>>,
}

impl<'t> Context<'t> {
    /// Puts together what readers share.
    pub(crate) fn new(tree: &'t Tree, manifests: &'t [Manifest], modules: &'t Modules<'t>) -> Self {
        Self {
            tree,
            manifests,
            modules,
            projects: RefCell::default(),
        }
    }

    /// The package a file or folder belongs to.
    pub(crate) fn package_of(&self, path: &str) -> Option<&'t Manifest> {
        place::ancestors(path)
            .iter()
            .find_map(|at| self.manifests.iter().find(|m| m.folder == *at))
    }

    /// The package of the repository that an import names.
    pub(crate) fn package_named(&self, specifier: &str) -> Option<&'t Manifest> {
        let name = crate::modules::package_name(specifier);
        self.manifests.iter().find(|m| m.name() == Some(name))
    }

    /// The packages a folder can install from: its own and those above.
    pub(crate) fn packages_above(&self, path: &str) -> Vec<&'t Manifest> {
        place::ancestors(path)
            .iter()
            .filter_map(|at| self.manifests.iter().find(|m| m.folder == *at))
            .collect()
    }

    /// Whether the folder's package, or one above it, installs the dependency.
    pub(crate) fn installs(&self, folder: &str, name: &str) -> bool {
        self.packages_above(folder).iter().any(|m| m.has(name))
    }

    /// Version of a package as installed for a folder: exact from the lockfile, else the range.
    pub(crate) fn version(&self, folder: &str, name: &str) -> Option<String> {
        workspace::locked_version(self.tree, self.manifests, folder, name).or_else(|| self.range(folder, name))
    }

    /// Version range of a dependency; `catalog:` is looked up in the workspace.
    pub(crate) fn range(&self, folder: &str, name: &str) -> Option<String> {
        let range = self
            .packages_above(folder)
            .iter()
            .find_map(|m| m.dependency(name))
            .map(str::to_owned)?;
        let Some(catalog) = range.strip_prefix("catalog:") else {
            return Some(range);
        };
        let text = self.tree.text("pnpm-workspace.yaml")?;
        let yaml: serde_yaml_ng::Value = serde_yaml_ng::from_str(&text).ok()?;
        let list = if catalog.is_empty() || catalog == "default" {
            &yaml["catalog"]
        } else {
            &yaml["catalogs"][catalog]
        };
        list[name].as_str().map(str::to_owned)
    }

    /// Where a command is stated: the script of the package that holds it, else the given place.
    pub(crate) fn stated(&self, folder: &str, command: &str, otherwise: &Source) -> Source {
        let hit = self.packages_above(folder).into_iter().find_map(|m| {
            let (name, _) = m.scripts().find(|(_, script)| script.contains(command))?;
            Some(Source::new(m.file(), m.line(self.tree, &["scripts", name])))
        });
        hit.unwrap_or_else(|| otherwise.clone())
    }

    /// First of several names that exists in a folder.
    pub(crate) fn first_file(&self, folder: &str, names: &[&str]) -> Option<String> {
        names.iter().filter_map(|n| place::join(folder, n)).find(|f| self.tree.has(f))
    }
}
