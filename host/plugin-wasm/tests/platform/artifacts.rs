//! Compiling under limits, and artifacts that nobody else may write.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use neustream_contract::package::Digest;
use neustream_outbound::OutboundSettings;
use neustream_plugin_wasm::{CompileError, LoadError, PluginsSettings};

use crate::kit::{GALLERY, PACKAGES, Platform, package};
use crate::loading::made;

/// Where the compiled gallery is.
fn artifact(platform: &Platform) -> PathBuf {
    artifact_of(platform, GALLERY)
}

fn artifact_of(platform: &Platform, name: &str) -> PathBuf {
    let digest = Digest::of(&package(name)).to_hex();
    let folder = platform.data_dir().join("plugin-cache");
    let mut files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.find(|path| path.file_name().unwrap().to_string_lossy().starts_with(&digest)).expect("an artifact")
}

fn without_compiler(settings: &mut PluginsSettings) {
    settings.compiler.program = "/nonexistent/compiler".into();
}

#[tokio::test]
async fn a_second_start_takes_the_code_from_the_cache() {
    let platform = Platform::with_gallery(OutboundSettings::default()).await;
    let platform = platform.restarted_with(without_compiler);
    for name in PACKAGES {
        platform.plugins.load(package(name)).await.expect(name);
    }
    assert_eq!(platform.learned("good x").await, "x");
}

/// Starts anew with `change` made to the artifact, and sees that it was compiled anew.
async fn is_compiled_anew_after(change: impl FnOnce(&PathBuf)) {
    let platform = Platform::with_gallery(OutboundSettings::default()).await;
    let path = artifact(&platform);
    let genuine = fs::read(&path).unwrap();
    change(&path);
    let platform = platform.restarted_with(without_compiler);
    let error = platform.plugins.load(package(GALLERY)).await.expect_err("not taken");
    assert!(matches!(&error, LoadError::Compile(CompileError::NotStarted(_))), "{error}");
    let platform = platform.restarted();
    platform.plugins.load(package(GALLERY)).await.expect("compiled anew");
    assert_eq!(platform.learned("good x").await, "x");
    assert_eq!(fs::read(artifact(&platform)).unwrap().len(), genuine.len());
}

#[tokio::test]
async fn a_corrupted_artifact_is_compiled_anew() {
    is_compiled_anew_after(|path| {
        let mut bytes = fs::read(path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(path, bytes).unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_truncated_artifact_is_compiled_anew() {
    is_compiled_anew_after(|path| {
        let bytes = fs::read(path).unwrap();
        fs::write(path, &bytes[..20]).unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_artifact_that_another_host_authenticated_is_compiled_anew() {
    let other = Platform::cold();
    other.plugins.load(package(GALLERY)).await.expect("loads");
    let foreign = fs::read(artifact(&other)).unwrap();
    is_compiled_anew_after(|path| {
        assert_ne!(fs::read(path).unwrap(), foreign, "another key, another MAC");
        fs::write(path, foreign).unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_genuine_artifact_of_another_plugin_is_not_taken() {
    let platform = Platform::with_gallery(OutboundSettings::default()).await;
    fs::copy(artifact_of(&platform, "destinations/kick"), artifact(&platform)).unwrap();
    let platform = platform.restarted_with(without_compiler);
    let error = platform.plugins.load(package(GALLERY)).await.expect_err("not taken");
    assert!(matches!(&error, LoadError::Compile(CompileError::NotStarted(_))), "{error}");
}

#[tokio::test]
async fn the_key_is_for_this_user_only_and_is_replaced_when_others_could_read_it() {
    let platform = Platform::with_gallery(OutboundSettings::default()).await;
    let key = platform.data_dir().join("plugin-cache.key");
    let first = fs::read(&key).unwrap();
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    let platform = platform.restarted();
    assert_eq!(fs::read(&key).unwrap(), first);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let platform = platform.restarted();
    assert_ne!(fs::read(&key).unwrap(), first);
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    drop(platform);
}

/// A function that costs a compiler far more than its size: many blocks, each with every local alive.
fn bomb(functions: usize, locals: usize, blocks: usize) -> String {
    let mut wat = String::from("(component (core module $m ");
    for function in 0..functions {
        write!(wat, "(func (export \"f{function}\") (param i32) (result i32) (local").unwrap();
        wat.push_str(&" i32".repeat(locals));
        wat.push(')');
        for block in 0..blocks {
            let (a, b) = (1 + block % locals, 1 + (block * 7 + 3) % locals);
            write!(
                wat,
                "(loop (local.set {a} (i32.add (local.get {b}) (local.get 0))) \
                 (br_if 0 (i32.lt_s (local.get {a}) (i32.const {block})))"
            )
            .unwrap();
        }
        wat.push_str(&")".repeat(blocks));
        wat.push_str(" (local.get 1))");
    }
    wat.push_str(") (core instance (instantiate $m)))");
    wat
}

#[tokio::test]
async fn a_compile_bomb_dies_in_its_child_while_others_are_served() {
    let platform = Platform::with_gallery(OutboundSettings::default()).await;
    let bomb = made(&bomb(240, 2000, 900));
    println!("bomb of {} kB", bomb.len() / 1000);
    let began = Instant::now();
    let exploding = platform.plugins.load(bomb);
    tokio::pin!(exploding);
    let mut pace = tokio::time::interval(Duration::from_millis(20));
    pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut served = 0;
    let mut slowest = Duration::ZERO;
    let error = loop {
        tokio::select! {
            ended = &mut exploding => break ended.expect_err("a bomb"),
            _ = pace.tick() => {
                let at = Instant::now();
                assert_eq!(platform.learned("good x").await, "x");
                slowest = slowest.max(at.elapsed());
                served += 1;
            }
        }
    };
    println!(
        "{error} after {:?}; {served} calls served meanwhile, the slowest in {slowest:?}",
        began.elapsed()
    );
    assert!(
        matches!(
            &error,
            LoadError::Compile(CompileError::Cpu(_) | CompileError::Memory(_) | CompileError::Wall(_))
        ),
        "{error}"
    );
    assert!(served > 50);
}

#[tokio::test]
async fn a_compiler_that_is_not_there_is_told() {
    let platform = Platform::cold_with(without_compiler);
    let error = platform.plugins.load(package(GALLERY)).await.unwrap_err();
    assert!(matches!(&error, LoadError::Compile(CompileError::NotStarted(_))), "{error}");
}

#[tokio::test]
async fn a_compiler_that_answers_nonsense_is_not_believed() {
    let platform = Platform::cold_with(|settings| {
        settings.compiler.program = "/bin/echo".into();
        settings.compiler.args = vec!["artifact".into()];
    });
    let error = platform.plugins.load(package(GALLERY)).await.unwrap_err();
    assert!(matches!(&error, LoadError::Compile(_)), "{error}");
}
