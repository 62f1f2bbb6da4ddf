//! `package.json` files.

use std::thread;

use serde_json::Value;

use crate::tree::Tree;
use crate::{json, place};

/// One package of the repository.
#[derive(Clone, Debug)]
pub(crate) struct Manifest {
    /// Folder of the package.
    pub(crate) folder: String,
    /// The parsed file.
    pub(crate) json: Value,
}

impl Manifest {
    /// Every readable package of the tree, in order of its path.
    pub(crate) fn all(tree: &Tree) -> Vec<Self> {
        let files: Vec<&str> = tree.files().filter(|f| place::file_name(f) == "package.json").collect();
        let read = |files: &[&str]| -> Vec<Self> { files.iter().filter_map(|file| Self::read(tree, file)).collect() };
        // Repositories of many packages are read by two threads.
        let (mine, others) = files.split_at(files.len().div_ceil(2));
        thread::scope(|scope| {
            let others = thread::Builder::new().spawn_scoped(scope, || read(others));
            let mut all = read(mine);
            match others.map(thread::ScopedJoinHandle::join) {
                Ok(Ok(others)) => all.extend(others),
                Ok(Err(panic)) => std::panic::resume_unwind(panic),
                Err(_) => all.extend(read(&files[mine.len()..])),
            }
            all
        })
    }

    fn read(tree: &Tree, file: &str) -> Option<Self> {
        let json = json::parse(&tree.text(file)?)?;
        json.is_object().then(|| Self {
            folder: place::parent(file).to_owned(),
            json,
        })
    }

    /// Path of the file.
    pub(crate) fn file(&self) -> String {
        place::join(&self.folder, "package.json").unwrap_or_default()
    }

    /// Name of the package.
    pub(crate) fn name(&self) -> Option<&str> {
        self.json["name"].as_str().filter(|n| !n.is_empty())
    }

    /// A script by its name.
    pub(crate) fn script(&self, name: &str) -> Option<&str> {
        self.json["scripts"][name].as_str()
    }

    /// The name of a script as it is kept here, if there is one.
    pub(crate) fn script_name(&self, name: &str) -> Option<&str> {
        let (name, command) = self.json["scripts"].as_object()?.get_key_value(name)?;
        command.is_string().then_some(name)
    }

    /// Every script: name and command.
    pub(crate) fn scripts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.json["scripts"]
            .as_object()
            .into_iter()
            .flatten()
            .filter_map(|(k, v)| Some((k.as_str(), v.as_str()?)))
    }

    /// Version range of a dependency that is installed with the package.
    pub(crate) fn dependency(&self, name: &str) -> Option<&str> {
        ["dependencies", "devDependencies", "optionalDependencies"]
            .iter()
            .find_map(|k| self.json[*k].get(name)?.as_str())
    }

    /// Whether the package installs the dependency.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.dependency(name).is_some()
    }

    /// Whether users of the package bring the dependency.
    pub(crate) fn expects(&self, name: &str) -> bool {
        self.json["peerDependencies"].get(name).is_some()
    }

    /// Line of a key in the file.
    pub(crate) fn line(&self, tree: &Tree, path: &[&str]) -> Option<u32> {
        json::line_of(&tree.text(&self.file())?, path)
    }
}

/// The first number in a version range: `^11.0.1` → 11.
pub(crate) fn major(range: &str) -> Option<u32> {
    let digits: String = range
        .chars()
        .skip_while(|c| !c.is_ascii_digit())
        .take_while(char::is_ascii_digit)
        .collect();
    digits.parse().ok()
}

/// The first three numbers in a version or range.
pub(crate) fn triple(range: &str) -> Option<(u32, u32, u32)> {
    let from = range.find(|c: char| c.is_ascii_digit())?;
    let mut parts = range[from..]
        .split(|c: char| !c.is_ascii_digit())
        .map(|p| p.parse().unwrap_or(0));
    Some((parts.next()?, parts.next().unwrap_or(0), parts.next().unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_ranges() {
        assert_eq!(major("^11.0.1"), Some(11));
        assert_eq!(major(">=18 <23"), Some(18));
        assert_eq!(major("latest"), None);
        assert_eq!(triple("~5.9.3"), Some((5, 9, 3)));
        assert_eq!(triple("7"), Some((7, 0, 0)));
    }
}
