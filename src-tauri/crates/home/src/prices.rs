//! Prices that AWS told, one file for each region. What cannot be read is asked again some day; until then the bundled table counts.
//!
//! This is the one place where it is chosen which prices count: both faces plan through it, so that a plan, its review and its
//! deployment never show two prices of one thing.

use std::fs;
use std::io;
use std::path::PathBuf;

use zonke_plan::{Choices, FreshPrices, Inputs, Offer, Plan, PlanError, Quote};
use zonke_project::Findings;

/// Largest file that is read back.
const MAX_BYTES: u64 = 1024 * 1024;

/// The kept prices.
#[derive(Clone, Debug)]
pub struct Prices {
    /// Nothing without a place for files: then nothing was told, and nothing can be kept.
    folder: Option<PathBuf>,
}

impl Prices {
    pub(crate) fn at(folder: Option<PathBuf>) -> Self {
        Self { folder }
    }

    /// Plans an application with the prices that count in its region.
    ///
    /// # Errors
    /// As [`zonke_plan::plan`].
    pub fn plan(&self, inputs: &Inputs) -> Result<Plan, PlanError> {
        zonke_plan::plan_priced(inputs, self.of(&inputs.choices.region).as_ref())
    }

    /// What an application would cost with each of these choices, in their order.
    pub fn quotes(&self, findings: &Findings, alternatives: Vec<Choices>) -> Vec<Quote> {
        let fresh = alternatives.first().and_then(|now| self.of(&now.region));
        zonke_plan::quotes(findings, alternatives, fresh.as_ref())
    }

    /// Every preset for an application, cheapest first.
    pub fn offers(&self, findings: &Findings, choices: &Choices) -> Vec<Offer> {
        zonke_plan::offers(findings, choices, self.of(&choices.region).as_ref())
    }

    /// What AWS told about a region; nothing if it was never asked, or the file cannot be read.
    pub fn of(&self, region: &str) -> Option<FreshPrices> {
        let path = self.file(region)?;
        if fs::metadata(&path).ok()?.len() > MAX_BYTES {
            return None;
        }
        let read = serde_json::from_slice::<FreshPrices>(&fs::read(&path).ok()?);
        read.inspect_err(|error| tracing::warn!("{} was not read: {error}", path.display()))
            .ok()
            .filter(|prices| prices.region == region)
    }

    /// Keeps what is known about a region in place of what was.
    ///
    /// # Errors
    /// The file cannot be written, or there is no place for files.
    pub fn keep(&self, prices: &FreshPrices) -> io::Result<()> {
        let folder = self
            .folder
            .as_ref()
            .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "there is no place for files of the app"))?;
        let path = self
            .file(&prices.region)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "not the name of a region"))?;
        fs::create_dir_all(folder)?;
        // A file that is there is whole, also after a crash.
        let whole = path.with_extension("new");
        fs::write(&whole, serde_json::to_vec_pretty(prices)?)?;
        fs::rename(whole, path)
    }

    fn file(&self, region: &str) -> Option<PathBuf> {
        let is_name = !region.is_empty() && region.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        is_name.then_some(self.folder.as_ref()?.join(format!("{region}.json")))
    }
}

#[cfg(test)]
mod tests {
    use zonke_plan::FreshUnit;

    use super::*;

    #[test]
    fn prices_are_kept_by_region_and_damage_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let prices = Prices::at(Some(folder.path().join("prices")));
        assert_eq!(prices.of("eu-west-1"), None);
        let unit = FreshUnit {
            usd: 0.03,
            date: "2026-11-28".to_owned(),
        };
        let told = FreshPrices {
            region: "eu-west-1".to_owned(),
            units: [("balancer_hour".to_owned(), unit)].into(),
        };
        prices.keep(&told).unwrap();
        assert_eq!(prices.of("eu-west-1"), Some(told.clone()));
        assert_eq!(prices.of("us-east-1"), None);
        fs::write(folder.path().join("prices/eu-west-1.json"), "{").unwrap();
        assert_eq!(prices.of("eu-west-1"), None);
        let nowhere = Prices::at(None);
        nowhere.keep(&told).unwrap_err();
        let elsewhere = FreshPrices {
            region: "../outside".to_owned(),
            ..told
        };
        prices.keep(&elsewhere).unwrap_err();
        assert_eq!(nowhere.of("eu-west-1"), None);
    }
}
