//! Settings of results: for how long they are kept, and how much of them.

use std::num::NonZeroU32;

use chrono::TimeDelta;
use clap::Args;

use super::ConfigError;
use super::parse::Setting;

/// Options of results.
#[derive(Debug, Clone, Default, Args)]
pub struct ResultsOptions {
    /// How long points of dial nodes are kept after they were received [default: 7d]
    #[arg(long, env = "CADASTRE_RESULTS_KEEP")]
    pub results_keep: Option<String>,
    /// How much all points may take up, as 4GiB; the oldest go first [default: 4GiB]
    #[arg(long, env = "CADASTRE_RESULTS_MAX_SIZE")]
    pub results_max_size: Option<String>,
    /// How long what points of an hour came to is kept [default: 35d]
    #[arg(long, env = "CADASTRE_RESULTS_KEEP_HOURS")]
    pub results_keep_hours: Option<String>,
    /// How long what points of a day came to is kept [default: 730d]
    #[arg(long, env = "CADASTRE_RESULTS_KEEP_DAYS")]
    pub results_keep_days: Option<String>,
    /// How many different sets of tags an enterprise may have [default: 50000]
    #[arg(long, env = "CADASTRE_RESULTS_TAG_SETS")]
    pub results_tag_sets: Option<String>,
    /// How many points a minute one node may post; 0 is without limit [default: 6000]
    #[arg(long, env = "CADASTRE_RESULTS_NODE_LIMIT")]
    pub results_node_limit: Option<String>,
    /// How many points a minute one enterprise may post; 0 is without limit [default: 300000]
    #[arg(long, env = "CADASTRE_RESULTS_ENTERPRISE_LIMIT")]
    pub results_enterprise_limit: Option<String>,
    /// For how long after the upgrade results are taken by URLs of the old form, as 30d, or off
    /// [default: 30d]
    #[arg(long, env = "CADASTRE_OLD_RESULT_URLS")]
    pub old_result_urls: Option<String>,
}

/// For how long results are kept, and how much of them.
#[derive(Debug, Clone)]
pub struct ResultsConfig {
    /// How long points are kept after they were received.
    pub keep: TimeDelta,
    /// How much points may take up, in bytes, by the measure that the storage has for them.
    pub max_bytes: i64,
    /// How long roll-ups of hours are kept.
    pub keep_hours: TimeDelta,
    /// How long roll-ups of days are kept.
    pub keep_days: TimeDelta,
    /// How many different sets of tags an enterprise may have.
    pub tag_sets: i64,
    /// How many points a minute one node may post.
    pub node_limit: Option<NonZeroU32>,
    /// How many points a minute one enterprise may post.
    pub enterprise_limit: Option<NonZeroU32>,
    /// For how long results are taken by URLs of the old form, which have a token that all nodes of an
    /// enterprise share, from the first start of a version that signs tokens; zero is never.
    pub old_urls: TimeDelta,
}

/// The shortest and the longest time for which something is kept, in seconds: an hour, a century.
const KEPT: std::ops::RangeInclusive<i64> = 3_600..=100 * 365 * 86_400;
/// The longest time for which URLs of the old form work, in days.
const LONGEST_OLD_URLS: i64 = 3650;
/// The smallest and the largest size.
const SIZES: std::ops::RangeInclusive<i64> = 1 << 20..=1 << 50;

/// Units of sizes. What has none is in bytes.
const UNITS: [(&str, u32); 4] = [("KiB", 10), ("MiB", 20), ("GiB", 30), ("TiB", 40)];

fn kept(name: &'static str, value: Option<&String>, days: i64) -> Result<TimeDelta, ConfigError> {
    let setting = Setting::new(name, value.cloned());
    let Some(text) = setting.text() else { return Ok(TimeDelta::days(days)) };
    let time = humantime::parse_duration(text).ok().and_then(|time| TimeDelta::from_std(time).ok());
    let time = time.filter(|time| KEPT.contains(&time.num_seconds()));
    time.ok_or_else(|| setting.refuse("give a time from 1h to 36500d, as 7d"))
}

fn old_urls(value: Option<String>) -> Result<TimeDelta, ConfigError> {
    let setting = Setting::new("CADASTRE_OLD_RESULT_URLS", value);
    let time = match setting.text() {
        None => return Ok(TimeDelta::days(30)),
        Some("off") => return Ok(TimeDelta::zero()),
        Some(text) => humantime::parse_duration(text).ok(),
    };
    let time = time.and_then(|time| TimeDelta::from_std(time).ok());
    let time = time.filter(|time| *time <= TimeDelta::days(LONGEST_OLD_URLS));
    time.ok_or_else(|| setting.refuse("give off or a time up to 3650d, as 30d"))
}

fn limit(
    name: &'static str,
    value: Option<&String>,
    default: u32,
) -> Result<Option<NonZeroU32>, ConfigError> {
    let number = Setting::new(name, value.cloned()).number(default, 0, 1_000_000_000)?;
    Ok(NonZeroU32::new(number))
}

fn size(text: &str) -> Option<i64> {
    let unit = UNITS.iter().find_map(|(unit, bits)| Some((text.strip_suffix(unit)?, *bits)));
    let (number, bits) = unit.unwrap_or((text, 0));
    let bytes = number.trim_end().parse::<i64>().ok()?.checked_mul(1 << bits)?;
    Some(bytes).filter(|bytes| SIZES.contains(bytes))
}

impl ResultsConfig {
    /// Checks the options.
    ///
    /// # Errors
    /// The first that is wrong.
    pub fn new(options: &ResultsOptions) -> Result<Self, ConfigError> {
        let largest = Setting::new("CADASTRE_RESULTS_MAX_SIZE", options.results_max_size.clone());
        let max_bytes = size(largest.text().unwrap_or("4GiB"));
        let tag_sets = Setting::new("CADASTRE_RESULTS_TAG_SETS", options.results_tag_sets.clone());
        let (node, enterprise) = (&options.results_node_limit, &options.results_enterprise_limit);
        let enterprise_limit = "CADASTRE_RESULTS_ENTERPRISE_LIMIT";
        let (hours, days) = (&options.results_keep_hours, &options.results_keep_days);
        Ok(Self {
            keep: kept("CADASTRE_RESULTS_KEEP", options.results_keep.as_ref(), 7)?,
            max_bytes: max_bytes
                .ok_or_else(|| largest.refuse("give a size from 1MiB to 1024TiB, as 4GiB"))?,
            keep_hours: kept("CADASTRE_RESULTS_KEEP_HOURS", hours.as_ref(), 35)?,
            keep_days: kept("CADASTRE_RESULTS_KEEP_DAYS", days.as_ref(), 730)?,
            tag_sets: tag_sets.number(50_000, 1, 10_000_000)?,
            node_limit: limit("CADASTRE_RESULTS_NODE_LIMIT", node.as_ref(), 6_000)?,
            enterprise_limit: limit(enterprise_limit, enterprise.as_ref(), 300_000)?,
            old_urls: old_urls(options.old_result_urls.clone())?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_in_their_units() {
        for (text, bytes) in [
            ("4GiB", Some(4 << 30)),
            ("1024 KiB", Some(1 << 20)),
            ("1MiB", Some(1 << 20)),
            ("1048576", Some(1 << 20)),
            ("1048575", None),
            ("1024TiB", Some(1 << 50)),
            ("1025TiB", None),
            ("4GB", None),
            ("-4GiB", None),
            ("9223372036854775807TiB", None),
            ("", None),
            ("GiB", None),
        ] {
            assert_eq!(size(text), bytes, "{text}");
        }
    }
}
