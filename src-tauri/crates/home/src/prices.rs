//! Prices that AWS told, one file for each region. What cannot be read is asked again some day; until then the bundled table counts.

use std::fs;
use std::io;
use std::path::PathBuf;

use zonke_plan::FreshPrices;

/// Largest file that is read back.
const MAX_BYTES: u64 = 1024 * 1024;

/// The kept prices.
#[derive(Clone, Debug)]
pub struct Prices {
    folder: PathBuf,
}

impl Prices {
    pub(crate) fn at(folder: PathBuf) -> Self {
        Self { folder }
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
    /// The file cannot be written.
    pub fn keep(&self, prices: &FreshPrices) -> io::Result<()> {
        let path = self
            .file(&prices.region)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "not the name of a region"))?;
        fs::create_dir_all(&self.folder)?;
        // A file that is there is whole, also after a crash.
        let whole = path.with_extension("new");
        fs::write(&whole, serde_json::to_vec_pretty(prices)?)?;
        fs::rename(whole, path)
    }

    fn file(&self, region: &str) -> Option<PathBuf> {
        let is_name = !region.is_empty() && region.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        is_name.then(|| self.folder.join(format!("{region}.json")))
    }
}

#[cfg(test)]
mod tests {
    use zonke_plan::FreshUnit;

    use super::*;

    #[test]
    fn prices_are_kept_by_region_and_damage_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let prices = Prices::at(folder.path().join("prices"));
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
        let elsewhere = FreshPrices {
            region: "../outside".to_owned(),
            ..told
        };
        prices.keep(&elsewhere).unwrap_err();
    }
}
