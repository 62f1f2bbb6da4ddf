//! Folders that no person made on purpose: endless, unreadable, strange, or changing while they are read.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use zonke_project::{InspectError, InspectOptions, Progress, Stage, inspect, inspect_with};

use crate::support::{Project, warns};

/// The start file still says 3000: whatever lies beside it did no harm.
fn is_understood(project: &Project) {
    assert_eq!(project.backend().port.default, Some(3000));
}

#[cfg(unix)]
#[test]
fn links_in_circles_are_not_followed() {
    let project = Project::nest();
    std::os::unix::fs::symlink(project.path(), project.at("api/src/again")).unwrap();
    std::os::unix::fs::symlink("loop", project.at("api/loop")).unwrap();
    is_understood(&project);
}

#[cfg(unix)]
#[test]
fn pipes_and_sockets_are_never_opened() {
    let project = Project::nest();
    let made = std::process::Command::new("mkfifo")
        .arg(project.at("api/src/pipe.ts"))
        .arg(project.at("api/.env"))
        .status();
    assert!(made.unwrap().success());
    let _socket = std::os::unix::net::UnixListener::bind(project.at("api/src/socket.ts")).unwrap();
    is_understood(&project);
}

#[cfg(unix)]
#[test]
fn an_unreadable_folder_is_told() {
    use std::os::unix::fs::PermissionsExt as _;
    let project = Project::nest().file("closed/secret.ts", "x");
    let closed = project.at("closed");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    let findings = project.findings();
    // Who may read everything, such as root, is not stopped by permissions.
    let stopped = fs::read_dir(&closed).is_err();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(warns(&findings, "folder-unreadable"), stopped);
    assert_eq!(findings.backends.len(), 1);
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_are_no_text_are_passed_over() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let project = Project::nest();
    fs::write(project.at("api/src").join(OsStr::from_bytes(b"\xff\xfe.ts")), "x").unwrap();
    is_understood(&project);
}

#[test]
fn folders_nest_as_deep_as_the_disk_allows() {
    let deep = format!("api/{}x.ts", "d/".repeat(500));
    is_understood(&Project::nest().file(&deep, "export const x = 1;\n"));
}

#[test]
fn huge_files_are_not_read_whole() {
    let project = Project::nest();
    // Sparse: the disk holds none of it.
    for name in ["api/src/huge.ts", "api/huge.json", "api/tsconfig.huge.json"] {
        fs::File::create(project.at(name)).unwrap().set_len(2 << 30).unwrap();
    }
    let began = Instant::now();
    is_understood(&project);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[test]
fn a_huge_script_and_a_huge_manifest_are_bounded() {
    let script = "export const x = { a: 1 };\n".repeat(200_000);
    let manifest = format!("{{\"a\":[{}0]}}", "0,".repeat(1_000_000));
    is_understood(
        &Project::nest()
            .file("api/src/app.module.ts", &script)
            .file("other/package.json", &manifest),
    );
}

#[test]
fn files_may_change_while_they_are_read() {
    let project = Project::nest();
    let module = project.at("api/src/app.module.ts");
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                let _ = fs::write(&module, "export class AppModule {");
                let _ = fs::remove_file(&module);
            }
        });
        for _ in 0..50 {
            assert!(inspect(project.path()).is_ok());
        }
        stop.store(true, Ordering::Relaxed);
    });
}

/// As many lines that import a file each.
fn imports(count: u32) -> String {
    (0..count)
        .map(|i| format!("import './part{i}';"))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn progress_counts_up_and_names_both_stages() {
    let mut project = Project::nest();
    let imports = imports(200);
    for i in 0..200 {
        project = project.file(&format!("api/src/part{i}.ts"), "export class Part {}\n");
    }
    let project = project.file("api/src/app.module.ts", &format!("{imports}\nexport class AppModule {{}}\n"));
    let seen: Arc<Mutex<Vec<Progress>>> = Arc::default();
    let sink = Arc::clone(&seen);
    let options = InspectOptions {
        progress: Some(Arc::new(move |p| sink.lock().unwrap().push(p))),
        ..InspectOptions::default()
    };
    inspect_with(project.path(), &options).unwrap();
    let seen = seen.lock().unwrap();
    let listed = seen.iter().filter(|p| p.stage == Stage::Listing).map(|p| p.files).max();
    let read = seen.iter().filter(|p| p.stage == Stage::Reading).map(|p| p.files).max();
    assert!(listed >= Some(200) && read >= Some(128), "{seen:?}");
}

/// Cancels from the first report of a stage; the answer must come soon after. Prints how soon.
fn cancelled_at(stage: Stage) {
    let mut project = Project::nest();
    let imports = imports(3000);
    for i in 0..3000 {
        project = project.file(&format!("api/src/part{i}.ts"), "start(process.env.PART);\n");
    }
    let project = project.file("api/src/app.module.ts", &format!("{imports}\nexport class AppModule {{}}\n"));
    let cancel = Arc::new(AtomicBool::new(false));
    let asked: Arc<Mutex<Option<Instant>>> = Arc::default();
    let (flag, time) = (Arc::clone(&cancel), Arc::clone(&asked));
    let options = InspectOptions {
        cancel,
        progress: Some(Arc::new(move |p| {
            if p.stage == stage {
                time.lock().unwrap().get_or_insert_with(Instant::now);
                flag.store(true, Ordering::Relaxed);
            }
        })),
        ..InspectOptions::default()
    };
    let result = inspect_with(project.path(), &options);
    let took = asked.lock().unwrap().expect("the stage is reported").elapsed();
    assert!(matches!(result, Err(InspectError::Cancelled { .. })), "{result:?}");
    println!("{stage:?}: stopped {took:?} after it was asked to");
    // A user notices a second; the figure printed above is far below it on an idle machine.
    assert!(took < Duration::from_secs(1), "{took:?}");
}

#[test]
fn listing_stops_when_cancelled() {
    cancelled_at(Stage::Listing);
}

#[test]
fn reading_stops_when_cancelled() {
    cancelled_at(Stage::Reading);
}
