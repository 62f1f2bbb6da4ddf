//! Where findings come from, and what the user should know.

use std::fmt::Display;

use crate::eval::value::Spot;
use crate::{Answer, Confidence, Evidence, Question, Warning};

/// Collects evidence, warnings and questions.
#[derive(Debug, Default)]
pub(crate) struct Trail {
    pub(crate) evidence: Vec<Evidence>,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) questions: Vec<Question>,
}

/// A file and perhaps a line.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) file: String,
    pub(crate) line: Option<u32>,
}

impl Source {
    pub(crate) fn new(file: impl Into<String>, line: impl Into<Option<u32>>) -> Self {
        Self {
            file: file.into(),
            line: line.into(),
        }
    }
}

impl From<&Spot> for Source {
    fn from(spot: &Spot) -> Self {
        Self {
            file: spot.file.to_string(),
            line: Some(spot.line),
        }
    }
}

impl Trail {
    /// Remembers where a finding was read.
    pub(crate) fn saw(
        &mut self,
        field: &str,
        value: impl Display + Copy,
        source: Source,
        confidence: Confidence,
        why: impl Into<String>,
    ) {
        self.evidence.push(Evidence {
            field: field.to_owned(),
            value: value.to_string(),
            file: source.file,
            line: source.line,
            why: why.into(),
            confidence,
        });
    }

    /// Tells the user something, once.
    pub(crate) fn warn(&mut self, code: &str, source: Option<Source>, message: impl Into<String>) {
        let (file, line) = source.map_or((None, None), |s| (Some(s.file), s.line));
        let warning = Warning {
            code: code.to_owned(),
            message: message.into(),
            file,
            line,
        };
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    /// Takes in what another one collected.
    pub(crate) fn append(&mut self, other: Self) {
        self.evidence.extend(other.evidence);
        self.questions.extend(other.questions);
        for warning in other.warnings {
            if !self.warnings.contains(&warning) {
                self.warnings.push(warning);
            }
        }
    }

    /// Where a finding was read.
    pub(crate) fn place_of(&self, field: &str) -> Option<Source> {
        let evidence = self.evidence.iter().find(|e| e.field == field)?;
        Some(Source::new(&evidence.file, evidence.line))
    }

    /// Asks the user; answers come as value and reason, the suggestion first.
    pub(crate) fn ask(
        &mut self,
        field: &str,
        text: impl Into<String>,
        answers: impl IntoIterator<Item = (String, String)>,
        blocks: bool,
        source: Option<Source>,
    ) {
        let (file, line) = source.map_or((None, None), |s| (Some(s.file), s.line));
        let mut unique: Vec<Answer> = Vec::new();
        for (value, reason) in answers {
            if !unique.iter().any(|a| a.value == value) {
                unique.push(Answer { value, reason });
            }
        }
        self.questions.push(Question {
            field: field.to_owned(),
            text: text.into(),
            answers: unique,
            blocks,
            file,
            line,
        });
    }
}
