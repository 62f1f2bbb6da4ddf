//! The catalogue of known failures: which evidence means what, and what to do about it.

use std::sync::LazyLock;

use regex::{Captures, Regex, RegexBuilder};

use crate::rows;
use crate::{Diagnosis, Evidence, EvidenceKind, FixClass, is_consequence};

/// One known failure.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) code: &'static str,
    pub(crate) class: FixClass,
    /// Where it can be read.
    pub(crate) kinds: &'static [EvidenceKind],
    /// What it looks like, whatever the case of letters; `.` matches line ends.
    pub(crate) pattern: &'static str,
    /// What it means; `{1}` stands for the first group of the pattern.
    pub(crate) meaning: &'static str,
    /// What to do about it; `{1}` as above.
    pub(crate) fix: &'static str,
}

/// Rows in the order they are tried: specific ones before general ones, which would match the same text.
static ROWS: LazyLock<Vec<(Regex, &'static Row)>> = LazyLock::new(|| {
    let tables: [&[Row]; 5] = [rows::DATABASE, rows::SERVER, rows::BUILD, rows::HTTP, rows::STACK];
    let compiled = tables.into_iter().flatten().filter_map(|row| {
        // A pattern that does not compile is found by the test that compiles every row.
        Some((compile(row.pattern).ok()?, row))
    });
    compiled.collect()
});

fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern)
        .case_insensitive(true)
        .dot_matches_new_line(true)
        .build()
}

/// Codes that only say that something failed, so that any other piece of evidence explains more.
const GENERAL: &[&str] = &[
    "ecs-circuit-breaker",
    "app-crashed-at-start",
    "health-check-failed",
    "http-503-no-healthy-target",
];

/// What a piece of evidence means, if it is known.
pub fn diagnose(evidence: &Evidence) -> Option<Diagnosis> {
    if is_consequence(&evidence.text) {
        return None;
    }
    ROWS.iter()
        .filter(|(_, row)| row.kinds.contains(&evidence.kind))
        .find_map(|(pattern, row)| {
            let found = pattern.captures(&evidence.text)?;
            Some(Diagnosis {
                code: row.code.to_owned(),
                meaning: fill(row.meaning, &found),
                fix: fill(row.fix, &found),
                class: row.class,
            })
        })
}

/// What several pieces of evidence in the order of time mean together: the first specific cause, else the first general one.
pub fn diagnose_all(evidence: &[Evidence]) -> Option<Diagnosis> {
    let mut general = None;
    for diagnosis in evidence.iter().filter_map(diagnose) {
        if !GENERAL.contains(&diagnosis.code.as_str()) {
            return Some(diagnosis);
        }
        general.get_or_insert(diagnosis);
    }
    general
}

fn fill(text: &str, found: &Captures<'_>) -> String {
    let mut filled = text.to_owned();
    for group in 1..=3 {
        let value = found.get(group).map_or("it", |m| m.as_str().trim());
        filled = filled.replace(&format!("{{{group}}}"), value);
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles_and_every_row_says_what_to_do() {
        let tables: [&[Row]; 5] = [rows::DATABASE, rows::SERVER, rows::BUILD, rows::HTTP, rows::STACK];
        let all: Vec<_> = tables.into_iter().flatten().collect();
        assert_eq!(ROWS.len(), all.len());
        for row in all {
            assert!(compile(row.pattern).is_ok(), "{}", row.code);
            assert!(
                !row.kinds.is_empty() && row.meaning.ends_with('.') && row.fix.ends_with('.'),
                "{}",
                row.code
            );
        }
    }

    #[test]
    fn a_specific_cause_wins_over_the_general_one_that_came_first() {
        let story = [
            Evidence::new(EvidenceKind::CfnEvent, "Resource creation cancelled"),
            Evidence::new(EvidenceKind::CfnEvent, "ECS Deployment Circuit Breaker was triggered."),
            Evidence::new(
                EvidenceKind::EcsStopped,
                "OutOfMemoryError: Container killed due to memory usage",
            ),
        ];
        assert_eq!(diagnose_all(&story).unwrap().code, "task-out-of-memory");
        assert_eq!(diagnose_all(&story[..2]).unwrap().code, "ecs-circuit-breaker");
        assert_eq!(diagnose_all(&story[..1]), None);
    }

    #[test]
    fn the_words_name_what_the_evidence_names() {
        let text =
            "User: arn:aws:sts::111122223333:assumed-role/r/s is not authorized to perform: rds:CreateDBInstance on resource: x";
        let denied = diagnose(&Evidence::new(EvidenceKind::CfnEvent, text)).unwrap();
        assert!(
            denied.meaning.contains("rds:CreateDBInstance") && !denied.fix.contains('{'),
            "{denied:?}"
        );
    }
}
