//! From a component's bytes to machine code, without trusting the component.
//!
//! Compiling takes as long and as much memory as its author wants, so it
//! happens in a child process with limits ([`compile_child_main`]), started by
//! [`Compiler`], one at a time. What comes back is authenticated and kept by
//! [`artifacts`]; only what the host authenticated itself is ever loaded.

pub(crate) mod artifacts;
mod child;
mod compiler;

pub use child::compile_child_main;
pub use compiler::Compiler;

/// CPU seconds of the child. An engine of a scripting language takes 7 of them on an idle machine and more than 10 on a
/// busy one, where the same instructions take longer: a limit close to what honest plugins need would refuse them at the worst
/// moment.
pub(crate) const CPU_S: u64 = 30;
/// Memory of the child beyond its own program.
pub(crate) const MEMORY_MIB: u64 = 512;
/// Wall-clock seconds of the child: many more than its CPU time, for busy machines. It only
/// catches a child that neither works nor ends.
pub(crate) const WALL_S: u64 = 6 * CPU_S;
/// The largest artifact.
pub(crate) const MAX_ARTIFACT_MIB: usize = 128;
