//! A thousand hostile plugins, and more: packages that are made by chance, the same for the same seed.
//!
//! | file | family |
//! |---|---|
//! | `misbehaving` | hand-written modules that misbehave in one place: start, export, `cabi_realloc`, post-return, answer |
//! | `gallery` | the compiled galleries of `plugins/hostile` with a script of deeds |
//! | `random` | random valid modules (wasm-smith) behind a kind's real interface |
//! | `handles` | components that make resources of their own and keep them |
//! | `damaged` | real packages with flipped bits, cut off, or with parts of others |
//! | `deceptive` | sections, manifests and schemas that lie |
//! | `bomb` | what costs a compiler or validator far more than its size |
//!
//! A package is made from the outside, as an author could: by its binary format and by `wit/`. No crate of the
//! house is used, so that a fault of the packer cannot hide one of the reader.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that panics has failed"))]

mod bomb;
mod damaged;
mod deceptive;
mod dice;
mod gallery;
mod handles;
mod interface;
mod misbehaving;
mod package;
mod random;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use dice::Dice;
use interface::Interface;
pub use interface::Kind;
pub use misbehaving::{Crafted, Place};
pub use package::{package, package_with, section, with_section, without_custom_sections};

/// One hostile package, and what to ask of it if it can be installed.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Which one it is.
    pub number: u32,
    /// Its family and parameters, for whoever reads a failure.
    pub name: String,
    /// What it claims to be.
    pub kind: Kind,
    /// The package.
    pub package: Vec<u8>,
    /// What to hand to its functions, one call each: a deed of the galleries, or anything.
    pub deeds: Vec<String>,
}

/// What samples are made from: the interfaces, and the packages that `cargo xtask plugins` has built.
pub struct Stock {
    interfaces: Vec<(Kind, Interface)>,
    galleries: Vec<(Kind, Vec<u8>)>,
    real: Vec<Vec<u8>>,
    namespace: String,
}

impl Stock {
    /// Reads `wit/` and `plugins/dist/` of this workspace.
    ///
    /// # Errors
    /// What is missing, and the command that makes it.
    pub fn of_the_workspace() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut interfaces = Vec::new();
        let mut galleries = Vec::new();
        for kind in Kind::ALL {
            interfaces.push((kind, Interface::read(&root.join("wit"), kind)?));
            galleries.push((kind, read(&root.join("plugins/dist/hostile").join(kind.gallery()))?));
        }
        let mut paths = Vec::new();
        for folder in ["destinations", "chat", "moderation", "payments"] {
            let folder = std::fs::read_dir(root.join("plugins/dist").join(folder));
            paths.extend(folder.into_iter().flatten().flatten().map(|entry| entry.path()));
        }
        // The order of a folder is that of the file system.
        paths.sort();
        let mut real = paths.iter().map(read).collect::<Result<Vec<_>>>()?;
        real.extend(galleries.iter().map(|(_, package)| package.clone()));
        Ok(Self { interfaces, galleries, real, namespace: "hostile".to_owned() })
    }

    /// The same stock, whose samples claim to be of this namespace.
    #[must_use]
    pub fn of_namespace(mut self, namespace: &str) -> Self {
        namespace.clone_into(&mut self.namespace);
        self
    }

    /// The id of a sample.
    fn id(&self, number: u32) -> String {
        format!("{}/s-{number}", self.namespace)
    }

    /// The sample `number` of `seed`: the same for the same sources.
    ///
    /// # Errors
    /// A fault of this generator, never of chance.
    pub fn sample(&self, seed: u64, number: u32) -> Result<Sample> {
        let mut dice = Dice::new(seed, number);
        let dice = &mut dice;
        // Of ten, four misbehave by hand, and each other family has its share.
        let made = match number % 10 {
            0..=3 => misbehaving::sample(self, number, dice),
            4 | 5 => Ok(gallery::sample(self, number, dice)),
            6 | 7 => random::sample(self, number, dice),
            8 => Ok(damaged::sample(self, number, dice)),
            _ if number % 20 == 9 => Ok(deceptive::sample(self, number, dice)),
            _ => Ok(bomb::sample(self, number, dice)),
        };
        made.with_context(|| format!("sample {number} of seed {seed}"))
    }

    /// The compiled gallery of `kind`.
    pub fn gallery(&self, kind: Kind) -> &[u8] {
        &self.galleries.iter().find(|(known, _)| *known == kind).expect("every kind has one").1
    }

    /// A component of `kind` around a module that was written by hand.
    ///
    /// # Errors
    /// When the module's text is none.
    pub fn crafted(&self, kind: Kind, crafted: &Crafted) -> Result<Vec<u8>> {
        crafted.component(self.interface(kind))
    }

    /// A component of `kind` that makes so many resources of its own and keeps a handle of each, when it is
    /// instantiated.
    ///
    /// # Errors
    /// A fault of this generator.
    pub fn with_handles(&self, kind: Kind, handles: u32) -> Result<Vec<u8>> {
        handles::with_handles(&self.crafted(kind, &Crafted::doing(Place::Answer, ""))?, handles)
    }

    fn interface(&self, kind: Kind) -> &Interface {
        &self.interfaces.iter().find(|(known, _)| *known == kind).expect("every kind has one").1
    }
}

fn read(path: &PathBuf) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("{}: run `cargo xtask plugins` first", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_packages_again_and_another_seed_gives_others() {
        let stock = Stock::of_the_workspace().unwrap();
        for number in 0..40 {
            let (one, again) = (stock.sample(7, number).unwrap(), stock.sample(7, number).unwrap());
            assert_eq!(one.package, again.package, "{}", one.name);
            assert_eq!(one.deeds, again.deeds);
        }
        let differing = (0..40).filter(|number| {
            stock.sample(7, *number).unwrap().package != stock.sample(8, *number).unwrap().package
        });
        assert!(differing.count() > 30);
    }

    #[test]
    fn a_thousand_are_all_made_and_nearly_all_different() {
        let stock = Stock::of_the_workspace().unwrap();
        let samples: Vec<_> = (0..1000).map(|number| stock.sample(1, number).unwrap().package).collect();
        let different: std::collections::HashSet<_> = samples.iter().collect();
        assert!(different.len() > 990, "{}", different.len());
    }
}
