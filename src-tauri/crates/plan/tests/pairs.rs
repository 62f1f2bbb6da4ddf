//! Every pair of settings meets in some choice set, and each of the sets gives a plan that passes its own checks.

use std::collections::BTreeSet;

use zonke_plan::{CheckResult, Database, EjectOptions, eject, plan};

#[path = "common/axes.rs"]
mod axes;
mod common;

#[test]
fn every_pair_of_settings_gives_a_plan_that_passes_its_own_checks() {
    let projects = [
        ("workspaces".to_owned(), common::guestbook()),
        ("separate".to_owned(), common::separate()),
    ];
    let sets = axes::pairwise(&projects, 60);
    assert!(sets.len() >= 60);
    for (name, inputs) in sets {
        let made = plan(&inputs).unwrap_or_else(|e| panic!("{name}: {e}"));
        // Whether the code fits the database is a question to the project, not to the stacks.
        let failed: Vec<_> = made
            .checks
            .iter()
            .filter(|c| c.result == CheckResult::Failed && c.id != "database-fits-code")
            .collect();
        assert!(failed.is_empty(), "{name}: {failed:?}");
    }
}

/// What the names in a CDK app must not do: two of a stack are the same, or one hides a module. `scripts/check-cdk` has the rest.
#[test]
fn every_pair_of_settings_gives_a_cdk_app_in_which_names_are_unique() {
    for (name, mut inputs) in axes::pairwise(&[("workspaces".to_owned(), common::guestbook())], 60) {
        inputs.choices.repository.get_or_insert_with(|| "octo/guestbook".to_owned());
        if inputs.choices.database == Database::Mysql {
            inputs.findings.backends[0].database = Some("mysql".to_owned());
        }
        let made = plan(&inputs).unwrap_or_else(|e| panic!("{name}: {e}"));
        let files = eject(&made, EjectOptions { cdk: true }).unwrap_or_else(|e| panic!("{name}: {e}"));
        let stacks: Vec<_> = files.iter().filter(|f| f.path.ends_with("-stack.ts")).collect();
        assert_eq!(stacks.len(), made.stacks.len(), "{name}");
        for stack in stacks {
            let text = String::from_utf8_lossy(&stack.bytes);
            let mut names = BTreeSet::new();
            for line in text.lines() {
                let found = line
                    .strip_prefix("    const ")
                    .or_else(|| line.strip_prefix("import * as "))
                    .and_then(|rest| rest.split(' ').next());
                if let Some(found) = found {
                    assert!(names.insert(found.to_owned()), "{name}, {}: two of {found}", stack.path);
                }
            }
            assert!(names.len() > 2, "{name}, {}", stack.path);
        }
    }
}
