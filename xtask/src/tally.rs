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
        let found = cargo_summary(line).or_else(|| vitest_summary(line));
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
