//! Writes the folder that a person leaves with.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use sha2::{Digest, Sha256};
use specta::Type;
use zonke_plan::EjectedFile;

/// Tells a folder of ours from any other.
const MARK: &str = "settings.env";
/// Sums of all files as they were written, in the form of `sha256sum`: what differs from them is a person's work.
const SUMS: &str = ".written.sha256";
/// Is uploaded as a whole, so that nothing of an earlier plan may stay in it.
const INFRA: &str = "infra/";
/// What belongs to a plan with an edge stack.
const EDGE: &str = "edge.";
/// The stacks of the CDK app, of which none of an earlier plan may stay.
const CDK: [&str; 2] = ["cdk/lib/", "cdk/bin/"];
/// Most files that an error names.
const NAMED: usize = 3;

/// The folder cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum EjectError {
    /// There is something else in it.
    #[error("`{folder}` holds other files")]
    Occupied {
        /// The folder.
        folder: PathBuf,
    },
    /// A person changed files in it that would be written anew or go.
    #[error("{} in `{folder}` {} changed since", some_of(files), if files.len() == 1 { "was" } else { "were" })]
    Changed {
        /// The folder.
        folder: PathBuf,
        /// The files, relative to it.
        files: Vec<String>,
    },
    /// A file or folder in it cannot be written.
    #[error("`{path}` cannot be written ({source})")]
    NotWritable {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl EjectError {
    /// What to do next, one sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Occupied { .. } => "Choose an empty folder, or one that was written like this before.",
            Self::Changed { .. } => "Choose an empty folder and carry your changes over, or delete what may go.",
            Self::NotWritable { .. } => "Make room or rights there, or choose another folder.",
        }
    }
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
/// [`EjectError`] if that folder holds something else, files of it were changed, or it cannot be written.
pub fn eject_into(chosen: &Path, app: &str, files: &[EjectedFile]) -> Result<Ejected, EjectError> {
    if usable(chosen)? {
        return write_ejected(chosen, files, false);
    }
    write_ejected(&chosen.join(format!("{app}-aws")), files, false)
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

/// Writes these files into a folder that is empty or was written like this before; of an earlier plan nothing stays among what is
/// uploaded and, when these have one, in the CDK app. Files of a person's own stay.
///
/// Where a file would be written over or go that a person changed since, nothing at all is written, unless `overwrite` says so.
///
/// # Errors
/// [`EjectError`] if the folder holds something else, files of it were changed, or it cannot be written.
pub fn write_ejected(folder: &Path, files: &[EjectedFile], overwrite: bool) -> Result<Ejected, EjectError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| EjectError::NotWritable { path, source }
    };
    if !usable(folder)? {
        return Err(EjectError::Occupied {
            folder: folder.to_owned(),
        });
    }
    let mut sums = sums_of(folder);
    let leaving = leaving(&sums, files);
    let changed = changed(folder, &sums, &leaving, files);
    if !overwrite && !changed.is_empty() {
        return Err(EjectError::Changed {
            folder: folder.to_owned(),
            files: changed,
        });
    }
    fs::create_dir_all(folder).map_err(failed(folder))?;
    for gone in leaving {
        let path = folder.join(&gone);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => return Err(EjectError::NotWritable { path, source }),
            _ => sums.remove(&gone),
        };
    }
    for file in files {
        let path = folder.join(&file.path);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).map_err(failed(parent))?;
        fs::write(&path, &file.bytes).map_err(failed(&path))?;
        if file.executable {
            make_executable(&path).map_err(failed(&path))?;
        }
        sums.insert(file.path.clone(), sum(&file.bytes));
    }
    let lines = sums
        .iter()
        .fold(String::new(), |text, (path, sum)| text + sum + "  " + path + "\n");
    let path = folder.join(SUMS);
    fs::write(&path, lines).map_err(failed(&path))?;
    let folder = fs::canonicalize(folder).map_err(failed(folder))?.display().to_string();
    Ok(Ejected {
        first_command: format!("cd {} && ./deploy.sh", quoted(&folder)),
        content: content(files),
        folder,
    })
}

/// What the files of a folder were when they were written, by path; nothing that is not known.
fn sums_of(folder: &Path) -> BTreeMap<String, String> {
    let text = fs::read_to_string(folder.join(SUMS)).unwrap_or_default();
    text.lines()
        .filter_map(|line| line.split_once("  "))
        // The file may have been edited, and what it lists may be removed: nothing outside the folder.
        .filter(|(_, path)| {
            Path::new(path)
                .components()
                .all(|c| matches!(c, std::path::Component::Normal(_)))
        })
        .map(|(sum, path)| (path.to_owned(), sum.to_owned()))
        .collect()
}

fn sum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Files of an earlier plan that may not stay beside these.
fn leaving(sums: &BTreeMap<String, String>, files: &[EjectedFile]) -> Vec<String> {
    let renewed = |root: &&str| files.iter().any(|f| f.path.starts_with(*root));
    let roots: Vec<&str> = [INFRA, EDGE].into_iter().chain(CDK.into_iter().filter(renewed)).collect();
    sums.keys()
        .filter(|path| roots.iter().any(|root| path.starts_with(root)))
        .filter(|path| !files.iter().any(|f| f.path == **path))
        .cloned()
        .collect()
}

