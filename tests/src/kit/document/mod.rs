//! Documents that are run: every command and every code block of a page is executed, in order, as a reader would.
//!
//! | Block | What is done with it |
//! |---|---|
//! | `console` | lines that begin with `$ ` (and go on with `> `) run in one shell a page, which begins in an empty folder; the lines below are what they print, `...` stands for any text in a line or any lines; without lines below, the output is not shown and not compared |
//! | `console exit=1` | the same, and the block's last command ends with that code; every other command succeeds |
//! | `console slow` | run only by tests that ask for it ([`Scenario::slow`]) |
//! | any `title="FILE"` | is written to that file in the shell's folder; with `append` added to it; with `excerpt` it stands in that file already, word for word |
//! | `diff title="FILE"` | changes that file; see [`edit`] |
//! | `json` | parses |
//! | others | are given to the check that the test has for the language ([`Scenario::check`]) |
//!
//! A block that nothing is done with is an error: none escapes. So is a file that no later command could have read,
//! and a page that is no longer there. Failures name the file and the line.
//!
//! `http://127.0.0.1:3000` is a real server of the kit's, started when a block names it, on a port of its own: the
//! address is put into commands and taken out of what they print. It has an account `you@example.com`, whose password
//! is in the shell's variable `PASSWORD`.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use super::api::{Account, PASSWORD};
use super::server::{Server, Settings};
use super::tool;

pub mod block;
pub mod edit;
mod expected;
mod shell;

use block::Block;
use shell::{Outcome, Shell};

/// How long one command of a page may take.
const COMMAND: Duration = Duration::from_mins(5);
/// And one of a block that is said to be slow, such as a build with optimisations.
const SLOW_COMMAND: Duration = Duration::from_mins(30);

/// Where pages say that a Neustream is.
const SERVER: &str = "127.0.0.1:3000";

/// Whose account it has.
pub const EMAIL: &str = "you@example.com";

/// A page that can be run.
pub struct Document {
    path: PathBuf,
    blocks: Vec<Block>,
}

/// What decides about blocks of a language that nothing else is done with; gets the text and the shell's folder.
type Check = Box<dyn Fn(&str, &Path) -> Result<()>>;

/// A reader in front of an empty folder.
pub struct Scenario {
    shell: Shell,
    settings: Settings,
    /// The server and its account, once a block has named it.
    server: Option<(Server, Account)>,
    checks: Vec<(&'static str, Check)>,
    runs_slow: bool,
    steps: Vec<Step>,
    /// Holds the folder against other runs.
    _turn: File,
}

/// A command that ran.
#[derive(Debug, Clone)]
pub struct Step {
    /// The command as the page has it.
    pub command: String,
    /// How long it took.
    pub wall: Duration,
    /// CPU time of its processes and of the server meanwhile.
    pub cpu: Duration,
}

impl Document {
    /// Reads a page of this repository, such as `docs/PLUGINS.md`.
    ///
    /// # Errors
    /// When it cannot be read, or a block of it not understood.
    pub fn read(path: &str) -> Result<Self> {
        let text = std::fs::read_to_string(tool::workspace_dir().join(path));
        Self::of(path, &text.with_context(|| path.to_owned())?)
    }

    /// A page that is called `path`.
    ///
    /// # Errors
    /// When a block of it cannot be understood.
    pub fn of(path: &str, text: &str) -> Result<Self> {
        let blocks = block::blocks(text).with_context(|| path.to_owned())?;
        ensure!(!blocks.is_empty(), "{path} has no blocks to run");
        Ok(Self { path: PathBuf::from(path), blocks })
    }

    /// Only what stands below this heading.
    ///
    /// # Errors
    /// When nothing does.
    pub fn section(mut self, heading: &str) -> Result<Self> {
        self.blocks.retain(|block| block.is_below(heading));
        ensure!(!self.blocks.is_empty(), "{} has no blocks below `{heading}`", self.path.display());
        Ok(self)
    }

