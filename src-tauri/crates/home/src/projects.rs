//! What the user set for their projects, remembered from one start to the next.
//!
//! One file for each folder, below the app's own data and never in the project. A file is found by the folder's real place, and by
//! the repository when the folder was moved. What is remembered is checked against the folder at every use.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use specta::Type;
use zonke_project::{ChangeError, Edit, Findings, InspectError, InspectOptions, Overrides, Warning};

/// Largest file that is read back; what a person sets by hand stays far below.
const MAX_BYTES: u64 = 1024 * 1024;

/// The remembered projects.
#[derive(Clone, Debug)]
pub struct Projects {
    folder: PathBuf,
}

/// A folder with everything that is known about it.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Project {
    /// The folder's real place.
    pub folder: String,
    /// What was found, with what the user set in its place.
    pub findings: Findings,
    /// What the user set.
    pub overrides: Overrides,
}

/// Why something about a project could not be done.
#[derive(Debug, thiserror::Error)]
pub enum ProjectsError {
    /// The folder cannot be inspected, or a value does not fit it.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// What was set could not be written; it counts for nothing then.
    #[error("what you set could not be kept in {path} ({source}): make room or rights there, then set it again")]
    NotWritable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl From<InspectError> for ProjectsError {
    fn from(error: InspectError) -> Self {
        Self::Change(error.into())
    }
}

/// One file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Remembered {
    /// The folder's real place.
    folder: PathBuf,
    /// The repository, by provider and name, and the folder in it.
    repository: Option<String>,
    overrides: Overrides,
}

/// What was read back.
#[derive(Default)]
struct Memory {
    overrides: Overrides,
    /// The file of the place where the folder was before.
    before: Option<PathBuf>,
    /// A file that was damaged and set aside, under its new name.
    damaged: Option<PathBuf>,
}

