//! A misdeed in every place where guest code runs: start function, export, `cabi_realloc`, post-return.

use neustream_contract::{CallErrorKind, Kind};
use neustream_hostile::{Crafted, Place};

use crate::kit::{KINDS, Platform, crafted};

/// How a guest that misbehaves so is ended, if it is.
async fn end_of(platform: &Platform, kind: Kind, misdeed: &Crafted) -> Option<CallErrorKind> {
    let package = crafted(kind, misdeed);
    platform.plugins.load(package.clone()).await.expect("valid code loads");
    let ended = platform.deed_of(kind, &platform.call_of(&package), "x").await;
    if let Err(error) = &ended {
        println!("{} in {:?}: {error}", kind.as_str(), misdeed.place);
    }
    platform.still_serves(kind).await;
    // An answer of zeroes is refused by some kinds; the guest was not ended.
    ended.err().map(|error| error.kind).filter(|kind| *kind != CallErrorKind::Other)
}

/// Places where code runs in every call of every kind.
const PLACES: [Place; 4] = [Place::Start, Place::Export, Place::Realloc, Place::PostReturn];

#[tokio::test]
async fn an_endless_loop_ends_wherever_it_is() {
    let platform = Platform::open().await;
    for kind in KINDS {
        for place in PLACES {
            let ended = end_of(&platform, kind, &Crafted::doing(place, "(loop $l (br $l))")).await;
            assert_eq!(ended, Some(CallErrorKind::Timeout), "{} in {place:?}", kind.as_str());
        }
    }
}

#[tokio::test]
async fn a_trap_ends_the_call_wherever_it_is() {
    let platform = Platform::open().await;
    for kind in KINDS {
        for place in PLACES {
            let ended = end_of(&platform, kind, &Crafted::doing(place, "unreachable")).await;
            assert_eq!(ended, Some(CallErrorKind::Trap), "{} in {place:?}", kind.as_str());
        }
    }
}

#[tokio::test]
async fn bulk_operations_over_the_whole_memory_do_not_outrun_the_budget() {
    let platform = Platform::open().await;
    let whole = "(i32.mul (memory.size) (i32.const 65536))";
    let grown = "(drop (memory.grow (i32.const 200)))";
    for kind in KINDS {
        for body in [
            format!("{grown} (loop $l (memory.fill (i32.const 0) (i32.const 1) {whole}) (br $l))"),
            format!("{grown} (loop $l (memory.copy (i32.const 0) (i32.const 0) {whole}) (br $l))"),
        ] {
            let ended = end_of(&platform, kind, &Crafted::doing(Place::Export, &body)).await;
            assert_eq!(ended, Some(CallErrorKind::Timeout), "{}: {body}", kind.as_str());
        }
    }
}

#[tokio::test]
async fn tables_grow_to_their_ceiling_and_no_further() {
    let platform = Platform::open().await;
    // Traps as soon as it may have more than 100,000 elements.
    let body = "(loop $l \
        (if (i32.eq (table.grow $t (ref.null func) (i32.const 1000)) (i32.const -1)) (then (return))) \
        (if (i32.gt_u (table.size $t) (i32.const 100000)) (then unreachable)) (br $l))";
    for kind in KINDS {
        let misdeed =
            Crafted { fields: "(table $t 1 funcref)".to_owned(), ..Crafted::doing(Place::Export, body) };
        assert_eq!(end_of(&platform, kind, &misdeed).await, None, "{}", kind.as_str());
        let endless = Crafted {
            fields: "(table $t 1 funcref)".to_owned(),
            ..Crafted::doing(
                Place::Export,
                "(loop $l (drop (table.grow $t (ref.null func) (i32.const 1))) (br $l))",
            )
        };
        assert_eq!(end_of(&platform, kind, &endless).await, Some(CallErrorKind::Timeout));
    }
}

#[tokio::test]
async fn recursion_in_the_start_function_ends_in_the_guest() {
    let platform = Platform::open().await;
    for kind in KINDS {
        let misdeed = Crafted {
            fields: "(func $deep (param i64) (result i64) \
                     (i64.add (call $deep (i64.add (local.get 0) (i64.const 1))) (local.get 0)))"
                .to_owned(),
            ..Crafted::doing(Place::Start, "(drop (call $deep (i64.const 0)))")
        };
        assert_eq!(end_of(&platform, kind, &misdeed).await, Some(CallErrorKind::Limit), "{}", kind.as_str());
    }
}
