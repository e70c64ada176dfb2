//! Finds the tests that failed in what `cargo test` writes.

use std::fmt;

/// A test program that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedProgram {
    /// What cargo takes to run it again, as `-p cadastre-api --test suite`.
    target: String,
    /// The tests that failed in it; none when it ended before it named them.
    tests: Vec<String>,
}

/// The failures in the output of `cargo test`, which is given to it piece by piece.
///
/// A test program lists the names of its failures behind the last line `failures:` before its
/// result, and cargo says behind its output which program that was.
#[derive(Debug, Default)]
pub struct FailureParser {
    /// The beginning of a line whose end was not written yet.
    line: Vec<u8>,
    is_list: bool,
    listed: Vec<String>,
    /// The failures of the program that runs now.
    tests: Vec<String>,
    programs: Vec<FailedProgram>,
}

impl FailureParser {
    /// Takes the next piece of the output.
    pub fn read(&mut self, piece: &[u8]) {
        for byte in piece {
            if *byte == b'\n' {
                let line = std::mem::take(&mut self.line);
                self.read_line(&without_colours(&String::from_utf8_lossy(&line)));
            } else {
                self.line.push(*byte);
            }
        }
    }

    /// The programs that failed so far.
    pub fn programs(&self) -> &[FailedProgram] {
        &self.programs
    }

    fn read_line(&mut self, line: &str) {
        let line = line.trim_end();
        if let Some(target) = failed_target(line) {
            let (target, tests) = (target.to_owned(), std::mem::take(&mut self.tests));
            self.programs.push(FailedProgram { target, tests });
        } else if line == "failures:" {
            // What a test prints may look like a list as well; the last one counts.
            self.listed.clear();
            self.is_list = true;
        } else if let Some(result) = line.strip_prefix("test result: ") {
            let listed = std::mem::take(&mut self.listed);
            if result.starts_with("FAILED") {
                self.tests.extend(listed);
            }
            self.is_list = false;
        } else if let Some(name) = line.strip_prefix("    ").filter(|_| self.is_list) {
            self.listed.push(name.to_owned());
        }
    }
}

impl fmt::Display for FailedProgram {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.tests.is_empty() {
            return write!(out, "{}: ended without naming a test", self.target);
        }
        let lines = self.tests.iter().map(|test| format!("{}: {test}", self.target));
        out.write_str(&lines.collect::<Vec<_>>().join("\n"))
    }
}

/// The program that cargo says has failed in this line, if it is such a line.
fn failed_target(line: &str) -> Option<&str> {
    let (_, rest) = line.strip_prefix("error: ")?.split_once("test failed, to rerun pass `")?;
    rest.strip_suffix('`')
}

/// The line without the escape sequences that colour it.
fn without_colours(line: &str) -> String {
    let mut parts = line.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|letter: char| letter.is_ascii_alphabetic());
        plain.push_str(end.map_or("", |end| &part[end + 1..]));
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is told of an output, which comes in pieces of this length.
    fn told(output: &str, length: usize) -> Vec<String> {
        let mut parser = FailureParser::default();
        output.as_bytes().chunks(length).for_each(|piece| parser.read(piece));
        parser.programs().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn failures_of_several_programs_are_named_with_their_programs() {
        let output = "\
     Running unittests src/lib.rs (target/debug/deps/one-0123)

running 2 tests
test a::works ... ok
test a::breaks ... FAILED

failures:

---- a::breaks stdout ----
    an indented line of a test

thread 'a::breaks' panicked at src/lib.rs:1:1:
no
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace


failures:
    a::breaks

test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s

error: test failed, to rerun pass `-p one --lib`
     Running tests/suite/main.rs (target/debug/deps/suite-4567)

running 1 test
test fine ... ok

test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s

   Doc-tests one

failures:
    crates/one/src/lib.rs - Thing (line 3)
    crates/one/src/lib.rs - Thing::new (line 9)

test result: FAILED. 0 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s

error: doctest failed, to rerun pass `-p one --doc`
error: 2 targets failed:
    `-p one --lib`
    `-p one --doc`
";
        let expected = [
            "-p one --lib: a::breaks",
            "-p one --doc: crates/one/src/lib.rs - Thing (line 3)\n\
             -p one --doc: crates/one/src/lib.rs - Thing::new (line 9)",
        ];
        for length in [1, 7, 4096] {
            assert_eq!(told(output, length), expected, "in pieces of {length}");
        }
    }

    #[test]
    fn what_a_test_prints_is_not_taken_for_the_list() {
        let output = "failures:\n    not a test\nfailures:\n    a::test\n\n\
                      test result: FAILED. 0 passed\nerror: test failed, to rerun pass `--lib`\n";
        assert_eq!(told(output, 4096), ["--lib: a::test"]);
        let passed = "failures:\n    not a test\ntest result: ok. 1 passed; 0 failed\n";
        assert_eq!(told(&format!("{passed}{output}"), 4096), ["--lib: a::test"]);
    }

    #[test]
    fn a_program_that_is_killed_is_named_without_a_test() {
        let output = "error: test failed, to rerun pass `-p one --test suite`\n\nCaused by:\n";
        assert_eq!(told(output, 4096), ["-p one --test suite: ended without naming a test"]);
    }

    #[test]
    fn colours_are_passed_over() {
        let output = "failures:\n    a\ntest result: \u{1b}[31mFAILED\u{1b}(B\u{1b}[m. 0 passed\n\
                      \u{1b}[1m\u{1b}[91merror\u{1b}[0m: test failed, to rerun pass `--lib`\n";
        assert_eq!(told(output, 4096), ["--lib: a"]);
    }
}
