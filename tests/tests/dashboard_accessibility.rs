//! Every screen without barriers: in light and in dark, from right to left, on a narrow phone.

use std::collections::BTreeSet;
use std::time::Duration;

use neustream_tests::kit::browser::Script;
use neustream_tests::kit::stage::Stage;
use neustream_tests::kit::{Result, ensure};
use serde_json::Value;

/// Four looks at every screen.
const ALL: Duration = Duration::from_mins(10);

#[tokio::test]
async fn no_screen_has_a_barrier_that_axe_can_see() -> Result<()> {
    let stage = Stage::set().await?;
    let mut looking = Script::start("accessibility", &[&stage.told.to_string()])?;
    let finished = looking.finish(ALL).await;
    let said = looking.said();
    let violations: Vec<&Value> = said.iter().filter_map(|said| said.get("violation")).collect();
    for violation in &violations {
        eprintln!("{violation}");
    }
    ensure!(violations.is_empty(), "{} violations", violations.len());
    looking.expect_no_problem()?;
    finished?;
    let looked: BTreeSet<&str> = said.iter().filter_map(|said| said["looked"].as_str()).collect();
    eprintln!("figure: {} screens, 0 violations", looked.len());
    ensure!(looked.len() > 10, "only {looked:?}");
    Ok(())
}
