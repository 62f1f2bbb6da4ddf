//! Folders that are no project, files that are broken, and many hostile trees.

use std::fs;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use zonke_project::{InspectError, InspectOptions, Progress, inspect, inspect_with};

use crate::support::{Project, warns};

#[test]
fn a_missing_folder_is_named() {
    let project = Project::empty();
    let error = inspect(&project.at("nope")).unwrap_err();
    assert!(matches!(error, InspectError::NotFound { .. }));
    assert!(error.to_string().contains("nope") && error.to_string().contains("pick the folder again"));
}

#[test]
fn a_file_is_no_folder() {
    let project = Project::empty().file("x.txt", "x");
    assert_eq!(inspect(&project.at("x.txt")).unwrap_err().code(), "not-a-folder");
}

#[test]
fn installed_packages_are_no_project() {
    let project = Project::empty().file("node_modules/react/package.json", "{}");
    assert_eq!(
        inspect(&project.at("node_modules/react")).unwrap_err().code(),
        "inside-node-modules"
    );
}

#[test]
fn the_root_of_the_disk_is_no_project() {
    let root = Project::empty().path().ancestors().last().unwrap().to_owned();
    assert_eq!(inspect(&root).unwrap_err().code(), "filesystem-root");
}

#[test]
fn an_inspection_can_be_cancelled() {
    let options = InspectOptions::default();
    options.cancel.store(true, Ordering::Relaxed);
    assert_eq!(
        inspect_with(Project::both().path(), &options).unwrap_err().code(),
        "cancelled"
    );
}

#[test]
fn progress_is_reported() {
    let seen: Arc<Mutex<Vec<Progress>>> = Arc::default();
    let sink = Arc::clone(&seen);
    let options = InspectOptions {
        progress: Some(Arc::new(move |p| sink.lock().unwrap().push(p))),
        ..InspectOptions::default()
    };
    inspect_with(Project::both().path(), &options).unwrap();
    assert!(seen.lock().unwrap().iter().any(|p| p.files > 5));
}

#[test]
fn a_tree_without_end_is_bounded() {
    let options = InspectOptions {
        max_files: 3,
        ..InspectOptions::default()
    };
    assert!(warns(&Project::both().findings_with(&options), "too-many-files"));
}

#[test]
fn broken_files_are_told_and_the_rest_is_read() {
    let findings = Project::both()
        .file("web/package.json", "{ \"name\": ")
        .file("api/src/broken.ts", "const = = {{{")
        .findings();
    assert!(warns(&findings, "broken-json"));
    assert_eq!(findings.backend().unwrap().port.default, Some(3000));
}

#[test]
fn ignored_files_are_left_alone() {
    let project = Project::nest()
        .file(".gitignore", "old/\n")
        .file("old/package.json", crate::support::NEST)
        .file("old/src/main.ts", crate::support::MAIN);
    assert_eq!(project.findings().backends.len(), 1);
}

#[cfg(unix)]
#[test]
fn links_are_never_followed_out_of_the_folder() {
    let outside = Project::both();
    let project = Project::empty().file("README.md", "x");
    std::os::unix::fs::symlink(outside.path(), project.at("linked")).unwrap();
    std::os::unix::fs::symlink(outside.at("api/package.json"), project.at("package.json")).unwrap();
    let findings = project.findings();
    assert!(findings.backends.is_empty() && findings.frontends.is_empty());
}

#[test]
fn deep_nesting_does_not_break_the_reader() {
    for hostile in [
        "(".repeat(50_000),
        "!".repeat(50_000),
        "a?".repeat(20_000),
        format!("const x = {};", "[".repeat(390)),
        "x=>".repeat(3_000),
        "a.b".repeat(3_000),
        format!("const y = 1{};", "+1".repeat(20_000)),
    ] {
        let findings = Project::nest().file("api/src/app.module.ts", &hostile).findings();
        assert_eq!(findings.backend().unwrap().port.default, Some(3000), "{}", &hostile[..20]);
    }
}