    /// The same page with `to` instead of `from`, which must stand in its commands.
    ///
    /// # Errors
    /// When it does not.
    pub fn with(mut self, from: &str, to: &str) -> Result<Self> {
        ensure!(
            self.blocks.iter().any(|block| block.text.contains(from)),
            "{} has no `{from}`",
            self.path.display()
        );
        for block in &mut self.blocks {
            block.text = block.text.replace(from, to);
        }
        Ok(self)
    }
}

impl Scenario {
    /// An empty folder, the command `neustream-plugin` with a home of its own, a build folder that all share.
    ///
    /// The folder has the same path every time, named after the test: cargo knows crates by their paths, so what was
    /// built for the last run is found again, and does not heap up.
    ///
    /// # Errors
    /// When the command was not built.
    pub fn open() -> Result<Self> {
        let shared = tool::target_profile_dir()?.with_file_name("plugin-docs");
        let test = std::thread::current().name().unwrap_or("unnamed").replace("::", "-");
        let place = shared.join("places").join(test);
        let turn = taken(&place)?;
        let (folder, home) = (place.join("work"), place.join("home"));
        for empty in [&folder, &home] {
            if empty.exists() {
                std::fs::remove_dir_all(empty)?;
            }
            std::fs::create_dir_all(empty)?;
        }
        let command = tool::plugin_command()?;
        let variables = [
            ("NEUSTREAM_PLUGIN_HOME", home.display().to_string()),
            ("CARGO_TARGET_DIR", shared.join("cargo").display().to_string()),
            // What a page installs is no business of whoever runs the tests.
            ("CARGO_INSTALL_ROOT", home.join("installed").display().to_string()),
            ("REPOSITORY", tool::workspace_dir().display().to_string()),
            ("PASSWORD", PASSWORD.to_owned()),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value));
        let programs = command.parent().context("the command's folder")?;
        let shell = Shell::start(&folder, programs, &variables)?;
        let settings = Settings::new()?;
        Ok(Self {
            shell,
            settings,
            server: None,
            checks: Vec::new(),
            runs_slow: false,
            steps: Vec::new(),
            _turn: turn,
        })
    }

    /// With this check for blocks of a language.
    #[must_use]
    pub fn check(
        mut self,
        language: &'static str,
        check: impl Fn(&str, &Path) -> Result<()> + 'static,
    ) -> Self {
        self.checks.push((language, Box::new(check)));
        self
    }

    /// With a server that is started with these settings.
    #[must_use]
    pub fn served_with(self, settings: Settings) -> Self {
        Self { settings, ..self }
    }

    /// With the blocks that take minutes.
    #[must_use]
    pub fn slow(self) -> Self {
        Self { runs_slow: true, ..self }
    }

