//! The list of screens is complete, and so are the pictures and the guide that shows them.

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use neustream_tests::kit::browser::Script;
use neustream_tests::kit::tool::workspace_dir;
use neustream_tests::kit::{Context, Result, ensure};
use serde_json::Value;

const SOON: Duration = Duration::from_secs(30);
/// What all pictures may weigh: the repository keeps each of them for ever.
const MOST_BYTES: u64 = 6 << 20;
/// Frames around pages.
const FRAMES: [&str; 3] = ["shell/layout", "sources/source", "administration/room"];

async fn screens() -> Result<Vec<Value>> {
    let said = Script::start("screens", &[])?.says("screens", SOON).await?;
    Ok(said["screens"].as_array().context("a list of screens")?.clone())
}

#[tokio::test]
async fn every_page_of_the_router_is_a_screen() -> Result<()> {
    let router = fs::read_to_string(workspace_dir().join("host/dashboard/src/router.tsx"))?;
    let asked = router.split("import(\"./").skip(1).filter_map(|rest| rest.split('"').next());
    let pages: BTreeSet<&str> = asked.filter(|page| !FRAMES.contains(page)).collect();
    ensure!(pages.len() > 20, "the router names {pages:?} only");
    let screens = screens().await?;
    let shown: BTreeSet<&str> = screens.iter().filter_map(|screen| screen["page"].as_str()).collect();
    let missing: Vec<_> = pages.difference(&shown).collect();
    ensure!(missing.is_empty(), "tests/browser/screens.mjs has no screen of {missing:?}");
    Ok(())
}

#[tokio::test]
async fn every_screen_has_its_pictures_and_every_picture_its_screen() -> Result<()> {
    let mut wanted = BTreeSet::new();
    for screen in screens().await? {
        let name = screen["name"].as_str().context("a name")?;
        wanted.extend([format!("{name}-light.webp"), format!("{name}-dark.webp")]);
        if screen["isOnPhone"] == true {
            wanted.insert(format!("{name}-phone.webp"));
        }
    }
    let (mut there, mut bytes) = (BTreeSet::new(), 0);
    for entry in fs::read_dir(workspace_dir().join("docs/screens"))? {
        let entry = entry?;
        there.insert(entry.file_name().to_string_lossy().into_owned());
        bytes += entry.metadata()?.len();
    }
    let missing: Vec<_> = wanted.difference(&there).collect();
    let left: Vec<_> = there.difference(&wanted).collect();
    ensure!(
        missing.is_empty() && left.is_empty(),
        "run `cargo xtask screens`: missing {missing:?}, left over {left:?}"
    );
    ensure!(bytes <= MOST_BYTES, "docs/screens weighs {bytes} bytes");
    Ok(())
}

#[test]
fn the_guide_shows_pictures_that_exist_and_says_what_is_on_them() -> Result<()> {
    let guide = fs::read_to_string(workspace_dir().join("docs/GUIDE.md"))?;
    let mut pictures = 0;
    for picture in guide.split("![").skip(1) {
        let (words, rest) = picture.split_once("](").context("a picture's address")?;
        let path = rest.split(')').next().unwrap_or_default();
        ensure!(workspace_dir().join("docs").join(path).is_file(), "docs/{path} is not there");
        ensure!(words.len() > 20, "the picture {path} is not described: `{words}`");
        pictures += 1;
    }
    ensure!(pictures >= 10, "the guide shows {pictures} pictures");
    let readme = fs::read_to_string(workspace_dir().join("README.md"))?;
    ensure!(readme.contains("(docs/GUIDE.md)"), "the README leads nobody to the guide");
    Ok(())
}
