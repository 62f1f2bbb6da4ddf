//! How a user interface is built and how it finds its API.

use zonke_project::ApiWiring;

use crate::support::{Project, WEB, WEB_APP, evidence, warns};

fn vite(config: &str) -> Project {
    Project::react().file("web/vite.config.ts", config)
}

#[test]
fn vite_builds_into_dist() {
    let frontend = Project::react().frontend();
    assert_eq!(
        (frontend.bundler.as_str(), frontend.output_dir.as_str()),
        ("vite", "web/dist")
    );
    assert_eq!(frontend.env_prefix.as_deref(), Some("VITE_"));
}

#[test]
fn the_output_counts_from_the_root_of_the_page() {
    let plain = vite("export default { build: { outDir: '../public' } };\n").frontend();
    assert_eq!(plain.output_dir, "public");
    let rooted = vite("import { defineConfig } from 'vite';\nexport default defineConfig(() => ({ root: 'src', build: { outDir: '../out' } }));\n").frontend();
    assert_eq!(rooted.output_dir, "web/out");
    let resolved =
        vite("import path from 'node:path';\nexport default { build: { outDir: path.resolve(__dirname, '../dist/www') } };\n")
            .frontend();
    assert_eq!(resolved.output_dir, "dist/www");
}

#[test]
fn an_option_of_the_script_wins() {
    let frontend = Project::react()
        .file(
            "web/package.json",
            &WEB.replace("vite build", "tsc && vite build --outDir site"),
        )
        .frontend();
    assert_eq!(
        (frontend.output_dir.as_str(), frontend.build_command.as_str()),
        ("web/site", "tsc && vite build --outDir site")
    );
}

#[test]
fn the_prefix_of_variables_is_read() {
    let app =
        "export const App = () => <a href={import.meta.env.PUBLIC_API_URL}>{import.meta.env.MODE}{process.env.OTHER}</a>;\n";
    let frontend = vite("export default { envPrefix: 'PUBLIC_' };\n")
        .file("web/src/App.tsx", app)
        .frontend();
    assert_eq!(frontend.env_prefix.as_deref(), Some("PUBLIC_"));
    assert_eq!(frontend.env_vars, ["PUBLIC_API_URL"]);
    assert_eq!(frontend.api_wiring, ApiWiring::Env("PUBLIC_API_URL".to_owned()));
}

#[test]
fn a_proxy_that_removes_the_prefix_is_told() {
    let findings = vite(
        "export default { server: { proxy: { '/api': { target: 'http://x', rewrite: (p) => p.replace(/^\\/api/, '') } } } };\n",
    )
    .findings();
    assert!(warns(&findings, "proxy-strips-prefix"));
    assert!(!warns(
        &vite("export default { server: { proxy: { '/api': 'http://x' } } };\n").findings(),
        "proxy-strips-prefix"
    ));
}

#[test]
fn an_address_in_the_sources_is_told() {
    let app = WEB_APP.replace("'/api/things'", "'http://localhost:4000/things'");
    let findings = Project::react().file("web/src/App.tsx", &app).findings();
    assert_eq!(
        findings.frontend().unwrap().api_wiring,
        ApiWiring::HardCoded("http://localhost:4000".to_owned())
    );
    assert!(warns(&findings, "api-hard-coded"));
    assert_eq!(
        evidence(&findings, "frontends[0].apiWiring"),
        Some(("web/src/App.tsx", Some(2)))
    );
}

#[test]
fn a_path_of_the_same_origin_is_relative() {
    assert_eq!(Project::react().frontend().api_wiring, ApiWiring::Relative("/api".to_owned()));
}

#[test]
fn create_react_app_builds_into_build_unless_told() {
    let package = WEB
        .replace("vite build", "react-scripts build")
        .replace("\"vite\":\"^7.0.0\"", "\"react-scripts\":\"5.0.1\"");
    let project = || {
        Project::react()
            .without("web/vite.config.ts")
            .without("web/index.html")
            .file("web/package.json", &package)
    };
    let frontend = project().frontend();
    assert_eq!(
        (frontend.bundler.as_str(), frontend.output_dir.as_str()),
        ("cra", "web/build")
    );
    assert_eq!(frontend.env_prefix.as_deref(), Some("REACT_APP_"));
    assert_eq!(
        project().file("web/.env", "BUILD_PATH=../public\n").frontend().output_dir,
        "public"
    );
}

#[test]
fn webpack_names_its_output() {
    let package = WEB
        .replace("vite build", "webpack --config webpack.prod.ts")
        .replace("\"vite\"", "\"webpack\"");
    let frontend = Project::react()
        .without("web/vite.config.ts")
        .file("web/package.json", &package)
        .file("web/webpack.common.ts", "export default { entry: './src/main.tsx', output: { publicPath: '/' } };\n")
        .file(
            "web/webpack.prod.ts",
            "import path from 'path';\nimport { merge } from 'webpack-merge';\nimport common from './webpack.common';\nexport default merge(common, { output: { path: path.join(__dirname, '..', 'out', 'web') } });\n",
        )
        .frontend();
    assert_eq!(
        (frontend.bundler.as_str(), frontend.output_dir.as_str()),
        ("webpack", "out/web")
    );
}

#[test]
fn a_page_that_expects_a_path_is_told() {
    assert!(warns(
        &vite("export default { base: '/public/' };\n").findings(),
        "public-path"
    ));
    assert!(!warns(&vite("export default { base: '/' };\n").findings(), "public-path"));
}

#[test]
fn a_library_built_with_vite_is_no_page() {
    let findings = vite("export default { build: { lib: { entry: 'src/main.tsx' } } };\n").findings();
    assert!(findings.frontends.is_empty());
}

#[test]
fn settings_read_when_the_page_starts_are_told() {
    let page =
        "<div id=root></div>\n<script src=\"/runtime-config.js\"></script>\n<script type=module src=/src/main.tsx></script>";
    assert!(warns(
        &Project::react().file("web/index.html", page).findings(),
        "run-time-settings"
    ));
    assert!(!warns(&Project::react().findings(), "run-time-settings"));
}

#[test]
fn a_browser_extension_is_no_web_site() {
    let findings = Project::both()
        .file(
            "extension/package.json",
            &crate::support::WEB.replace("\"web\"", "\"extension\""),
        )
        .file("extension/manifest.json", r#"{"manifest_version":3,"name":"x"}"#)
        .file("extension/src/main.tsx", crate::support::WEB_MAIN)
        .file("extension/src/App.tsx", crate::support::WEB_APP)
        .findings();
    assert_eq!(findings.chosen.frontend.as_deref(), Some("web"), "{}", findings.reason);
}

#[test]
fn settings_fetched_when_the_page_starts_are_told() {
    let app = "export function App() {\n  void fetch('/config.json').then((r) => r.json());\n  return <p onClick={() => fetch('/api/things')}>hello</p>;\n}\n";
    let findings = Project::both().file("web/src/App.tsx", app).findings();
    assert!(warns(&findings, "run-time-settings"));
}

#[test]
fn a_script_that_moves_its_output_is_followed() {
    let package = crate::support::WEB.replace("vite build", "vite build && mv ./dist/ ../api/public");
    let project = || Project::both().file("web/package.json", &package);
    assert_eq!(project().frontend().output_dir, "api/public");
    let existing = project().file("api/public/robots.txt", "");
    assert_eq!(existing.frontend().output_dir, "api/public/dist");
}