    /// What ran so far.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The server and the account, started if no block has named it so far.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn server(&mut self) -> Result<&(Server, Account)> {
        if self.server.is_none() {
            let server = self.settings.clone().start().await?;
            let account = Account::register_as(server.http(), EMAIL).await?;
            self.server = Some((server, account));
        }
        self.server.as_ref().context("the server")
    }

    /// Where the shell is.
    pub fn folder(&self) -> &Path {
        self.shell.folder()
    }

    /// Runs all blocks of a page.
    ///
    /// # Errors
    /// When a block is not as the page says; with its file and line.
    pub async fn run(&mut self, document: &Document) -> Result<()> {
        let mut unread = None;
        for block in &document.blocks {
            let place = format!("{}:{}", document.path.display(), block.line);
            self.block(block, &document.path).await.with_context(|| place.clone())?;
            match block.language.as_str() {
                "console" => unread = None,
                _ if block.attributes.title.is_some() && !block.attributes.excerpt => unread = Some(place),
                _ => {}
            }
        }
        match unread {
            Some(place) => bail!("{place}: no command after this block uses the file"),
            None => Ok(()),
        }
    }

    async fn block(&mut self, block: &Block, page: &Path) -> Result<()> {
        if block.attributes.slow && !self.runs_slow {
            ensure!(block.language == "console", "only `console` can be slow");
            return Ok(());
        }
        if block.language == "console" {
            return self.console(block, page).await;
        }
        if let Some(title) = &block.attributes.title {
            return self.file(block, title);
        }
        if let Some((_, check)) = self.checks.iter().find(|(language, _)| *language == block.language) {
            return check(&block.text, self.shell.folder());
        }
        match block.language.as_str() {
            "json" => {
                serde_json::from_str::<serde_json::Value>(&block.text).context("this is not JSON")?;
                Ok(())
            }
            other => bail!("nothing is done with a block of `{other}` without a title: it would escape"),
        }
    }

    /// Writes, changes or compares a file.
    fn file(&self, block: &Block, title: &str) -> Result<()> {
        let path = self.shell.folder().join(title);
        let read = || std::fs::read_to_string(&path).with_context(|| format!("read {title}"));
        if block.attributes.excerpt {
            let is_there = read()?.contains(&block.text);
            ensure!(is_there, "this does not stand in {title}, which has:\n{}", read()?);
            return Ok(());
        }
        let text = match (block.language.as_str(), block.attributes.append) {
            ("diff", _) => edit::edited(&read()?, &block.text)?,
            (_, true) => read()? + &block.text,
            (_, false) => block.text.clone(),
        };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&path, text).with_context(|| format!("write {title}"))
    }

    async fn console(&mut self, block: &Block, page: &Path) -> Result<()> {
        let commands = commands(block)?;
        let last = commands.len() - 1;
        for (place, command) in commands.into_iter().enumerate() {
            let wanted = if place == last { block.attributes.exit } else { 0 };
            let at = format!("{}:{}: `{}`", page.display(), command.line, command.text);
            let outcome =
                self.command(&command.text, block.attributes.slow).await.with_context(|| at.clone())?;
            let (exit, output) = (outcome.exit, self.as_printed(&outcome.output));
            eprintln!("{at} ({:.1?})\n{output}\n", outcome.wall);
            ensure!(exit == wanted, "{at} ended with {exit} instead of {wanted}; it printed:\n{output}");
            let is_as_shown = command.prints.is_empty() || expected::is_as_shown(&command.prints, &output);
            let shown = &command.prints;
            ensure!(is_as_shown, "{at} printed\n{output}\n--- instead of\n{shown}\n---");
        }
        Ok(())
    }

    async fn command(&mut self, text: &str, is_slow: bool) -> Result<Outcome> {
        let text = if text.contains(SERVER) {
            text.replace(SERVER, &self.server().await?.0.http().to_string())
        } else {
            text.to_owned()
        };
        let served = self.served_cpu()?;
        let outcome = self.shell.run(&text, if is_slow { SLOW_COMMAND } else { COMMAND }).await?;
        let cpu = outcome.cpu + self.served_cpu()?.saturating_sub(served);
        self.steps.push(Step { command: text, wall: outcome.wall, cpu });
        Ok(outcome)
    }

    /// CPU time of the server and its children.
    fn served_cpu(&self) -> Result<Duration> {
        self.server.as_ref().map_or(Ok(Duration::ZERO), |(server, _)| server.cpu_time_with_children())
    }

    /// What a command printed, as the page has it: with its address of the server, and without lines of progress,
    /// which a terminal shows for a moment only.
    fn as_printed(&self, output: &str) -> String {
        let address = self.server.as_ref().map(|(server, _)| server.http().to_string());
        let output = address.map_or_else(|| output.to_owned(), |address| output.replace(&address, SERVER));
        let lines = output.lines().filter(|line| !line.ends_with(" ..."));
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// A folder that is this run's own for as long as the file is open.
fn taken(place: &Path) -> Result<File> {
    std::fs::create_dir_all(place)?;
    let turn = File::create(place.join("turn"))?;
    turn.lock().with_context(|| format!("take {}", place.display()))?;
    Ok(turn)
}

/// A command of a block.
struct Shown {
    line: usize,
    text: String,
    prints: String,
}

/// The commands of a `console` block. Lines that begin with `> ` go on with the command above, as in a shell.
fn commands(block: &Block) -> Result<Vec<Shown>> {
    let mut found: Vec<Shown> = Vec::new();
    let mut is_command = false;
    for (line, number) in block.text.lines().zip(block.line + 1..) {
        if let Some(text) = line.strip_prefix("$ ") {
            found.push(Shown { line: number, text: text.to_owned(), prints: String::new() });
            is_command = true;
            continue;
        }
        let last = found.last_mut().context("the block does not begin with `$ `")?;
        if let Some(text) = line.strip_prefix('>').filter(|_| is_command) {
            last.text.push('\n');
            last.text.push_str(text.strip_prefix(' ').unwrap_or(text));
        } else {
            is_command = false;
            last.prints.push_str(line);
            last.prints.push('\n');
        }
    }
    ensure!(!found.is_empty(), "the block has no command");
    Ok(found)
}

#[cfg(test)]
mod tests;
