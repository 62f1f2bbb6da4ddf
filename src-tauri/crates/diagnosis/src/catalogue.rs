//! The catalogue of known failures.

use crate::{Diagnosis, Evidence};

/// What a piece of evidence means, if it is known.
pub fn diagnose(evidence: &Evidence) -> Option<Diagnosis> {
    let _ = evidence;
    None
}
