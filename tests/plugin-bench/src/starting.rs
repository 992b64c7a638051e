//! From a package to its first answer, and what a server finds that has run before.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::WARM;
use crate::latency::{Subject, subjects};
use crate::platform::{BUNDLED, package, resident_kb, start};
use crate::report::{Report, ms};

/// Installs every bundled plugin as an upload is: compiled in a child process, authenticated, loaded, called once.
pub async fn measure(report: &mut Report) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let before = resident_kb();
    let plugins = start(folder.path())?;
    report.note("Resident: the runtime without plugins adds", format!("{:.0} kB", resident_kb() - before));
    let mut slowest = Duration::ZERO;
    for mut subject in subjects()? {
        let began = Instant::now();
        plugins.load(subject.package.clone()).await?;
        let loaded = began.elapsed();
        subject.set_up(&plugins).await?;
        slowest = slowest.max(began.elapsed());
        let Subject { name, package, .. } = &subject;
        let figure = format!(
            "{} ({} kB, {} before its first call)",
            ms(began.elapsed()),
            package.len() / 1000,
            ms(loaded)
        );
        report.note(&format!("Install to first answer: {name}"), figure);
    }
    report.hold("Install to first answer, the slowest", slowest.as_secs_f64(), 1.0, "s");
    for name in BUNDLED {
        plugins.load(package(name)?).await?;
    }
    // In a process of its own, so that nothing is warm but the files.
    let again = Command::new(std::env::current_exe()?).arg(WARM).arg(folder.path()).output()?;
    ensure!(again.status.success(), "{}", String::from_utf8_lossy(&again.stderr));
    for line in String::from_utf8_lossy(&again.stdout).lines() {
        if let Some((what, figure)) = line.split_once('|') {
            report.note(what, figure.to_owned());
        }
    }
    Ok(())
}

/// Starts where another process has compiled before.
pub async fn measure_again(data_dir: &Path) -> Result<()> {
    let packages = BUNDLED.iter().map(|name| package(name)).collect::<Result<Vec<_>>>()?;
    let began = Instant::now();
    let plugins = start(data_dir)?;
    println!("Start of the runtime|{}", ms(began.elapsed()));
    let before = resident_kb();
    let began = Instant::now();
    for package in packages {
        plugins.load(package).await?;
    }
    println!("All {} bundled plugins from the cache of artifacts|{}", BUNDLED.len(), ms(began.elapsed()));
    println!("Resident: they add|{:.0} kB", resident_kb() - before);
    Ok(())
}
