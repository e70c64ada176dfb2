//! The outcome as Markdown.

mod chapter;
mod numbers;

use std::fmt;
use std::fs;
use std::path::Path;

use crate::Outcome;
use crate::machine::Facts;

pub use chapter::{Chapter, Measured};

/// Everything that was measured.
pub struct Report {
    pub machine: Facts,
    pub chapters: Vec<Chapter>,
    pub seconds: u32,
    pub runs: u32,
}

/// The marks in the file between which the outcome stands.
const BEGIN: &str = "<!-- bench: begin -->\n";
const END: &str = "<!-- bench: end -->\n";

impl Report {
    /// Replaces what stands between the marks of a file.
    pub fn write_into(&self, file: &Path) -> Outcome {
        let (before, after) = around(file)?;
        fs::write(file, between(&before, &self.to_string(), &after))?;
        Ok(())
    }
}

/// What stands before and behind the marks of a file; to be asked before hours are spent on
/// measuring what then cannot be written.
pub fn around(file: &Path) -> Outcome<(String, String)> {
    let text = fs::read_to_string(file);
    let text = text.map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    let parts = split(&text);
    Ok(parts.ok_or_else(|| format!("{} lacks the marks {BEGIN:?}, {END:?}", file.display()))?)
}

fn split(text: &str) -> Option<(String, String)> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some((before.to_owned(), after.to_owned()))
}

fn between(before: &str, outcome: &str, after: &str) -> String {
    format!("{before}{BEGIN}\n{outcome}\n{END}{after}")
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, runs) = (self.seconds, self.runs);
        writeln!(f, "Medians of {runs} runs of {seconds} s each.\n")?;
        writeln!(f, "| measured on | |\n|---|---|")?;
        for (name, value) in &self.machine {
            writeln!(f, "| {name} | {value} |")?;
        }
        for chapter in &self.chapters {
            write!(f, "\n{chapter}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_between_the_marks_is_replaced() {
        let text = format!("# Title\n\n{BEGIN}old\n{END}\nend\n");
        let (before, after) = split(&text).expect("both marks");
        let new = between(&before, "new\n", &after);
        assert_eq!(new, format!("# Title\n\n{BEGIN}\nnew\n\n{END}\nend\n"));
        assert_eq!(split(&new), Some((before, after)));
        assert_eq!(split("no marks"), None);
    }
}
