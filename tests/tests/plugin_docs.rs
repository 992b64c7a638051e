//! The pages for plugin authors hold: every command and every block of code on them is executed, in order.

use std::path::Path;
use std::time::Duration;

use neustream_contract::Manifest;
use neustream_plugin_cli::conformance::{self, Rule};
use neustream_tests::kit::document::{Document, Scenario};
use neustream_tests::kit::made_up::World;
use neustream_tests::kit::tool::workspace_dir;
use neustream_tests::kit::{Context, Result, ensure};

const PAGES: [&str; 6] = [
    "docs/PLUGINS.md",
    "docs/plugins/chat.md",
    "docs/plugins/destination.md",
    "docs/plugins/languages.md",
    "docs/plugins/moderation.md",
    "docs/plugins/payment.md",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_for_all_kinds_is_true() -> Result<()> {
    is_true("docs/PLUGINS.md").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_about_chats_is_true() -> Result<()> {
    is_true("docs/plugins/chat.md").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_about_destinations_is_true() -> Result<()> {
    is_true("docs/plugins/destination.md").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_about_languages_is_true() -> Result<()> {
    is_true("docs/plugins/languages.md").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_about_moderation_is_true() -> Result<()> {
    is_true("docs/plugins/moderation.md").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_about_payments_is_true() -> Result<()> {
    is_true("docs/plugins/payment.md").await
}

/// Builds the command with optimisations: minutes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "builds the command in release"]
async fn the_command_is_installed_as_the_page_says() -> Result<()> {
    let document = Document::read("docs/PLUGINS.md")?.section("What you need")?;
    let mut scenario = Scenario::open()?.slow();
    scenario.run(&document).await?;
    let took: Duration = scenario.steps().iter().map(|step| step.wall).sum();
    eprintln!("figure: installing the command takes {took:?}");
    Ok(())
}

#[test]
fn no_page_for_authors_is_left_out() -> Result<()> {
    let mut found = vec!["docs/PLUGINS.md".to_owned()];
    for entry in std::fs::read_dir(workspace_dir().join("docs/plugins"))? {
        found.push(format!("docs/plugins/{}", entry?.file_name().to_string_lossy()));
    }
    found.sort();
    ensure!(found == PAGES, "{found:?}");
    Ok(())
}

#[test]
fn every_rule_of_a_conformance_suite_stands_on_its_page() -> Result<()> {
    let kinds = [
        (neustream_contract::Kind::Chat, "docs/plugins/chat.md"),
        (neustream_contract::Kind::Destination, "docs/plugins/destination.md"),
        (neustream_contract::Kind::Moderation, "docs/plugins/moderation.md"),
        (neustream_contract::Kind::Payment, "docs/plugins/payment.md"),
    ];
    let of_kind = |kind| conformance::rules(kind).into_iter().map(row).collect::<Vec<_>>();
    let suites: Vec<_> = kinds.iter().map(|(kind, page)| (*page, of_kind(*kind))).collect();
    let is_common = |rule: &String| suites.iter().all(|(_, suite)| suite.contains(rule));
    let (common, _): (Vec<_>, Vec<_>) = suites[0].1.iter().cloned().partition(is_common);
    expect_rows("docs/PLUGINS.md", &common)?;
    for (page, suite) in &suites {
        let own: Vec<_> = suite.iter().filter(|rule| !is_common(rule)).cloned().collect();
        expect_rows(page, &own)?;
    }
    Ok(())
}

#[test]
fn every_link_of_the_pages_leads_somewhere() -> Result<()> {
    for page in PAGES {
        let text = std::fs::read_to_string(workspace_dir().join(page))?;
        let folder = Path::new(page).parent().context("a folder")?;
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
            let file = workspace_dir().join(if path.is_empty() { page.into() } else { folder.join(path) });
            ensure!(file.exists(), "{page} links to {target}, which is not there");
            let headings = || std::fs::read_to_string(&file).unwrap_or_default();
            let is_there = anchor.is_empty() || headings().lines().any(|line| slug(line) == anchor);
            ensure!(is_there, "{page} links to {target}, which has no such heading");
        }
    }
    Ok(())
}

async fn is_true(page: &str) -> Result<()> {
    let document = Document::read(page)?;
    let world = World::open().await?;
    let mut scenario = Scenario::open()?
        .served_with(world.lead()?)
        .check("toml", |text, _| fits_a_manifest(text))
        .check("wit", |text, _| stands_in_wit(text));
    scenario.run(&document).await
}

/// A fragment of a manifest is valid in a manifest of some kind; one with `schema` is a whole manifest.
fn fits_a_manifest(text: &str) -> Result<()> {
    if text.starts_with("schema") {
        Manifest::from_toml(text)?;
        return Ok(());
    }
    let of_kind = |kind| {
        let head = format!(
            "schema = 1\nid = \"acme/page\"\nversion = \"0.1.0\"\nkind = \"{kind}\"\nname = \"Page\"\nlicense = \"MIT\"\n"
        );
        Manifest::from_toml(&(head + text))
    };
    let mut tried = ["destination", "chat", "payment", "moderation"].map(of_kind);
    let fits = tried.iter().any(Result::is_ok);
    ensure!(
        fits,
        "no manifest can have this: {}",
        tried[0].as_mut().map_or_else(|error| error.to_string(), |_| String::new())
    );
    Ok(())
}

/// An excerpt of `wit/` has its lines, one after the other; comments and empty lines do not count.
fn stands_in_wit(text: &str) -> Result<()> {
    let code = |text: &str| -> Vec<String> {
        let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default().trim().to_owned());
        lines.filter(|line| !line.is_empty()).collect()
    };
    let excerpt = code(text);
    ensure!(!excerpt.is_empty(), "nothing is shown");
    for folder in std::fs::read_dir(workspace_dir().join("wit"))? {
        for file in std::fs::read_dir(folder?.path())? {
            let whole = code(&std::fs::read_to_string(file?.path())?);
            if whole.windows(excerpt.len()).any(|lines| lines == excerpt) {
                return Ok(());
            }
        }
    }
    anyhow::bail!("these lines do not follow each other in wit/")
}

/// A rule's row in the table of its page.
fn row(rule: &'static Rule) -> String {
    format!("| `{}` | {} |", rule.name, rule.asks)
}

/// The page has these rows, in this order, and no other rule.
fn expect_rows(page: &str, rows: &[String]) -> Result<()> {
    let text = std::fs::read_to_string(workspace_dir().join(page))?;
    let table = text.lines().skip_while(|line| !line.starts_with("| Rule |")).skip(2);
    let found: Vec<_> = table.take_while(|line| line.starts_with('|')).collect();
    ensure!(found == rows, "the table of rules in {page} is to be:\n{}", rows.join("\n"));
    Ok(())
}

/// A heading as GitHub names its anchor.
fn slug(line: &str) -> String {
    let Some(text) = line.strip_prefix('#') else { return String::new() };
    let text = text.trim_start_matches('#').trim().to_lowercase();
    let kept = text.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}
