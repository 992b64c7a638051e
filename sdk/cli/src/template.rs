//! Projects to begin with: the smallest complete plugin of each kind and language, which are the examples of this
//! repository, with a copy of the SDK. There is no second copy of them: what an author gets is what is tested here.

use std::fs;
use std::io;
use std::path::Path;

use neustream_contract::Kind;
use neustream_plugin_project::Language;
use rust_embed::RustEmbed;

/// `<language>/<kind>/...`
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../examples/plugins"]
#[include = "rust/*"]
#[include = "javascript/*"]
#[include = "python/*"]
#[exclude = "*/target/*"]
#[exclude = "*/dist/*"]
#[exclude = "*/node_modules/*"]
#[exclude = "*/.venv/*"]
#[exclude = "*/__pycache__/*"]
#[exclude = "*/.mypy_cache/*"]
#[exclude = "*/recordings/*"]
#[exclude = "*/secrets.toml"]
#[exclude = "*/settings.json"]
struct Examples;

/// `rust/...`, `js/...`, `python/...`
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/.."]
#[include = "rust/*"]
#[include = "js/*"]
#[include = "python/*"]
#[exclude = "*/target/*"]
#[exclude = "*/node_modules/*"]
#[exclude = "*/.venv/*"]
#[exclude = "*/__pycache__/*"]
#[exclude = "*/.mypy_cache/*"]
#[exclude = "*.egg-info/*"]
#[exclude = "*/test/*"]
#[exclude = "*/tests/*"]
#[exclude = "rust/Cargo.lock"]
struct Sdks;

/// What a project begins with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Template {
    pub kind: Kind,
    pub language: Language,
}

impl Template {
    /// Whether there is one for this kind in this language.
    pub fn is_there(self) -> bool {
        let has = |file: &str| Examples::get(&format!("{}{file}", self.folder())).is_some();
        has("plugin.toml") && has(self.language.project_file())
    }

    fn folder(self) -> String {
        format!("{}/{}/", self.language.as_str(), self.kind.as_str())
    }

    /// Writes the project of the plugin `id` into `folder`, which must be there.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(self, id: &str, folder: &Path) -> io::Result<()> {
        let prefix = self.folder();
        for path in Examples::iter() {
            let Some(place) = path.strip_prefix(&prefix) else { continue };
            let content = Examples::get(&path).expect("it was listed").data;
            let content = match std::str::from_utf8(&content) {
                Ok(text) => self.filled_in(text, place, id).into_bytes(),
                Err(_) => content.into_owned(),
            };
            write(&folder.join(place), &content)?;
        }
        let (sdk, vendored) = self.sdk();
        for path in Sdks::iter() {
            let Some(place) = path.strip_prefix(sdk) else { continue };
            let content = Sdks::get(&path).expect("it was listed").data;
            write(&folder.join(vendored).join(place), &content)?;
        }
        Ok(())
    }

    /// Where the SDK lies in this repository's `sdk/`, and where its copy lies in a project.
    fn sdk(self) -> (&'static str, &'static str) {
        match self.language {
            Language::Rust => ("rust/", "vendor/neustream-plugin"),
            Language::Javascript => ("js/", "vendor/neustream-plugin"),
            Language::Python => ("python/", "vendor/neustream_plugin"),
        }
    }

    /// The text of the example's file `place` with the author's words in place of the example's.
    fn filled_in(self, text: &str, place: &str, id: &str) -> String {
        let (kind, language) = (self.kind.as_str(), self.language.as_str());
        let (sdk, vendored) = self.sdk();
        let package = package_name(id);
        let text = text
            .replace(&format!("example/{kind}-{language}"), id)
            .replace(&format!("example-{kind}-{language}"), &package)
            .replace(&format!("example_{kind}_{language}"), &package.replace('-', "_"))
            .replace(&format!("../../../../sdk/{}", sdk.trim_end_matches('/')), vendored);
        match place {
            "plugin.toml" => {
                let lines = text.lines().filter(|line| !line.starts_with("publisher = "));
                let named = lines.map(|line| match line.strip_prefix("name = ") {
                    Some(_) => format!("name = \"{}\"\n", title(id)),
                    None => format!("{line}\n"),
                });
                named.collect()
            }
            "README.md" => match text.split_once('\n') {
                Some((first, rest)) if first.starts_with("# ") => format!("# {}\n{rest}", title(id)),
                _ => text,
            },
            _ => text,
        }
    }
}

