//! Writes the folder that a person leaves with.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use specta::Type;
use zonke_plan::EjectedFile;

/// Tells a folder of ours from any other.
const MARK: &str = "settings.env";
/// Holds what is uploaded as a whole, so that nothing of an earlier plan may stay in it.
const INFRA: &str = "infra";
/// Hold the stacks of the CDK app, of which none of an earlier plan may stay; what was installed beside them may.
const CDK: [&str; 2] = ["cdk/lib", "cdk/bin"];

/// The folder cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum EjectError {
    /// There is something else in it.
    #[error("{folder} holds other files: choose an empty folder, or one that was written like this before")]
    Occupied {
        /// The folder.
        folder: PathBuf,
    },
    /// A file or folder in it cannot be written.
    #[error("{path} cannot be written ({source}): make room or rights there, or choose another folder")]
    NotWritable {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// A folder that was written, for whoever goes on with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Ejected {
    /// Absolute path of the folder.
    pub folder: String,
    /// What is in it; a folder in it counts as one, with `/` behind its name.
    pub content: Vec<EjectedEntry>,
    /// The line that deploys it, to be typed in a terminal.
    pub first_command: String,
}

/// A file of the folder, or a folder in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct EjectedEntry {
    /// Its name.
    pub name: String,
    /// What it is, without a full stop.
    pub about: String,
}

/// Writes these files where a person pointed to: into that folder when it is empty or was written like this before, else into a
/// new folder `<app>-aws` in it, so that nothing of theirs is among ours.
///
/// # Errors
/// [`EjectError`] if that folder holds something else or cannot be written.
pub fn eject_into(chosen: &Path, app: &str, files: &[EjectedFile]) -> Result<Ejected, EjectError> {
    if usable(chosen)? {
        return write_ejected(chosen, files);
    }
    write_ejected(&chosen.join(format!("{app}-aws")), files)
}

/// Whether the folder does not exist, is empty, or was written like this before.
fn usable(folder: &Path) -> Result<bool, EjectError> {
    match fs::read_dir(folder) {
        Ok(mut entries) => Ok(entries.next().is_none() || folder.join(MARK).is_file()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(source) => Err(EjectError::NotWritable {
            path: folder.to_owned(),
            source,
        }),
    }
}

/// Writes these files into a folder that is empty or was written like this before; of an earlier one nothing stays in `infra`
/// and, when it has one, in the CDK app.
///
/// # Errors
/// [`EjectError`] if the folder holds something else or cannot be written.
pub fn write_ejected(folder: &Path, files: &[EjectedFile]) -> Result<Ejected, EjectError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| EjectError::NotWritable { path, source }
    };
    if !usable(folder)? {
        return Err(EjectError::Occupied {
            folder: folder.to_owned(),
        });
    }
    fs::create_dir_all(folder).map_err(failed(folder))?;
    let renewed = |name: &&str| files.iter().any(|f| f.path.starts_with(&format!("{name}/")));
    let old = [INFRA, "edge.template.yaml", "edge.parameters", "edge.tags"]
        .into_iter()
        .chain(CDK.into_iter().filter(renewed));
    for path in old.map(|name| folder.join(name)) {
        let removed = if path.is_dir() {
            fs::remove_dir_all(&path)
        } else if path.exists() {
            fs::remove_file(&path)
        } else {
            Ok(())
        };
        removed.map_err(failed(&path))?;
    }
    for file in files {
        let path = folder.join(&file.path);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).map_err(failed(parent))?;
        fs::write(&path, &file.bytes).map_err(failed(&path))?;
        if file.executable {
            make_executable(&path).map_err(failed(&path))?;
        }
    }
    let folder = fs::canonicalize(folder).map_err(failed(folder))?.display().to_string();
    Ok(Ejected {
        first_command: format!("cd {} && ./deploy.sh", quoted(&folder)),
        content: content(files),
        folder,
    })
}

