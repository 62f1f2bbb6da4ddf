//! Changing what the user set for a folder.

use std::path::Path;

use crate::overrides::check::{self, Ground};
use crate::{Edit, Field, Findings, InspectError, InspectOptions, OverrideError, Overrides, assemble, on_tree};

/// Why a change was not made. Nothing was changed then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// The folder could not be inspected.
    #[error(transparent)]
    Inspect(#[from] InspectError),
    /// A value does not fit the folder.
    #[error(transparent)]
    Override(#[from] OverrideError),
}

/// Sets fields, or takes them back, on top of `options.overrides`. Returns everything that is set now, and the findings with it.
///
/// Each value is checked against the folder, and all edits count or none. Halves are picked first, so that the other fields
/// mean the half that is chosen then.
///
/// # Errors
///
/// When the folder cannot be inspected, or a value does not fit it; see [`ChangeError`].
pub fn change(dir: &Path, edits: &[Edit], options: &InspectOptions) -> Result<(Overrides, Findings), ChangeError> {
    on_tree(dir, options, |tree| {
        let mut options = options.clone();
        let mut findings = assemble::findings(tree, dir, &options)?;
        for stage in [Stage::Halves, Stage::Library, Stage::Rest] {
            let round: Vec<&Edit> = edits.iter().filter(|edit| Stage::of(edit.field) == stage).collect();
            if round.is_empty() {
                continue;
            }
            for edit in round {
                set(
                    &mut options.overrides,
                    edit,
                    Ground {
                        tree,
                        findings: &findings,
                    },
                )?;
            }
            findings = assemble::findings(tree, dir, &options)?;
        }
        Ok((options.overrides, findings))
    })
}

/// What later edits depend on comes first.
#[derive(PartialEq, Eq)]
enum Stage {
    Halves,
    Library,
    Rest,
}

impl Stage {
    fn of(field: Field) -> Self {
        if matches!(field, Field::Frontend | Field::Backend) {
            Self::Halves
        } else if field == Field::Orm {
            Self::Library
        } else {
            Self::Rest
        }
    }
}

fn set(overrides: &mut Overrides, edit: &Edit, ground: Ground<'_>) -> Result<(), OverrideError> {
    let chosen = &ground.findings.chosen;
    let value = match &edit.value {
        Some(text) => Some(check::value(edit.field, text, ground)?),
        None => None,
    };
    let before = overrides.get(edit.field, chosen).map(str::to_owned);
    overrides.put(edit.field, chosen, value.clone());
    if value.is_some() && overrides.get(edit.field, chosen).is_none() && before.is_none() {
        return Err(OverrideError {
            field: edit.field,
            reason: "it belongs to a half that is not chosen yet".to_owned(),
            hint: "Pick the front end and the API to deploy first.".to_owned(),
        });
    }
    Ok(())
}
