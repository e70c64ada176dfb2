//! `cargo xtask migration NAME`: makes an empty migration for both databases.

use std::ffi::OsString;
use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::cargo::root;
use crate::failure::Failure;

/// The databases, by the names of their folders under `migrations`.
pub const DATABASES: [&str; 2] = ["sqlite", "postgres"];

/// Makes `up.sql` and `down.sql` in a folder of the same name for each database.
pub fn run(arguments: &[OsString]) -> Result<u8, Failure> {
    let [name] = arguments else {
        return Err(Failure::Usage("migration needs exactly one name".to_owned()));
    };
    let name = name.to_string_lossy();
    if !is_name(&name) {
        return Err(Failure::Usage(format!(
            "{name:?} is not a name: only a-z, 0-9 and _ may be in it"
        )));
    }
    let since_1970 = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_err(|_| Failure::trouble("the clock of this machine is before 1970"))?;
    let folder_name = format!("{}_{name}", stamp(since_1970.as_secs()));
    for database in DATABASES {
        let folder = root().join("migrations").join(database).join(&folder_name);
        fs::create_dir_all(&folder).map_err(Failure::cannot("make a folder"))?;
        for (file, purpose) in [("up.sql", "What changes, and why."), ("down.sql", "Undoes it.")] {
            let path = folder.join(file);
            fs::write(&path, format!("-- {purpose}\n")).map_err(Failure::cannot("write a file"))?;
            println!("migrations/{database}/{folder_name}/{file}");
        }
    }
    Ok(0)
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '_'))
}

/// Seconds since 1970 as `2026-01-31-235959` in UTC, which sorts by time.
fn stamp(seconds: u64) -> String {
    let (mut day, second) = (seconds / 86_400, seconds % 86_400);
    let mut year = 1970;
    while day >= days_of_year(year) {
        day -= days_of_year(year);
        year += 1;
    }
    let mut month = 1;
    while day >= days_of_month(year, month) {
        day -= days_of_month(year, month);
        month += 1;
    }
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year}-{month:02}-{:02}-{hour:02}{minute:02}{second:02}", day + 1)
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn days_of_year(year: u64) -> u64 {
    365 + u64::from(is_leap(year))
}

fn days_of_month(year: u64, month: u64) -> u64 {
    match month {
        2 => 28 + u64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain() {
        assert!(is_name("create_regions_2"));
        for bad in ["", "Create", "a-b", "a b", "../a", "é"] {
            assert!(!is_name(bad), "{bad:?}");
        }
    }

    #[test]
    fn stamps_are_dates_of_the_calendar() {
        for (seconds, expected) in [
            (0, "1970-01-01-000000"),
            (951_827_696, "2000-02-29-123456"),
            (1_767_225_599, "2025-12-31-235959"),
            (1_767_225_600, "2026-01-01-000000"),
            (4_107_542_400, "2100-03-01-000000"),
        ] {
            assert_eq!(stamp(seconds), expected);
        }
    }
}