/// What cargo, npm and pip call the plugin: `acme/odysee` is `acme-odysee`. None of them likes a digit first.
fn package_name(id: &str) -> String {
    let name = id.replace('/', "-");
    if name.starts_with(|first: char| first.is_ascii_digit()) { format!("plugin-{name}") } else { name }
}

/// A name for people to begin with: `acme/odysee-live` is `Odysee live`.
fn title(id: &str) -> String {
    let words = id.split_once('/').map_or(id, |(_, name)| name).replace('-', " ");
    let words = words.trim();
    let mut chars = words.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, content)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use neustream_plugin_project::Project;

    use super::*;

    fn templates() -> impl Iterator<Item = Template> {
        let all = Kind::ALL
            .into_iter()
            .flat_map(|kind| Language::ALL.into_iter().map(move |language| Template { kind, language }));
        all.filter(|template| template.is_there())
    }

    fn files_of(folder: &Path) -> Vec<(String, Vec<u8>)> {
        let mut files = Vec::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(next) = folders.pop() {
            for entry in fs::read_dir(next).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let place = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                    files.push((place, fs::read(&path).unwrap()));
                }
            }
        }
        files
    }

    #[test]
    fn there_is_a_project_for_every_kind_in_rust() {
        for kind in Kind::ALL {
            assert!(Template { kind, language: Language::Rust }.is_there(), "{}", kind.as_str());
        }
    }

    #[test]
    fn a_project_is_valid_and_says_nothing_of_the_example_nor_of_this_repository() {
        for template in templates() {
            let folder = tempfile::tempdir().unwrap();
            template.write("acme-2/my-plugin", folder.path()).unwrap();
            let project = Project::open(folder.path()).unwrap();
            assert_eq!(project.manifest().id, "acme-2/my-plugin");
            assert_eq!(project.manifest().name, "My plugin");
            assert_eq!((project.manifest().kind, project.language()), (template.kind, template.language));
            for (place, content) in files_of(folder.path()) {
                let text = String::from_utf8_lossy(&content);
                let kind = template.kind.as_str();
                for word in ["../sdk", &format!("example/{kind}"), &format!("example-{kind}")] {
                    assert!(!text.contains(word), "{template:?}: {place} says {word}");
                }
            }
        }
    }

    #[test]
    fn a_project_has_its_sdk_and_ignores_what_is_built() {
        for template in templates() {
            let folder = tempfile::tempdir().unwrap();
            template.write("acme/words", folder.path()).unwrap();
            let files: Vec<_> = files_of(folder.path()).into_iter().map(|(place, _)| place).collect();
            let has = |wanted: &str| files.iter().any(|place| place.ends_with(wanted));
            // The other languages get the interfaces from the command when they are built.
            let has_interfaces = has("host.wit") && has(&format!("{}.wit", template.kind.as_str()));
            assert_eq!(has_interfaces, template.language == Language::Rust, "{files:?}");
            assert!(files.iter().any(|place| place.starts_with("vendor/")), "{files:?}");
            assert!(files.iter().any(|place| place.starts_with("transcripts/")), "{files:?}");
            let git = |args: &[&str]| {
                let done = Command::new("git").args(args).current_dir(folder.path()).output().unwrap();
                assert!(done.status.success(), "{done:?}");
                String::from_utf8(done.stdout).unwrap()
            };
            git(&["init", "--quiet"]);
            for built in ["dist/words.wasm", "secrets.toml", "settings.json"] {
                write(&folder.path().join(built), b"").unwrap();
            }
            let seen = git(&["status", "--porcelain", "--untracked-files=all"]);
            assert!(!seen.contains("dist/") && !seen.contains("secrets.toml"), "{seen}");
            assert!(seen.contains("vendor/") && seen.contains("plugin.toml"), "{seen}");
        }
    }

    #[test]
    fn names_fit_their_toolchains_and_people() {
        assert_eq!(package_name("acme/odysee"), "acme-odysee");
        assert_eq!(package_name("9gag/live"), "plugin-9gag-live");
        assert_eq!(title("acme/odysee-live"), "Odysee live");
    }
}
