//! Crontab lines, as the agent reads them.

use crate::duration::GoDuration;

/// Why a text is no crontab line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CrontabError {
    /// Not five fields, and no word such as `@hourly`.
    #[error("must have five fields: minute, hour, day of month, month, day of week")]
    Fields,
    /// This field, counted from 1, is not a list of values, ranges and steps in its limits.
    #[error("field {0} is not a list of values, ranges and steps in its limits")]
    Field(usize),
}

const MONTHS: &[&str] =
    &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: &[&str] = &["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// The least and the most of each field, and the names of its values from the least on.
const LIMITS: [(u32, u32, &[&str]); 5] =
    [(0, 59, &[]), (0, 23, &[]), (1, 31, &[]), (1, 12, MONTHS), (0, 6, DAYS)];

/// Checks a line as `ParseStandard` of Go's `robfig/cron` does. A time zone in front is refused: it
/// would depend on what the node's machine knows of zones.
///
/// # Errors
/// When the agent would not understand it.
pub fn check(line: &str) -> Result<(), CrontabError> {
    if let Some(word) = line.strip_prefix('@') {
        let every = word.strip_prefix("every ").and_then(|text| text.parse::<GoDuration>().ok());
        let known = ["yearly", "annually", "monthly", "weekly", "daily", "midnight", "hourly"];
        let fine = known.contains(&word) || every.is_some_and(GoDuration::is_positive);
        return if fine { Ok(()) } else { Err(CrontabError::Fields) };
    }
    let fields: Vec<&str> = line.split_whitespace().collect();
    if fields.len() != LIMITS.len() {
        return Err(CrontabError::Fields);
    }
    for (index, (field, limits)) in fields.into_iter().zip(LIMITS).enumerate() {
        if !field.split(',').all(|part| part_is_fine(part, limits)) {
            return Err(CrontabError::Field(index + 1));
        }
    }
    Ok(())
}

fn part_is_fine(part: &str, (least, most, names): (u32, u32, &[&str])) -> bool {
    let value = |text: &str| {
        let name = names.iter().position(|name| name.eq_ignore_ascii_case(text));
        let number = || text.bytes().all(|c| c.is_ascii_digit()).then(|| text.parse().ok())?;
        let by_name = name.and_then(|index| u32::try_from(index).ok()).map(|index| least + index);
        by_name.or_else(number).filter(|value| (least..=most).contains(value))
    };
    let (range, step) =
        part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
    let range_is_fine = match range.split_once('-') {
        None => matches!(range, "*" | "?") || value(range).is_some(),
        Some((from, to)) => value(from).zip(value(to)).is_some_and(|(from, to)| from <= to),
    };
    let digits = |step: &str| step.bytes().all(|c| c.is_ascii_digit());
    let step_is_fine = |step: &str| digits(step) && step.parse::<u32>().is_ok_and(|step| step > 0);
    range_is_fine && step.is_none_or(step_is_fine)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_of_all_kinds_pass() {
        for line in [
            "* * * * *",
            "0 0 * * *",
            "*/5 1-3,7 ? JAN-mar mon",
            "5/10 0-23/2 31 12 6",
            "@daily",
            "@every 1m",
        ] {
            assert_eq!(check(line), Ok(()), "{line}");
        }
    }

    #[test]
    fn the_field_at_fault_is_named() {
        for line in
            ["", "* * * *", "* * * * * *", "@never", "@every 0s", "@every x", "TZ=UTC * * * * *"]
        {
            assert_eq!(check(line), Err(CrontabError::Fields), "{line}");
        }
        let wanted = [
            ("60 * * * *", 1),
            ("* 24 * * *", 2),
            ("* * 0 * *", 3),
            ("* * * 13 *", 4),
            ("* * * * 7", 5),
        ];
        for (line, field) in wanted {
            assert_eq!(check(line), Err(CrontabError::Field(field)), "{line}");
        }
        for part in
            ["", "5-1", "1-", "-1", "+1", "1/0", "*/", "*/+1", "1,,2", "a", "1-2-3", "*/1/1"]
        {
            assert!(check(&format!("{part} * * * *")).is_err(), "{part}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_decided(line in "[0-9*/,?a-z -]{0,30}|.*") {
            let _ = check(&line);
        }
    }
}
