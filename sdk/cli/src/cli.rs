//! Every command and flag of `neustream-plugin`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::output::Color;

/// From nothing to a signed, tested, installed Neustream plugin.
#[derive(Debug, Parser)]
#[command(name = "neustream-plugin", version, propagate_version = true)]
pub struct Cli {
    /// Print one JSON document instead of lines; what goes on (`logs`, `dev`, `run`) prints JSON Lines.
    #[arg(long, global = true)]
    pub json: bool,
    /// Print results only.
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// When to colour.
    #[arg(long, global = true, value_enum, default_value = "auto")]
    pub color: Color,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Begin a plugin: a project that builds and tests at once. Asks for what the flags do not say.
    New(New),
    /// Make the package, and show its size, imports and permission sheet.
    Build(Build),
    /// Run the kind's conformance suite and the project's transcripts in the production runtime.
    Test(Test),
    /// Run the plugin here, with recorded answers of its platform, again on every save.
    Run(Run),
    /// Show what a package is: permissions, imports, limits, signature.
    Inspect(Inspect),
    /// The publisher's keys.
    #[command(subcommand)]
    Key(Key),
    /// Sign a package with a publisher's key.
    Sign(Sign),
    /// Sign in to a Neustream.
    Login(Login),
    /// Upload a signed package, and show what its review wants.
    Publish(Publish),
    /// Install the plugin as it is into a running Neustream, again on every save.
    Dev(Dev),
    /// Show an installation's log, and follow it. With `--json`, one JSON object a line.
    Logs(Logs),
    /// Ask a Neustream's API as yourself, and print its answer.
    Api(Api),
    /// Print completions for a shell.
    Completions(Completions),
    /// Compiles a plugin from standard input; the command's own child.
    #[command(hide = true)]
    CompilePlugin,
}

/// A project's folder.
#[derive(Debug, Clone, Args)]
pub struct Folder {
    /// The project's folder, with `plugin.toml` in it.
    #[arg(default_value = ".", value_name = "FOLDER")]
    pub folder: PathBuf,
}

/// Kinds of plugins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Says where and how to push a broadcast.
    Destination,
    /// Reads and writes a platform's chat.
    Chat,
    /// Judges messages.
    Moderation,
    /// Takes payments.
    Payment,
}

/// Languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// Rust.
    Rust,
    /// JavaScript with TypeScript's types.
    Javascript,
    /// Python.
    Python,
}

/// `new`
#[derive(Debug, Args)]
pub struct New {
    /// `<namespace>/<name>`; the project's folder is called `<name>`.
    #[arg(value_name = "ID")]
    pub id: Option<String>,
    /// What the plugin is for.
    #[arg(long, value_enum)]
    pub kind: Option<Kind>,
    /// What it is written in.
    #[arg(long, value_enum)]
    pub language: Option<Language>,
    /// Where to put the project, instead of a new folder here.
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
}