impl Projects {
    /// The projects remembered in this folder, which is made when there is something to keep.
    pub fn at(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Inspects a folder with what the user set for it; `options.overrides` count for nothing.
    ///
    /// # Errors
    /// When the folder cannot be one project; see [`InspectError`].
    pub fn inspect(&self, dir: &Path, options: &InspectOptions) -> Result<Project, InspectError> {
        let folder = zonke_project::real_place(dir)?;
        let memory = self.recall(&folder);
        let options = InspectOptions {
            overrides: memory.overrides.clone(),
            memory: Some(self.folder.join("found")),
            ..options.clone()
        };
        let mut findings = zonke_project::inspect_with(dir, &options)?;
        findings.warnings.extend(memory.damaged.as_deref().map(set_aside));
        Ok(Project {
            folder: folder.display().to_string(),
            findings,
            overrides: memory.overrides,
        })
    }

    /// Sets fields for a folder or takes them back, and remembers that.
    ///
    /// # Errors
    /// When a value does not fit the folder or cannot be kept; nothing is changed then.
    pub fn change(&self, dir: &Path, edits: &[Edit], options: &InspectOptions) -> Result<Project, ProjectsError> {
        let folder = zonke_project::real_place(dir)?;
        let memory = self.recall(&folder);
        let options = InspectOptions {
            overrides: memory.overrides.clone(),
            ..options.clone()
        };
        let (overrides, mut findings) = zonke_project::change(dir, edits, &options)?;
        findings.warnings.extend(memory.damaged.as_deref().map(set_aside));
        if overrides != memory.overrides || memory.before.is_some() {
            self.keep(&folder, &overrides, memory.before.as_deref())?;
        }
        Ok(Project {
            folder: folder.display().to_string(),
            findings,
            overrides,
        })
    }

    /// Forgets everything that was set for a folder, and inspects it.
    ///
    /// # Errors
    /// When the folder cannot be one project, or the file cannot be removed.
    pub fn forget(&self, dir: &Path, options: &InspectOptions) -> Result<Project, ProjectsError> {
        let folder = zonke_project::real_place(dir)?;
        let memory = self.recall(&folder);
        self.keep(&folder, &Overrides::default(), memory.before.as_deref())?;
        Ok(self.inspect(dir, options)?)
    }

    fn file(&self, folder: &Path) -> PathBuf {
        let name = folder
            .file_name()
            .map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let name: String = name
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' })
            .take(40)
            .collect();
        let hash = Sha256::digest(folder.as_os_str().as_encoded_bytes());
        let short = hash.iter().take(8).fold(String::new(), |mut text, byte| {
            // Writing to a text cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        });
        self.folder.join(format!("{name}-{short}.json"))
    }

    /// What is remembered of the folder, or of the one it was before it moved.
    fn recall(&self, folder: &Path) -> Memory {
        let file = self.file(folder);
        let mut damaged = None;
        match read(&file) {
            Ok(Some(found)) => {
                return Memory {
                    overrides: found.overrides,
                    ..Memory::default()
                };
            }
            Ok(None) => {}
            Err(error) => {
                tracing::warn!("{} is damaged: {error}", file.display());
                let aside = file.with_extension("damaged");
                damaged = Some(if fs::rename(&file, &aside).is_ok() { aside } else { file });
            }
        }
        let moved = zonke_project::repository(folder).and_then(|repository| self.moved(&repository));
        let (before, overrides) = moved.map_or_else(Default::default, |(file, overrides)| (Some(file), overrides));
        Memory {
            overrides,
            before,
            damaged,
        }
    }

    /// A checkout of the same repository whose folder is gone.
    fn moved(&self, repository: &str) -> Option<(PathBuf, Overrides)> {
        let mut files: Vec<PathBuf> = fs::read_dir(&self.folder).ok()?.flatten().map(|e| e.path()).collect();
        files.retain(|f| f.extension().is_some_and(|e| e == "json"));
        files.sort();
        files.into_iter().find_map(|file| {
            let found = read(&file).ok()??;
            let same = found.repository.as_deref() == Some(repository) && !found.folder.exists();
            same.then_some((file, found.overrides))
        })
    }

    fn keep(&self, folder: &Path, overrides: &Overrides, before: Option<&Path>) -> Result<(), ProjectsError> {
        let file = self.file(folder);
        let failed = |source| ProjectsError::NotWritable {
            path: file.clone(),
            source,
        };
        if overrides.is_empty() {
            remove(&file).map_err(failed)?;
        } else {
            let remembered = Remembered {
                folder: folder.to_owned(),
                repository: zonke_project::repository(folder),
                overrides: overrides.clone(),
            };
            write(&file, &remembered).map_err(failed)?;
        }
        before.map_or(Ok(()), |old| remove(old).map_err(failed))
    }
}

fn set_aside(file: &Path) -> Warning {
    Warning {
        code: "overrides-damaged".to_owned(),
        message: format!(
            "What you set for this folder could not be read. The damaged file was set aside as {}; set it again here.",
            file.display()
        ),
        file: None,
        line: None,
    }
}

/// The file's content; nothing if there is none, an error if it is damaged.
fn read(file: &Path) -> io::Result<Option<Remembered>> {
    let meta = match fs::symlink_metadata(file) {
        Ok(meta) => meta,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if !meta.is_file() || meta.len() > MAX_BYTES {
        return Err(io::Error::other("it is no file of this app"));
    }
    Ok(Some(serde_json::from_slice(&fs::read(file)?)?))
}

/// Writes beside the file and renames, so that nobody ever reads half of it.
fn write(file: &Path, remembered: &Remembered) -> io::Result<()> {
    let folder = file.parent().ok_or(io::ErrorKind::NotFound)?;
    fs::create_dir_all(folder)?;
    let mut beside = tempfile::Builder::new().prefix(".writing-").tempfile_in(folder)?;
    beside.write_all(&serde_json::to_vec_pretty(remembered)?)?;
    beside.as_file().sync_all()?;
    beside.persist(file).map_err(|error| error.error)?;
    Ok(())
}

fn remove(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;
    use zonke_project::Field;

    use super::*;

    const NEST: &str = r#"{"name":"api","scripts":{"build":"nest build"},"dependencies":{"@nestjs/core":"^11.0.0"}}"#;
    const MAIN: &str = "import { NestFactory } from '@nestjs/core';\nimport { AppModule } from './app.module';\n\
        async function bootstrap() {\n  const app = await NestFactory.create(AppModule);\n  await app.listen(3000);\n}\nbootstrap();\n";

    /// A NestJS project in a checkout, and the app's data beside it.
    fn setup() -> (TempDir, PathBuf, Projects) {
        let dir = TempDir::new().unwrap();
        let project = dir.path().join("shop");
        for (file, text) in [
            ("package.json", NEST),
            ("src/main.ts", MAIN),
            (
                "src/app.module.ts",
                "import { Module } from '@nestjs/common';\n@Module({})\nexport class AppModule {}\n",
            ),
            (".git/HEAD", "ref: refs/heads/main\n"),
            (
                ".git/config",
                "[remote \"origin\"]\n url = https://github.com/acme/shop.git\n",
            ),
        ] {
            let file = project.join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        let projects = Projects::at(dir.path().join("data/projects"));
        (dir, project, projects)
    }

    /// What the API would listen on, as the folder is inspected now; 0 for nothing.
    fn port(projects: &Projects, dir: &Path) -> u16 {
        let found = projects.inspect(dir, &InspectOptions::default()).unwrap();
        found.findings.backend().unwrap().port.default.unwrap_or_default()
    }

    fn set_port(projects: &Projects, dir: &Path, port: &str) {
        let edit = Edit {
            field: Field::Port,
            value: Some(port.to_owned()),
        };
        projects.change(dir, &[edit], &InspectOptions::default()).unwrap();
    }

    #[test]
    fn what_was_set_is_there_at_the_next_start_and_the_project_is_untouched() {
        let (dir, project, projects) = setup();
        let before: Vec<_> = fs::read_dir(&project).unwrap().flatten().map(|e| e.path()).collect();
        set_port(&projects, &project, "3100");
        let next = Projects::at(dir.path().join("data/projects"));
        assert_eq!(port(&next, &project), 3100);
        #[cfg(unix)]
        {
            let link = dir.path().join("link");
            std::os::unix::fs::symlink(&project, &link).unwrap();
            assert_eq!(port(&next, &link), 3100, "another name for the same folder");
        }
        let after: Vec<_> = fs::read_dir(&project).unwrap().flatten().map(|e| e.path()).collect();
        assert_eq!(before, after);
        let found = next.forget(&project, &InspectOptions::default()).unwrap();
        assert_eq!(found.findings.backend().unwrap().port.default, Some(3000));
        assert_eq!(port(&next, &project), 3000);
        assert_eq!(fs::read_dir(dir.path().join("data/projects")).unwrap().count(), 0);
    }

    #[test]
    fn a_refused_value_leaves_what_was_set_before() {
        let (_dir, project, projects) = setup();
        set_port(&projects, &project, "3100");
        let wrong = Edit {
            field: Field::Port,
            value: Some("70000".to_owned()),
        };
        let error = projects.change(&project, &[wrong], &InspectOptions::default()).unwrap_err();
        assert!(error.to_string().starts_with("The port cannot be set"), "{error}");
        assert_eq!(port(&projects, &project), 3100);
    }

    #[test]
    fn a_checkout_that_was_moved_keeps_what_was_set_and_a_copy_does_not() {
        let (dir, project, projects) = setup();
        set_port(&projects, &project, "3100");
        let copy = dir.path().join("copy");
        fs::create_dir_all(copy.join(".git")).unwrap();
        fs::create_dir_all(copy.join("src")).unwrap();
        for file in ["package.json", "src/main.ts", "src/app.module.ts", ".git/HEAD", ".git/config"] {
            fs::copy(project.join(file), copy.join(file)).unwrap();
        }
        assert_eq!(port(&projects, &copy), 3000, "the first checkout is still there");
        let moved = dir.path().join("elsewhere");
        fs::rename(&project, &moved).unwrap();
        assert_eq!(port(&projects, &moved), 3100);
        set_port(&projects, &moved, "3200");
        assert_eq!(port(&projects, &moved), 3200);
        let files = fs::read_dir(dir.path().join("data/projects")).unwrap().count();
        assert_eq!(files, 1, "the memory moved with the folder");
    }

    #[test]
    fn a_damaged_file_is_named_and_set_aside() {
        let (dir, project, projects) = setup();
        for text in [
            "{",
            "[]",
            r#"{"folder":"/x","overrides":{"project":{"nonsense":"1"}}}"#,
            "\0\0",
        ] {
            set_port(&projects, &project, "3100");
            let folder = dir.path().join("data/projects");
            let file = fs::read_dir(&folder)
                .unwrap()
                .flatten()
                .map(|e| e.path())
                .find(|f| f.extension().is_some_and(|e| e == "json"))
                .unwrap();
            fs::write(&file, text).unwrap();
            let found = projects.inspect(&project, &InspectOptions::default()).unwrap();
            let warning = found
                .findings
                .warnings
                .iter()
                .find(|w| w.code == "overrides-damaged")
                .unwrap();
            assert!(warning.message.contains(".damaged"), "{}", warning.message);
            assert_eq!(found.findings.backend().unwrap().port.default, Some(3000));
            let next = projects.inspect(&project, &InspectOptions::default()).unwrap();
            assert!(
                next.findings.warnings.iter().all(|w| w.code != "overrides-damaged"),
                "told once"
            );
        }
    }

    #[test]
    fn a_file_with_hostile_paths_changes_nothing_outside_the_folder() {
        let (dir, project, projects) = setup();
        set_port(&projects, &project, "3100");
        let folder = dir.path().join("data/projects");
        let file = fs::read_dir(&folder).unwrap().flatten().next().unwrap().path();
        let hostile = serde_json::json!({
            "folder": project, "repository": null,
            "overrides": { "frontends": {}, "project": { "lockfile": "/etc/shadow", "installRoots": "../..", "node": "$(id)" },
                           "backends": { ".": { "entryFile": "../../x.js", "startCommand": "a\nb", "prismaSchema": "/etc/passwd" },
                                         "../..": { "port": "1" } } }
        });
        fs::write(&file, hostile.to_string()).unwrap();
        let found = projects.inspect(&project, &InspectOptions::default()).unwrap().findings;
        let told = found.warnings.iter().filter(|w| w.code == "override-unknown").count();
        assert_eq!(told, 6, "{:?}", found.warnings);
        let backend = found.backend().unwrap();
        assert_eq!(
            (backend.entry_file.as_str(), backend.port.default),
            ("dist/main.js", Some(3000))
        );
        assert!(!serde_json::to_string(&found.backends).unwrap().contains("etc"));
        assert_eq!(found.package_manager.install_roots, ["."]);
    }
}
