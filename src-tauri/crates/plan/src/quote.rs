//! What choices would cost, without writing their templates: for prices beside options that are not chosen.

use serde::{Deserialize, Serialize};
use specta::Type;
use zonke_project::Findings;

use crate::application::Application;
use crate::{Choices, FreshPrices, Inputs, PlanError, Preset};

/// What choices would cost, or why they cannot be planned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Quote {
    /// Total of the plan's price, US dollars a month without tax; nothing if it cannot be planned.
    pub monthly: Option<f64>,
    /// The rule that is broken.
    pub refusal: Option<Refusal>,
}

/// Why choices cannot be planned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Refusal {
    /// Path of the choice, such as `servers.max`; nothing if it is not about one choice.
    pub field: Option<String>,
    /// The rule in words, to be shown at the field.
    pub rule: String,
}

/// A preset for an application: what it would choose, give up and cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Offer {
    /// Which one.
    pub preset: Preset,
    /// Its name.
    pub title: String,
    /// What it is good for, one sentence.
    pub sentence: String,
    /// What it gives up, one sentence each.
    pub trade_offs: Vec<String>,
    /// The choices with the preset's in place of their own.
    pub choices: Choices,
    /// Whether that is what they are already.
    pub chosen: bool,
    /// What they would cost.
    pub quote: Quote,
}

/// What an application would cost with each of these choices, in their order, with prices that AWS told where there are some.
/// Pure, as [`plan`](crate::plan()).
pub fn quotes(findings: &Findings, alternatives: Vec<Choices>, fresh: Option<&FreshPrices>) -> Vec<Quote> {
    let mut inputs = None;
    alternatives
        .into_iter()
        .map(|choices| {
            let inputs: &mut Inputs = inputs.get_or_insert_with(|| Inputs::new(findings.clone(), Some(choices.clone())));
            inputs.choices = choices;
            quote(inputs, fresh)
        })
        .collect()
}

/// Every preset for an application, cheapest first.
pub fn offers(findings: &Findings, choices: &Choices, fresh: Option<&FreshPrices>) -> Vec<Offer> {
    let wanted: Vec<Choices> = Preset::ALL.iter().map(|preset| preset.apply(choices)).collect();
    let quotes = quotes(findings, wanted.clone(), fresh);
    Preset::ALL
        .into_iter()
        .zip(wanted)
        .zip(quotes)
        .map(|((preset, wanted), quote)| Offer {
            preset,
            title: preset.title().to_owned(),
            sentence: preset.sentence().to_owned(),
            trade_offs: preset.trade_offs().iter().map(|&words| words.to_owned()).collect(),
            chosen: wanted == *choices,
            choices: wanted,
            quote,
        })
        .collect()
}

fn quote(inputs: &Inputs, fresh: Option<&FreshPrices>) -> Quote {
    match Application::new(inputs) {
        Ok(app) => Quote {
            monthly: Some(crate::price::price(&app, &crate::stacks::all(&app), fresh).total),
            refusal: None,
        },
        Err(error) => Quote {
            monthly: None,
            refusal: Some(match error {
                PlanError::Choice { field, rule, .. } => Refusal {
                    field: Some(field.to_owned()),
                    rule,
                },
                PlanError::Project { .. } | PlanError::Archive { .. } => Refusal {
                    field: None,
                    rule: error.to_string(),
                },
            }),
        },
    }
}
