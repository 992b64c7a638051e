//! Adds up what the test runners print.

/// Tests that passed and failed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Tests that passed.
    pub passed: u64,
    /// Tests that failed, and checks that failed without running a test.
    pub failed: u64,
}

impl Tally {
    /// Reads one line of a runner's output; a line that is no summary changes nothing.
    pub fn read_line(&mut self, line: &str) {
        let found = cargo_summary(line)
            .or_else(|| vitest_summary(line))
            .or_else(|| node_summary(line))
            .or_else(|| unittest_summary(line));
        if let Some(found) = found {
            self.passed += found.passed;
            self.failed += found.failed;
        }
    }

    /// Adds the result of another runner.
    pub fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// `test result: ok. 12 passed; 0 failed; 1 ignored; ...`, one for each test executable.
fn cargo_summary(line: &str) -> Option<Tally> {
    let counts = line.trim().strip_prefix("test result: ")?.split_once(". ")?.1;
    let mut tally = Tally::default();
    for part in counts.split(';') {
        match part.trim().split_once(' ') {
            Some((count, "passed")) => tally.passed = count.parse().ok()?,
            Some((count, "failed")) => tally.failed = count.parse().ok()?,
            _ => {}
        }
    }
    Some(tally)
}

/// `      Tests  1 failed | 4 passed (5)`.
fn vitest_summary(line: &str) -> Option<Tally> {
    let counts = line.trim().strip_prefix("Tests ")?.rsplit_once('(')?.0;
    let mut tally = Tally::default();
    for part in counts.split('|') {
        match part.trim().split_once(' ')? {
            (count, "passed") => tally.passed = count.parse().ok()?,
            (count, "failed") => tally.failed = count.parse().ok()?,
            _ => {}
        }
    }
    Some(tally)
}

/// `# pass 26` or `ℹ fail 1`, of Node's own runner.
fn node_summary(line: &str) -> Option<Tally> {
    let line = line.trim();
    let (what, count) = line.strip_prefix("# ").or_else(|| line.strip_prefix("ℹ "))?.split_once(' ')?;
    let count = count.parse().ok()?;
    match what {
        "pass" => Some(Tally { passed: count, failed: 0 }),
        "fail" => Some(Tally { passed: 0, failed: count }),
        _ => None,
    }
}

/// `Ran 12 tests in 0.004s`, of Python's unittest. Which failed is told by the exit status.
fn unittest_summary(line: &str) -> Option<Tally> {
    let (count, rest) = line.trim().strip_prefix("Ran ")?.split_once(' ')?;
    let passed = count.parse().ok().filter(|_| rest.starts_with("test"))?;
    Some(Tally { passed, failed: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> Tally {
        let mut tally = Tally::default();
        for line in lines {
            tally.read_line(line);
        }
        tally
    }

    #[test]
    fn nodes_and_pythons_runners_are_counted() {
        let tally = read(&["# tests 27", "# pass 26", "ℹ fail 1", "Ran 12 tests in 0.004s", "# a comment"]);
        assert_eq!(tally, Tally { passed: 38, failed: 1 });
    }

    #[test]
    fn summaries_of_several_cargo_executables_add_up() {
        let tally = read(&[
            "running 3 tests",
            "test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test result: FAILED. 5 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s",
        ]);
        assert_eq!(tally, Tally { passed: 7, failed: 2 });
    }

    #[test]
    fn vitest_counts_tests_and_not_files() {
        let tally = read(&[" Test Files  1 failed | 2 passed (3)", "      Tests  1 failed | 4 passed (5)"]);
        assert_eq!(tally, Tally { passed: 4, failed: 1 });
        assert_eq!(read(&["      Tests  4 passed (4)"]), Tally { passed: 4, failed: 0 });
    }

    #[test]
    fn other_lines_change_nothing() {
        assert_eq!(read(&["Tests are sentences", "test result: odd", "12 passed"]), Tally::default());
    }
}
