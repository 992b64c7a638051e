//! The corpus that fuzzing left behind, run again without a fuzzer.

#[path = "../fuzz/hostile_peer.rs"]
mod hostile_peer;

use std::fs;
use std::path::Path;

#[test]
fn every_peer_of_the_kept_corpus_is_survived_within_the_limits() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/session");
    let mut peers = 0;
    for entry in fs::read_dir(&corpus).expect("the corpus is in the repository") {
        let path = entry.expect("a readable folder").path();
        hostile_peer::run(&fs::read(&path).expect("a readable file"));
        peers += 1;
    }
    assert!(peers > 100, "{peers} files in {}", corpus.display());
}