/// Files that would be written anew or go although somebody else wrote them last. What says the same already is not among them.
fn changed(folder: &Path, sums: &BTreeMap<String, String>, leaving: &[String], files: &[EjectedFile]) -> Vec<String> {
    let written = files.iter().map(|f| (&f.path, Some(f.bytes.as_slice())));
    let gone = leaving.iter().map(|path| (path, None));
    written
        .chain(gone)
        .filter(|(path, next)| {
            let Ok(now) = fs::read(folder.join(path)) else {
                return false;
            };
            *next != Some(now.as_slice()) && sums.get(*path) != Some(&sum(&now))
        })
        .map(|(path, _)| path.clone())
        .collect()
}

/// The first of these files, and how many more there are.
fn some_of(files: &[String]) -> String {
    let named = files.iter().take(NAMED).map(|f| format!("`{f}`")).collect::<Vec<_>>();
    match (files.len().saturating_sub(NAMED), named.split_last()) {
        (0, Some((last, []))) => last.clone(),
        (0, Some((last, rest))) => format!("{} and {last}", rest.join(", ")),
        (more, _) => format!("{} and {more} more files", named.join(", ")),
    }
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
                "infra" => format!("{count} files that the script uploads for the pipeline"),
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
        write_ejected(&out, &first, false).expect("written");
        fs::write(out.join("NOTES.md"), "mine").expect("a note");
        fs::create_dir_all(out.join("cdk/node_modules/aws-cdk")).expect("something installed");
        write_ejected(&out, &[file(MARK), file("infra/base.json")], false).expect("written again");
        assert!(
            out.join("cdk/lib/edge-stack.ts").exists(),
            "without a CDK app the one that is there stays"
        );
        let third = [file(MARK), file("infra/base.json"), file("cdk/lib/base-stack.ts")];
        write_ejected(&out, &third, false).expect("a third time");
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
        assert!(refused.to_string().contains("shop-aws` holds other files"), "{refused}");
    }

    #[test]
    fn a_folder_with_other_files_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("thesis.txt"), "years").expect("a file");
        let refused = write_ejected(folder.path(), &[file(MARK)], false).expect_err("refused");
        assert!(matches!(refused, EjectError::Occupied { .. }), "{refused}");
        assert!(!folder.path().join(MARK).exists());
    }

    #[test]
    fn what_a_person_changed_is_neither_written_over_nor_removed_unless_they_say_so() {
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path().join("out");
        let said = |path: &str, words: &str| EjectedFile {
            bytes: words.as_bytes().to_vec(),
            ..file(path)
        };
        let first = [
            file(MARK),
            said("pipeline.template.yaml", "one"),
            said("infra/migrate.sh", "one"),
            said("cdk/lib/base-stack.ts", "one"),
        ];
        let second = [
            file(MARK),
            said("pipeline.template.yaml", "two"),
            said("cdk/lib/base-stack.ts", "two"),
        ];
        let now = |path: &str| fs::read_to_string(out.join(path)).unwrap_or_default();
        write_ejected(&out, &first, false).expect("written");
        fs::write(out.join("cdk/lib/base-stack.ts"), "mine").expect("an edit");
        fs::write(out.join("cdk/lib/own-stack.ts"), "mine").expect("a file of their own");
        let refused = write_ejected(&out, &second, false).expect_err("an edit would be lost");
        let words = refused.to_string();
        assert!(words.starts_with("`cdk/lib/base-stack.ts` in "), "{words}");
        assert!(refused.hint().contains("an empty folder"), "{refused:?}");
        assert_eq!(now("pipeline.template.yaml"), "one", "nothing is touched");

        // Without the CDK app its files are nobody's concern, then or later.
        write_ejected(&out, &[file(MARK), said("infra/migrate.sh", "one")], false).expect("without the app");
        fs::write(out.join("infra/migrate.sh"), "mine").expect("an edit");
        let refused = write_ejected(&out, &second, false).expect_err("two edits would be lost");
        let words = refused.to_string();
        assert!(
            words.contains("`infra/migrate.sh`") && words.contains("`cdk/lib/base-stack.ts`"),
            "{words}"
        );

        write_ejected(&out, &second, true).expect("they say so");
        assert_eq!(now("cdk/lib/base-stack.ts"), "two");
        assert_eq!(now("infra/migrate.sh"), "", "what belongs to no file of this plan goes");
        assert_eq!(now("cdk/lib/own-stack.ts"), "mine");
        write_ejected(&out, &first, false).expect("nothing was changed since");

        // Who deleted a file wants it anew; who deleted the sums is asked about every difference.
        fs::remove_file(out.join("pipeline.template.yaml")).expect("deleted");
        write_ejected(&out, &first, false).expect("written anew");
        fs::remove_file(out.join(SUMS)).expect("deleted");
        write_ejected(&out, &first, false).expect("there is no difference");
        fs::remove_file(out.join(SUMS)).expect("deleted");
        write_ejected(&out, &second, false).expect_err("nobody knows whose the differences are");
    }

    #[test]
    fn sums_that_somebody_wrote_remove_nothing_outside_the_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let (out, outside) = (folder.path().join("out"), folder.path().join("thesis.txt"));
        fs::write(&outside, "years").expect("a file");
        write_ejected(&out, &[file(MARK)], false).expect("written");
        let line = format!("{}  infra/../../thesis.txt\n", sum(b"years"));
        fs::write(out.join(SUMS), line).expect("sums");
        write_ejected(&out, &[file(MARK)], true).expect("written again");
        assert!(outside.exists());
    }
}