/// `build`
#[derive(Debug, Args)]
pub struct Build {
    /// Where.
    #[command(flatten)]
    pub project: Folder,
    /// Where to put the package, instead of `dist/<name>.wasm`.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `test`
#[derive(Debug, Args)]
pub struct Test {
    /// Where.
    #[command(flatten)]
    pub project: Folder,
    /// Run only what contains this: a rule of the conformance suite or a transcript.
    #[arg(long, short, value_name = "TEXT")]
    pub filter: Option<String>,
    /// Test this package instead of building the project.
    #[arg(long, value_name = "FILE")]
    pub package: Option<PathBuf>,
    /// Write what the plugin answered into the transcripts, where it differs.
    #[arg(long)]
    pub update: bool,
}

/// `run`
#[derive(Debug, Args)]
pub struct Run {
    /// Where.
    #[command(flatten)]
    pub project: Folder,
    /// The transcript whose calls to make; all of them where none is named.
    #[arg(long, short, value_name = "NAME")]
    pub transcript: Option<String>,
    /// Ask the platform for real where nothing is recorded, and record its answers. Secrets are taken from
    /// NEUSTREAM_SECRET_<NAME>, or from secrets.toml.
    #[arg(long)]
    pub record: bool,
    /// For moderation: judge what is typed, line by line, instead of the transcripts.
    #[arg(long, short)]
    pub interactive: bool,
    /// End after one run, instead of running again on every save.
    #[arg(long)]
    pub once: bool,
}

/// `inspect`
#[derive(Debug, Args)]
pub struct Inspect {
    /// A package, or a project's folder.
    #[arg(default_value = ".", value_name = "PACKAGE")]
    pub package: PathBuf,
}

/// `key`
#[derive(Debug, Subcommand)]
pub enum Key {
    /// Make a key pair for a namespace.
    New {
        /// The namespace whose packages it signs.
        namespace: String,
    },
    /// List the keys on this machine, by namespace.
    List,
    /// Print a public key, for registering it at a Neustream.
    Show {
        /// The namespace.
        namespace: String,
    },
    /// Write a key pair to a file, for another machine or a safe. The file is sealed with a passphrase.
    Export {
        /// The namespace.
        namespace: String,
        /// Where to; a file that is there is never overwritten.
        file: PathBuf,
        /// Read the passphrase from standard input instead of asking: its first line.
        #[arg(long)]
        passphrase_stdin: bool,
    },
    /// Take a key pair from a file that `export` wrote.
    Import {
        /// Where from.
        file: PathBuf,
        /// Refuse the file unless it holds the key of this namespace.
        #[arg(long)]
        namespace: Option<String>,
        /// Read the passphrase from standard input instead of asking: its first line.
        #[arg(long)]
        passphrase_stdin: bool,
    },
}

/// `sign`
#[derive(Debug, Args)]
pub struct Sign {
    /// A package, or a project's folder whose package was built.
    #[arg(default_value = ".", value_name = "PACKAGE")]
    pub package: PathBuf,
}

/// Which Neustream.
#[derive(Debug, Clone, Args)]
pub struct Server {
    /// Where the Neustream is; the one of the last `login` where nothing is said.
    #[arg(long, env = "NEUSTREAM_SERVER", value_name = "URL")]
    pub server: Option<String>,
}

/// `login`
#[derive(Debug, Args)]
pub struct Login {
    /// Where the Neustream is.
    #[arg(default_value = "http://127.0.0.1:3000", env = "NEUSTREAM_SERVER", value_name = "URL")]
    pub server: String,
    /// The account's e-mail address; asked for where it is not given.
    #[arg(long, env = "NEUSTREAM_EMAIL", value_name = "EMAIL")]
    pub email: Option<String>,
    /// Read the password from standard input instead of asking: its first line.
    #[arg(long)]
    pub password_stdin: bool,
    /// Speak plain HTTP with a server on another machine: whoever is between reads everything.
    #[arg(long)]
    pub allow_http: bool,
}

/// `publish`
#[derive(Debug, Args)]
pub struct Publish {
    /// A package, or a project's folder. What is not built and signed yet, is.
    #[arg(default_value = ".", value_name = "PACKAGE")]
    pub package: PathBuf,
    /// Where to.
    #[command(flatten)]
    pub server: Server,
    /// For the own tenant only.
    #[arg(long)]
    pub private: bool,
    /// Make a key, take the namespace and register the key there without asking, as far as that is needed.
    #[arg(long)]
    pub register: bool,
}

/// `dev`
#[derive(Debug, Args)]
pub struct Dev {
    /// Where.
    #[command(flatten)]
    pub project: Folder,
    /// Where to.
    #[command(flatten)]
    pub server: Server,
    /// End after one upload, instead of uploading again on every save.
    #[arg(long)]
    pub once: bool,
    /// Grant everything that the plugin asks for, without asking.
    #[arg(long)]
    pub grant_all: bool,
    /// A JSON file with the installation's configuration; read again on every save.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Give the installation this secret: from NEUSTREAM_SECRET_<NAME>, or from secrets.toml. May be repeated.
    #[arg(long, value_name = "NAME")]
    pub secret: Vec<String>,
}

/// `logs`
#[derive(Debug, Args)]
pub struct Logs {
    /// An installation's id, or a plugin's.
    #[arg(value_name = "INSTALLATION")]
    pub installation: String,
    /// Where.
    #[command(flatten)]
    pub server: Server,
    /// Go on with what is logged from now on.
    #[arg(long, short)]
    pub follow: bool,
}

/// `api`
#[derive(Debug, Args)]
pub struct Api {
    /// `GET`, `POST`, `PUT`, `PATCH` or `DELETE`.
    #[arg(value_name = "METHOD", ignore_case = true, value_parser = ["GET", "POST", "PUT", "PATCH", "DELETE"])]
    pub method: String,
    /// What stands behind the server's address, such as `/api/installations`. In a project's folder `{installation}`
    /// stands for its installation, and `{plugin}` for its id.
    #[arg(value_name = "PATH")]
    pub path: String,
    /// JSON to send: the text itself, `@FILE`, or `-` for standard input.
    #[arg(value_name = "BODY")]
    pub body: Option<String>,
    /// Where.
    #[command(flatten)]
    pub server: Server,
}

/// `completions`
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell.
    #[arg(value_enum)]
    pub shell: Shell,
}
