//! Every pair of settings meets in some choice set, and each of the sets gives a plan that passes its own checks.

use zonke_plan::{CheckResult, plan};

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
