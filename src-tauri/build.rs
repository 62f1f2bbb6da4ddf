//! Builds the Tauri context. Every command of the app is named in `src/ipc/commands.txt`; naming it here makes it denied
//! unless the capability of a window allows it.

use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // The context macro refuses to compile without `ui/dist`, and a fresh checkout has none. `cargo clippy` and the tests must
    // not need npm, so a placeholder page stands in, which cargo watches until the real build replaces it.
    let index = Path::new("ui/dist/index.html");
    if !index.exists() {
        std::fs::create_dir_all("ui/dist")?;
        std::fs::write(
            index,
            "<!doctype html><title>Zonké Desktop</title><p>The user interface is not built. Run npm run ui:build.",
        )?;
    }
    println!("cargo:rerun-if-changed=ui/dist");
    println!("cargo:rerun-if-changed=src-tauri/src/ipc/commands.txt");
    println!("cargo:rerun-if-changed=src-tauri/capabilities");
    let names = std::fs::read_to_string("src-tauri/src/ipc/commands.txt")?;
    // The manifest keeps references for the life of the build script.
    let names: Vec<&'static str> = names.leak().lines().collect();
    tauri_build::try_build(
        tauri_build::Attributes::new()
            .capabilities_path_pattern("./src-tauri/capabilities/**/*.json")
            .app_manifest(tauri_build::AppManifest::new().commands(names.leak())),
    )?;
    Ok(())
}
