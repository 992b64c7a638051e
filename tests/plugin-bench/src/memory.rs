//! What is resident: 3000 installations, and after a million calls.

use anyhow::{Context, Result};

use crate::Extent;
use crate::latency::{Question, answered, subjects};
use crate::platform::{call, elsewhere, package, resident_kb, start};
use crate::report::{Report, shown};

/// Tenants, each with three installations.
const TENANTS: usize = 1000;

/// A connector, a filter and a destination each, called once and then idle.
pub async fn measure(report: &mut Report, extent: Extent) -> Result<()> {
    installations(report, extent).await?;
    calls(report, extent).await
}

async fn installations(report: &mut Report, extent: Extent) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let plugins = start(folder.path())?;
    let mut kinds = Vec::new();
    for mut subject in subjects()?.into_iter().filter(|subject| !subject.name.starts_with("payments/")) {
        subject.set_up(&plugins).await?;
        // Code and pool are there before anybody is counted.
        for _ in 0..100 {
            answered(&plugins, &subject.call, &subject.question).await?;
        }
        kinds.push(subject);
    }
    let tenants = if extent.is_quick { TENANTS / 10 } else { TENANTS };
    let before = resident_kb();
    let mut calls = Vec::with_capacity(tenants * kinds.len());
    for _ in 0..tenants {
        for subject in &kinds {
            calls.push((elsewhere(&subject.call), subject.question.clone()));
        }
    }
    let of_the_bench = resident_kb() - before;
    let before = resident_kb();
    for (call, question) in &calls {
        answered(&plugins, call, question).await?;
    }
    let each = (resident_kb() - before) / calls.len() as f64;
    let what = format!("{} installations of {tenants} tenants, called once, a piece", calls.len());
    report.hold(&what, each, 40.0, "kB");
    eprintln!("({of_the_bench:.0} kB of the bench's own are not counted)");
    Ok(())
}

async fn calls(report: &mut Report, extent: Extent) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let plugins = start(folder.path())?;
    let gallery = package("hostile/gallery")?;
    plugins.load(gallery.clone()).await?;
    let call = call(&gallery, "{}")?;
    let (first, all) = (extent.of(100_000), extent.of(1_000_000));
    for _ in 0..first {
        answered(&plugins, &call, &Question::Prepare).await?;
    }
    let before = resident_kb();
    for _ in first..all {
        answered(&plugins, &call, &Question::Prepare).await?;
    }
    let after = resident_kb();
    plugins.load(gallery).await.context("still serves")?;
    report.note(
        &format!("Resident after {first} and after {all} calls"),
        format!("{} and {} kB", shown(before), shown(after)),
    );
    report.hold("Growth over them", (after - before).max(0.0), 1024.0, "kB");
    Ok(())
}
