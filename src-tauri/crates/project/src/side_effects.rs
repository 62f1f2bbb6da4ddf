//! What scripts do besides what they are for: starting the wrong file, changing things while building or installing.

use crate::context::Context;
use crate::trail::{Source, Trail};
use crate::{entry, place};

/// Whether the script that should start the server names the file that the build creates.
pub(crate) fn start_script(context: &Context<'_>, folder: &str, entry_file: &str, trail: &mut Trail) {
    let Some(package) = context.package_of(folder) else { return };
    for name in ["start:prod", "start:production", "serve", "prod", "start"] {
        let Some(script) = package.script(name) else { continue };
        if script.contains("cd ") {
            return;
        }
        let words: Vec<&str> = script.split_whitespace().collect();
        let Some(at) = words.iter().position(|w| *w == "node") else {
            continue;
        };
        let Some(file) = words[at + 1..].iter().find(|w| !w.starts_with('-')) else {
            continue;
        };
        let Some(named) = place::join(&package.folder, file) else {
            continue;
        };
        let stem = |p: &str| {
            p.trim_end_matches(".js")
                .trim_end_matches(".cjs")
                .trim_end_matches(".mjs")
                .to_owned()
        };
        let same = stem(&named) == stem(entry_file) || format!("{}/index", stem(&named)) == stem(entry_file);
        if !same && !context.tree.has(&named) {
            trail.warn(
                "start-script-wrong",
                Some(Source::new(package.file(), package.line(context.tree, &["scripts", name]))),
                format!(
                    "The script {name} runs {file}, but the build creates {}. The right file will be started.",
                    place::relative(entry_file, &package.folder)
                ),
            );
        }
        return;
    }
}

/// Tells what a build does besides building.
pub(crate) fn of_build(build: &entry::Build, trail: &mut Trail, context: &Context<'_>, folder: &str) {
    let Some(package) = context.package_of(folder) else { return };
    let source = || Some(Source::new(package.file(), package.line(context.tree, &["scripts", "build"])));
    for hook in ["prebuild", "postbuild"] {
        let Some(script) = package.script(hook) else { continue };
        let starts = [
            "node ",
            "nest start",
            "npm start",
            "npm run start",
            "yarn start",
            "pnpm start",
            "pm2 ",
        ]
        .iter()
        .any(|word| script.contains(word))
            && !script.contains(".js --")
            && hook == "postbuild";
        let changes = script.contains("prisma migrate") || script.contains("prisma db push") || script.contains("migration:run");
        if starts || changes {
            let what = if changes { "changes the database" } else { "starts a program" };
            trail.warn(
                "build-hook",
                Some(Source::new(package.file(), package.line(context.tree, &["scripts", hook]))),
                format!(
                    "The script {hook} runs with every build and {what}. A build has neither a database nor an end to wait for."
                ),
            );
        }
    }
    install_hooks(context, folder, trail);
    for step in &build.steps {
        for tool in ["jest", "vitest", "eslint", "prettier", "tslint"] {
            if crate::scripts::runs(step, tool) {
                trail.warn(
                    "build-runs-checks",
                    source(),
                    format!("The build script also runs {tool}, which can fail a deployment."),
                );
            }
        }
        if step.contains("prisma migrate") || step.contains("prisma db push") {
            trail.warn(
                "build-migrates",
                source(),
                "The build script changes the database, but a build has no database. Migrations run in a step of their own.",
            );
        }
    }
}

/// What an installation runs besides installing.
fn install_hooks(context: &Context<'_>, folder: &str, trail: &mut Trail) {
    for package in context.packages_above(folder) {
        for hook in ["preinstall", "install", "postinstall"] {
            let Some(script) = package.script(hook) else { continue };
            // Generated clients are what an installation is expected to leave behind; hooks of git do nothing elsewhere.
            let usual = [
                "prisma generate",
                "husky",
                "simple-git-hooks",
                "patch-package",
                "lefthook",
                "only-allow",
            ];
            if usual.iter().any(|u| script.contains(u)) {
                continue;
            }
            trail.warn(
                "install-hook",
                Some(Source::new(package.file(), package.line(context.tree, &["scripts", hook]))),
                format!(
                    "Every installation also runs {hook}: {script}. It runs in the pipeline too, and a build fails when it does."
                ),
            );
        }
    }
}
