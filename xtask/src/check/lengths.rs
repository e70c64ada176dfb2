//! Files and functions stay short enough to be read in one go.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::Verdict;
use super::functions::functions;
use crate::cargo::root;
use crate::failure::Failure;

/// The most lines a file may have.
const FILE_LIMIT: usize = 300;
/// The most lines there may be between the braces of a function.
const FUNCTION_LIMIT: usize = 35;

/// Measures every Rust file of the checkout, committed or not.
///
/// Folders are walked instead of asking git, which a machine that only builds need not have.
pub fn gate() -> Result<Verdict, Failure> {
    let mut files = Vec::new();
    collect(&root(), &mut files).map_err(Failure::cannot("list the sources"))?;
    if files.is_empty() {
        return Ok(Verdict::Failed(vec!["there is no Rust file to measure".to_owned()]));
    }
    files.sort();
    let mut complaints = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).map_err(Failure::cannot("read a source"))?;
        complaints.extend(measure(file.strip_prefix(root()).unwrap_or(&file), &text));
    }
    Ok(Verdict::from_complaints(complaints))
}

/// Finds the Rust files, leaving out hidden folders and what cargo has built.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    // Cargo marks a target folder, whatever its name, with this file.
    if folder.join("CACHEDIR.TAG").exists() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if entry.file_type()?.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

/// What is too long in one file, with its place.
fn measure(file: &Path, text: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    let lines = text.lines().count();
    if lines > FILE_LIMIT {
        complaints.push(format!("{}: {lines} lines, at most {FILE_LIMIT}", file.display()));
    }
    if is_test(file) {
        return complaints;
    }
    for function in functions(text).into_iter().filter(|function| function.body > FUNCTION_LIMIT) {
        complaints.push(format!(
            "{}:{}: fn {} has {} lines, at most {FUNCTION_LIMIT}",
            file.display(),
            function.line,
            function.name,
            function.body
        ));
    }
    complaints
}

/// Whether a whole file is tests; a story told in one go may be long.
fn is_test(file: &Path) -> bool {
    file.components().any(|part| part.as_os_str() == "tests") || file.ends_with("tests.rs")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function_of(lines: usize) -> String {
        format!("fn long() {{\n{}}}\n", "    step();\n".repeat(lines))
    }

    #[test]
    fn a_long_function_is_named_with_its_place() {
        let file = Path::new("crates/api/src/app.rs");
        assert_eq!(measure(file, &function_of(35)), [""; 0]);
        assert_eq!(
            measure(file, &function_of(36)),
            ["crates/api/src/app.rs:1: fn long has 36 lines, at most 35"]
        );
    }

    #[test]
    fn a_test_may_have_a_long_function_but_not_a_long_file() {
        let file = Path::new("crates/api/tests/regions.rs");
        assert_eq!(measure(file, &function_of(298)), [""; 0]);
        assert_eq!(
            measure(file, &function_of(299)),
            ["crates/api/tests/regions.rs: 301 lines, at most 300"]
        );
    }
}
