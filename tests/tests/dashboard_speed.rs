//! How fast the first pages are, by Lighthouse.

use std::time::Duration;

use neustream_tests::kit::browser::Script;
use neustream_tests::kit::stage::Stage;
use neustream_tests::kit::{Context, Result, ensure};
use serde_json::Value;

const ALL: Duration = Duration::from_mins(10);
const PERFORMANCE: u64 = 95;
const ACCESSIBILITY: u64 = 100;
const MEASURED: usize = 5;

#[tokio::test]
#[ignore = "a busy machine is no measure of a page; see CONTRIBUTING.md"]
async fn the_first_pages_are_fast_and_for_everybody() -> Result<()> {
    let stage = Stage::set().await?;
    let mut measuring = Script::start("lighthouse", &[&stage.told.to_string()])?;
    measuring.finish(ALL).await?;
    let said = measuring.said();
    let screens: Vec<&Value> = said.iter().filter(|said| said.get("performance").is_some()).collect();
    ensure!(screens.len() == MEASURED, "{} screens were measured: {said:?}", screens.len());
    for screen in screens {
        let of =
            |category: &str| screen[category].as_u64().with_context(|| format!("no {category} in {screen}"));
        let (performance, accessibility) = (of("performance")?, of("accessibility")?);
        eprintln!("figure: {}: performance {performance}, accessibility {accessibility}", screen["screen"]);
        ensure!(screen.get("failed").is_none_or(Value::is_null), "{screen}");
        ensure!(performance >= PERFORMANCE && accessibility >= ACCESSIBILITY, "{screen}");
    }
    Ok(())
}