/// The files, those of a folder as one.
fn content(files: &[EjectedFile]) -> Vec<EjectedEntry> {
    let mut entries: Vec<EjectedEntry> = Vec::new();
    for file in files {
        let Some((folder, _)) = file.path.split_once('/') else {
            entries.push(EjectedEntry {
                name: file.path.clone(),
                about: file.about.clone(),
            });
            continue;
        };
        let name = format!("{folder}/");
        if entries.iter().any(|e| e.name == name) {
            continue;
        }
        let count = files.iter().filter(|f| f.path.starts_with(&name)).count();
        entries.push(EjectedEntry {
            about: match folder {
                INFRA => format!("{count} files that the script uploads for the pipeline"),
                _ => format!("{count} files: the stacks as an app of the AWS CDK"),
            },
            name,
        });
    }
    entries
}

/// The path as a POSIX shell takes it: bare where it can be, else in quotes.
fn quoted(path: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    if path.chars().all(plain) {
        path.to_owned()
    } else {
        format!("'{}'", path.replace('\'', r"'\''"))
    }
}

#[cfg(unix)]
fn make_executable(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

/// Windows knows no such right; bash runs the file anyway.
#[cfg(not(unix))]
fn make_executable(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str) -> EjectedFile {
        EjectedFile {
            path: path.to_owned(),
            about: "a file".to_owned(),
            bytes: path.as_bytes().to_vec(),
            executable: path == "deploy.sh",
        }
    }

    #[test]
    fn what_an_earlier_plan_would_upload_goes_and_a_persons_own_notes_stay() {
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path().join("out");
        let first = [
            file(MARK),
            file("deploy.sh"),
            file("infra/migrate.sh"),
            file("cdk/lib/edge-stack.ts"),
        ];
        write_ejected(&out, &first).expect("written");
        fs::write(out.join("NOTES.md"), "mine").expect("a note");
        fs::create_dir_all(out.join("cdk/node_modules/aws-cdk")).expect("something installed");
        write_ejected(&out, &[file(MARK), file("infra/base.json")]).expect("written again");
        assert!(
            out.join("cdk/lib/edge-stack.ts").exists(),
            "without a CDK app the one that is there stays"
        );
        write_ejected(&out, &[file(MARK), file("infra/base.json"), file("cdk/lib/base-stack.ts")]).expect("a third time");
        assert!(!out.join("cdk/lib/edge-stack.ts").exists());
        assert!(out.join("cdk/node_modules/aws-cdk").exists());
        assert!(!out.join("infra/migrate.sh").exists());
        assert!(out.join("infra/base.json").exists());
        assert!(out.join("NOTES.md").exists());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(out.join("deploy.sh")).expect("the script").permissions().mode();
            assert_eq!(mode & 0o111, 0o111, "the script can be run");
        }
    }

    #[test]
    fn beside_other_files_a_folder_of_its_own_is_made_and_the_next_time_written_anew() {
        let place = tempfile::tempdir().expect("a folder");
        let files = [
            file(MARK),
            file("deploy.sh"),
            file("infra/base.json"),
            file("infra/edge.json"),
        ];
        let ejected = eject_into(place.path(), "shop", &files).expect("into an empty folder");
        assert!(Path::new(&ejected.folder).ends_with(place.path().file_name().expect("its name")));

        let place = tempfile::Builder::new().prefix("Sam's ").tempdir().expect("a folder");
        fs::write(place.path().join("thesis.txt"), "years").expect("a file");
        for _ in 0..2 {
            let ejected = eject_into(place.path(), "shop", &files).expect("beside other files");
            assert!(Path::new(&ejected.folder).ends_with("shop-aws"), "{}", ejected.folder);
            assert!(ejected.first_command.contains(r"'\''s "), "{}", ejected.first_command);
            assert!(ejected.first_command.ends_with("shop-aws' && ./deploy.sh"));
            let names: Vec<_> = ejected.content.iter().map(|e| e.name.as_str()).collect();
            assert_eq!(names, [MARK, "deploy.sh", "infra/"]);
            assert!(ejected.content[2].about.starts_with("2 files"));
        }
        fs::remove_file(place.path().join("shop-aws").join(MARK)).expect("the mark");
        let refused = eject_into(place.path(), "shop", &files).expect_err("refused");
        assert!(refused.to_string().contains("shop-aws holds other files"), "{refused}");
    }

    #[test]
    fn a_folder_with_other_files_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("thesis.txt"), "years").expect("a file");
        let refused = write_ejected(folder.path(), &[file(MARK)]).expect_err("refused");
        assert!(matches!(refused, EjectError::Occupied { .. }), "{refused}");
        assert!(!folder.path().join(MARK).exists());
    }
}
