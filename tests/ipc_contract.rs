//! The contract between window and core, over Tauri's mock runtime and the real capabilities.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tauri::test::{INVOKE_KEY, MockRuntime, mock_builder};
use tauri::{App, WebviewWindow, WebviewWindowBuilder};
use zonke_desktop::state::AppState;
use zonke_home::Home;

struct Window {
    // The app must outlive its window, and the folder both.
    _app: App<MockRuntime>,
    webview: WebviewWindow<MockRuntime>,
    folder: tempfile::TempDir,
}

/// A window with this label, on an app whose files are in a temporary folder.
fn window(label: &str) -> Window {
    let folder = tempfile::tempdir().expect("make a temporary folder");
    let home = Home::at(folder.path().join("data")).expect("open the app's folder");
    let app = zonke_desktop::builder(mock_builder(), AppState::new(home, false))
        .build(zonke_desktop::context())
        .expect("build the app");
    let window = WebviewWindowBuilder::new(&app, label, tauri::WebviewUrl::default())
        .build()
        .expect("open a window");
    Window {
        _app: app,
        webview: window,
        folder,
    }
}

impl Window {
    #[expect(clippy::unwrap_in_result, reason = "a broken test setup is no answer of the command")]
    fn call(&self, command: &str, arguments: Value) -> Result<Value, Value> {
        let request = tauri::webview::InvokeRequest {
            cmd: command.to_owned(),
            callback: tauri::ipc::CallbackFn(0),
            error: tauri::ipc::CallbackFn(1),
            url: self.webview.url().expect("the window's address"),
            body: tauri::ipc::InvokeBody::Json(arguments),
            headers: tauri::http::HeaderMap::default(),
            invoke_key: INVOKE_KEY.to_owned(),
        };
        tauri::test::get_ipc_response(&self.webview, request).map(|body| body.deserialize().expect("JSON"))
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A place for what a command reports on its way.
const CHANNEL: &str = "__CHANNEL__:1";

fn example() -> String {
    root().join("examples/guestbook").display().to_string()
}

fn names_of_file() -> BTreeSet<String> {
    let text = std::fs::read_to_string(root().join("src-tauri/src/ipc/commands.txt")).expect("read the list of commands");
    text.lines().map(str::to_owned).collect()
}

#[test]
fn every_command_is_registered_named_and_allowed_exactly_once() {
    let bindings = std::fs::read_to_string(root().join("ui/src/host/bindings.gen.ts")).expect("read the generated types");
    let registered: BTreeSet<String> = names_of_file()
        .into_iter()
        .filter(|name| bindings.contains(&format!("\"{name}\"")))
        .collect();
    let capability = std::fs::read_to_string(root().join("src-tauri/capabilities/main.json")).expect("read the capability");
    let capability: Value = serde_json::from_str(&capability).expect("JSON");
    let allowed: BTreeSet<String> = capability["permissions"]
        .as_array()
        .expect("a list of permissions")
        .iter()
        .filter_map(|permission| permission.as_str()?.strip_prefix("allow-").map(|name| name.replace('-', "_")))
        .collect();
    assert_eq!(registered, names_of_file(), "every named command is in the generated types");
    assert_eq!(
        allowed,
        names_of_file(),
        "the main window may call every command and nothing else"
    );
}

#[test]
fn a_window_without_a_capability_may_call_nothing() {
    let error = window("other").call("app_info", json!({})).expect_err("the call is denied");
    assert!(error.to_string().contains("not allowed"), "{error}");
}

#[test]
fn the_app_says_which_version_it_is() {
    let info = window("main").call("app_info", json!({})).expect("an answer");
    assert_eq!(info["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(info["lastAccount"], Value::Null);
}

#[test]
fn what_cannot_be_deployed_is_not_ejected_and_no_dialog_opens() {
    let window = window("main");
    let project = window
        .call("project_inspect", json!({ "paths": [example()], "onProgress": CHANNEL }))
        .expect("a project");
    let plan = window
        .call("plan_make", json!({ "findings": project["findings"], "choices": null }))
        .expect("a plan");
    let mut choices = plan["inputs"]["choices"].clone();
    choices["repository"] = Value::Null;
    let error = window
        .call(
            "plan_eject",
            json!({ "findings": project["findings"], "choices": choices, "options": { "cdk": true } }),
        )
        .expect_err("refused");
    assert_eq!(error["code"], "invalidInput");
    assert!(error["message"].as_str().is_some_and(|m| m.contains("owner/name")), "{error}");
}

#[test]
fn the_example_is_understood_and_planned() {
    let window = window("main");
    let project = window
        .call("project_inspect", json!({ "paths": [example()], "onProgress": CHANNEL }))
        .expect("a project");
    let findings = &project["findings"];
    assert_eq!(findings["verdict"], "deployable");
    assert_eq!(findings["chosen"], json!({ "frontend": "web", "backend": "api" }));
    let plan = window
        .call("plan_make", json!({ "findings": findings, "choices": null }))
        .expect("a plan");
    assert_eq!(plan["stacks"].as_array().map(Vec::len), Some(3));
    assert!(plan["price"]["total"].as_f64().is_some_and(|total| total > 0.0));
}

#[test]
fn a_folder_that_does_not_exist_is_named() {
    let missing = PathBuf::from("/nowhere/at/all");
    let error = window("main")
        .call("project_inspect", json!({ "paths": [missing], "onProgress": CHANNEL }))
        .expect_err("an error");
    assert_eq!(error["code"], "invalidInput");
    let message = error["message"].as_str().expect("a message");
    assert!(
        message.contains("/nowhere/at/all") && message.contains("pick the folder again"),
        "{error}"
    );
}

#[test]
fn several_things_at_once_are_refused_with_the_folder_that_holds_them() {
    let things = ["api", "web"].map(|half| root().join("examples/guestbook").join(half));
    let error = window("main")
        .call("project_inspect", json!({ "paths": things, "onProgress": CHANNEL }))
        .expect_err("an error");
    let message = error["message"].as_str().expect("a message");
    assert!(
        message.starts_with("2 things were dropped") && message.contains(&example()),
        "{message}"
    );
}

#[test]
fn a_finding_is_set_remembered_and_taken_back() {
    let window = window("main");
    let inspect = || {
        window
            .call("project_inspect", json!({ "paths": [example()], "onProgress": CHANNEL }))
            .expect("a project")
    };
    let found = inspect();
    let wrong = window
        .call("project_change", json!({ "edits": [{ "field": "port", "value": "70000" }] }))
        .expect_err("no port");
    assert_eq!(wrong["code"], "invalidInput");
    assert!(
        wrong["message"]
            .as_str()
            .is_some_and(|m| m.starts_with("The port cannot be set")),
        "{wrong}"
    );
    assert!(wrong["hint"].as_str().is_some_and(|h| h.contains("1 to 65535")), "{wrong}");
    let set = window
        .call("project_change", json!({ "edits": [{ "field": "port", "value": "4100" }] }))
        .expect("a project");
    assert_eq!(set["findings"]["backends"][0]["port"]["default"], 4100);
    assert_eq!(inspect(), set, "it is remembered");
    assert!(window.folder.path().join("data/projects").is_dir(), "in the app's own folder");
    let back = window
        .call("project_change", json!({ "edits": [{ "field": "port", "value": null }] }))
        .expect("a project");
    assert_eq!(back, found);
    window
        .call("project_change", json!({ "edits": [{ "field": "node", "value": "20" }] }))
        .expect("a project");
    assert_eq!(window.call("project_forget", json!({})).expect("a project"), found);
}

#[test]
fn only_files_of_the_inspected_folder_are_shown() {
    let window = window("main");
    let ask = |file: &str| window.call("project_excerpt", json!({ "file": file, "line": 1 }));
    assert_eq!(ask("api/src/main.ts").expect_err("no folder is open")["code"], "notFound");
    window
        .call("project_inspect", json!({ "paths": [example()], "onProgress": CHANNEL }))
        .expect("a project");
    let shown = ask("api/src/main.ts").expect("lines");
    assert_eq!(shown["first"], 1);
    assert!(shown["lines"].as_array().is_some_and(|lines| !lines.is_empty()), "{shown}");
    for file in ["/etc/hostname", "../../Cargo.toml", "api/../../../Cargo.toml"] {
        assert_eq!(ask(file).expect_err(file)["code"], "notFound", "{file}");
    }
}

#[test]
fn an_inspection_that_does_not_go_on_can_be_cancelled() {
    window("main").call("project_cancel", json!({})).expect("nothing happens");
}

#[test]
fn nothing_of_an_account_is_reachable_before_signing_in() {
    let window = window("main");
    for (command, arguments) in [
        ("application_list", json!({})),
        ("pipeline_start", json!({ "app": "guestbook" })),
        ("servers_scale", json!({ "app": "guestbook", "min": 1, "max": 1 })),
        ("secret_put", json!({ "app": "guestbook", "key": "A", "value": "b" })),
        ("secret_delete", json!({ "app": "guestbook", "key": "A" })),
        ("deploy_execute", json!({ "id": "x" })),
    ] {
        let error = window.call(command, arguments).expect_err(command);
        assert_eq!(error["code"], "signedOut", "{command}");
    }
}

#[test]
fn the_practice_account_that_does_not_run_says_what_to_do() {
    let error = window("main")
        .call("account_connect", json!({ "target": { "kind": "practice" } }))
        .expect_err("an error");
    assert!(error["hint"].as_str().is_some_and(|hint| !hint.is_empty()), "{error}");
}

#[test]
fn an_installation_without_the_example_says_so() {
    let window = window("main");
    // Resources lie beside the program. A test binary has none; that the copy works is checked in the real window.
    let error = window.call("example_path", json!({})).expect_err("no resources under test");
    assert_eq!(error["code"], "notFound");
    assert!(!window.folder.path().join("data/examples").exists());
}
