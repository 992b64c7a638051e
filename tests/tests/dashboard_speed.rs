//! How fast every page is, by Lighthouse.

use std::time::Duration;

use neustream_tests::kit::browser::Script;
use neustream_tests::kit::stage::Stage;
use neustream_tests::kit::{Context, Result, ensure};
use serde_json::Value;

const ALL: Duration = Duration::from_mins(45);
const PERFORMANCE: u64 = 95;
const ACCESSIBILITY: u64 = 100;

/// `NEUSTREAM_SCREENS` names the screens to be measured, with spaces between them; without it all are.
#[tokio::test]
#[ignore = "a busy machine is no measure of a page; see CONTRIBUTING.md"]
async fn every_page_is_fast_and_for_everybody() -> Result<()> {
    let only = std::env::var("NEUSTREAM_SCREENS").unwrap_or_default();
    let stage = Stage::set().await?;
    let told = stage.told.to_string();
    let arguments: Vec<&str> = std::iter::once(told.as_str()).chain(only.split_whitespace()).collect();
    let mut measuring = Script::start("lighthouse", &arguments)?;
    measuring.finish(ALL).await?;
    measuring.expect_no_problem()?;
    let said = measuring.said();
    let pages = said.iter().find_map(|said| said["pages"].as_array()).context("no pages were found")?;
    let measured: Vec<&Value> = said.iter().filter(|said| said.get("performance").is_some()).collect();
    ensure!(measured.len() == pages.len() && !pages.is_empty(), "{} of {pages:?}", measured.len());
    let mut missed = Vec::new();
    for screen in &measured {
        let of =
            |category: &str| screen[category].as_u64().with_context(|| format!("no {category} in {screen}"));
        let (performance, accessibility) = (of("performance")?, of("accessibility")?);
        eprintln!("figure: {}: performance {performance}, accessibility {accessibility}", screen["screen"]);
        let has_failed = screen.get("failed").is_some_and(|failed| !failed.is_null());
        if has_failed || performance < PERFORMANCE || accessibility < ACCESSIBILITY {
            missed.push(screen.to_string());
        }
    }
    ensure!(missed.is_empty(), "{} screens miss their goal:\n{}", missed.len(), missed.join("\n"));
    Ok(())
}