#[test]
fn programs_that_never_end_are_left() {
    let loops = "export const f = (n) => f(n) + f(n) + f(n);\nexport const value = f(1);\nclass A { x = new A(); }\nnew A();\n";
    let findings = Project::nest().file("api/src/app.module.ts", loops).findings();
    assert!(findings.backend().is_some());
}

/// A small generator: the same seed gives the same trees.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(sides.max(1)).unwrap()).unwrap()
    }
}

/// `ZONKE_IMPORT_MUTATIONS` sets the number of trees; every one must end in a verdict, and soon.
#[test]
fn mutated_trees_always_end_in_a_verdict() {
    let rounds: u64 = std::env::var("ZONKE_IMPORT_MUTATIONS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(150);
    let schema = "datasource db {\n provider = \"postgresql\"\n url = env(\"X\")\n}\n";
    let project = Project::both()
        .file("package.json", r#"{"workspaces":["api","web"],"packageManager":"npm@10.0.0"}"#)
        .file("nx.json", "{}")
        .file("turbo.json", "{}")
        .file("pnpm-workspace.yaml", "packages: ['*']\n")
        .file("api/project.json", r#"{"targets":{"build":{"executor":"x"}}}"#)
        .file("api/prisma/schema.prisma", schema)
        .file("api/prisma.config.ts", "export default { schema: 'prisma/schema.prisma' };\n")
        .file("api/Dockerfile", "FROM node:20\n")
        .file(".nvmrc", "20")
        .file("api/src/app.module.ts", "import { Module } from '@nestjs/common';\nimport { PrismaClient } from '@prisma/client';\nnew PrismaClient();\n@Module({})\nexport class AppModule {}\n");
    let files: Vec<_> = walk(project.path());
    let texts: Vec<Vec<u8>> = files.iter().map(|f| fs::read(f).unwrap()).collect();
    let hostile: [&[u8]; 8] = [
        b"",
        b"\0\xff\xfe",
        b"{\"extends\":\"./tsconfig.json\"}",
        b"null",
        b"[[[[[[",
        b"export * from './main';",
        b"{\"workspaces\":{\"packages\":7},\"scripts\":[1]}",
        b"\xef\xbb\xbf{\"name\":\"\xf0\x9f\x92\xa5\"}",
    ];
    let mut slowest = (Duration::ZERO, 0);
    for seed in 1..=rounds {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let mut touched = Vec::new();
        for _ in 0..=dice.roll(4) {
            let at = dice.roll(files.len());
            touched.push(at);
            let text = &texts[at];
            let changed = match dice.roll(6) {
                0 => {
                    let _ = fs::remove_file(&files[at]);
                    continue;
                }
                1 => text[..dice.roll(text.len())].to_vec(),
                2 => texts[dice.roll(texts.len())].clone(),
                3 => hostile[dice.roll(hostile.len())].to_vec(),
                4 => {
                    let mut bytes = text.clone();
                    for _ in 0..8 {
                        let i = dice.roll(bytes.len());
                        if let Some(byte) = bytes.get_mut(i) {
                            *byte = b"{}[]()\"',:;./\\\n0aZ$`"[dice.roll(20)];
                        }
                    }
                    bytes
                }
                _ => [text.as_slice(), text.as_slice()].concat(),
            };
            fs::write(&files[at], changed).unwrap();
        }
        let began = Instant::now();
        let result = inspect(project.path());
        assert!(result.is_ok(), "seed {seed}: {result:?}");
        let took = began.elapsed();
        assert!(took < Duration::from_secs(1), "seed {seed} took {took:?}");
        slowest = slowest.max((took, seed));
        for at in touched {
            fs::write(&files[at], &texts[at]).unwrap();
        }
    }
    println!("{rounds} trees; the slowest, seed {}, took {:?}", slowest.1, slowest.0);
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut out = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        if entry.file_type().unwrap().is_dir() {
            out.extend(walk(&entry.path()));
        } else {
            out.push(entry.path());
        }
    }
    out.sort();
    out
}
