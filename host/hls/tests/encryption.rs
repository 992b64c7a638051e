//! Encrypted segments, as players see them.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod support;

use std::collections::BTreeSet;

use aes::Aes128;
use aes::cipher::{BlockModeDecrypt, KeyIvInit, block_padding::Pkcs7};
use neustream_hls::{Packager, PackagerSettings, ResourceName, SegmentEncryption};
use neustream_media::Track;
use support::{AAC_44K, Encoder, everything_stays, header, names_in, push_all, values};

const SEGMENTS_PER_KEY: u64 = 3;

fn encryption() -> SegmentEncryption {
    SegmentEncryption::new([42; 32], SEGMENTS_PER_KEY)
}

fn encrypted(mut settings: PackagerSettings) -> Packager {
    settings.encryption = Some(encryption());
    Packager::new(settings)
}

/// Decrypts as RFC 8216 §5.2 says: the initialization vector is the segment's number.
fn decrypted(packager: &Packager, key: u64, msn: u64, body: &[u8]) -> Vec<u8> {
    let key: [u8; 16] = packager.resource(&ResourceName::Key(key)).unwrap().as_ref().try_into().unwrap();
    let vector = u128::from(msn).to_be_bytes();
    let cipher = cbc::Decryptor::<Aes128>::new(&key.into(), &vector.into());
    cipher.decrypt_padded_vec::<Pkcs7>(body).unwrap()
}

/// The key that a player takes for each segment: the last that was told before it.
fn keys_of_segments(playlist: &str) -> Vec<(u64, Option<u64>)> {
    let mut key = None;
    let mut keys = Vec::new();
    for line in playlist.lines() {
        if let Some(attributes) = line.strip_prefix("#EXT-X-KEY:") {
            key = if let Some((method, rest)) = attributes.split_once("URI=\"key-") {
                assert_eq!(method, "METHOD=AES-128,");
                Some(rest.strip_suffix(".bin\"").unwrap().parse().unwrap())
            } else {
                assert_eq!(attributes, "METHOD=NONE");
                None
            };
        } else if line.starts_with("#EXT-X-MAP") {
            assert_eq!(key, None, "a key holds for an initialization section: {playlist}");
        } else if let Ok(ResourceName::Segment(msn)) = line.parse() {
            keys.push((msn, key));
        }
    }
    keys
}

#[test]
fn segments_and_parts_decrypt_to_what_they_are_in_the_clear() {
    let frames = Encoder::default().frames(0..8_500);
    let (mut clear, mut hidden) = (Packager::new(everything_stays()), encrypted(everything_stays()));
    push_all(&mut clear, &frames);
    push_all(&mut hidden, &frames);

    let playlist = hidden.media_playlist(false).unwrap();
    let keys = keys_of_segments(&playlist);
    assert_eq!(keys.len(), 8);
    for (msn, key) in &keys {
        let key = key.unwrap();
        assert_eq!(key, (msn - 1) / SEGMENTS_PER_KEY * SEGMENTS_PER_KEY + 1, "rotated in time");
        let segment = ResourceName::Segment(*msn);
        let body = hidden.resource(&segment).unwrap();
        let expected = clear.resource(&segment).unwrap();
        assert_ne!(body, expected);
        assert_eq!(decrypted(&hidden, key, *msn, &body), expected);
        for part in 0.. {
            let part = ResourceName::Part(*msn, part);
            let Some(expected) = clear.resource(&part) else { break };
            let body = hidden.resource(&part).unwrap();
            assert_eq!(decrypted(&hidden, key, *msn, &body), expected, "{part}");
        }
    }
    let open = ResourceName::Part(9, 0);
    assert_eq!(decrypted(&hidden, 7, 9, &hidden.resource(&open).unwrap()), clear.resource(&open).unwrap());
    let init = ResourceName::Init(1);
    assert_eq!(hidden.resource(&init), clear.resource(&init));
}

#[test]
fn a_key_is_there_as_long_as_a_segment_that_needs_it() {
    let mut packager = encrypted(PackagerSettings::default());
    push_all(&mut packager, &Encoder::default().frames(0..40_000));
    let listed = keys_of_segments(&packager.media_playlist(false).unwrap());
    let kept: BTreeSet<u64> = listed.iter().filter_map(|(_, key)| *key).collect();
    assert!(kept.len() >= 2, "{kept:?}");
    for key in kept {
        assert!(packager.resource(&ResourceName::Key(key)).is_some());
    }
    for gone in [1, 4, 2, 41, u64::MAX] {
        assert!(packager.resource(&ResourceName::Key(gone)).is_none(), "{gone}");
    }
}

#[test]
fn a_delta_update_tells_the_key_again() {
    let mut packager = encrypted(everything_stays());
    push_all(&mut packager, &Encoder::default().frames(0..20_500));
    let (full, delta) = (packager.media_playlist(false).unwrap(), packager.media_playlist(true).unwrap());
    assert!(delta.contains("#EXT-X-SKIP:"));
    let known = keys_of_segments(&full);
    let told = keys_of_segments(&delta);
    assert!(!told.is_empty());
    assert!(told.iter().all(|one| known.contains(one)), "{delta}");
}

#[test]
fn other_configurations_stay_in_the_clear_between_keys() {
    let mut packager = encrypted(everything_stays());
    push_all(&mut packager, &Encoder::default().frames(0..2_500));
    push_all(&mut packager, &[header(Track::Audio, AAC_44K)]);
    push_all(&mut packager, &Encoder::default().frames(2_500..5_500)[2..]);
    packager.end();
    let playlist = packager.media_playlist(false).unwrap();
    assert!(values(&playlist, "#EXT-X-MAP:").count() >= 2, "{playlist}");
    assert!(keys_of_segments(&playlist).iter().all(|(_, key)| key.is_some()), "{playlist}");
}

#[test]
fn encryption_begins_and_ends_with_a_segment() {
    let mut packager = Packager::new(everything_stays());
    let frames = Encoder::default().frames(0..9_500);
    let (first, rest) = frames.split_at(frames.partition_point(|frame| frame.timestamp_ms < 3_500));
    let (second, third) = rest.split_at(rest.partition_point(|frame| frame.timestamp_ms < 6_500));
    push_all(&mut packager, first);
    packager.encrypt(Some(encryption()));
    push_all(&mut packager, second);
    packager.encrypt(None);
    push_all(&mut packager, third);
    let playlist = packager.media_playlist(false).unwrap();
    let keys: Vec<Option<u64>> = keys_of_segments(&playlist).into_iter().map(|(_, key)| key).collect();
    let none = None::<u64>;
    assert_eq!(keys, [none, none, none, none, Some(5), Some(5), Some(5), none, none], "{playlist}");
}

#[test]
fn an_encrypted_window_is_bounded_as_any_other() {
    let settings = PackagerSettings { max_window_bytes: 1 << 20, ..PackagerSettings::default() };
    let mut packager = encrypted(settings);
    let mut most = 0;
    for frame in Encoder::default().frames(0..60_000) {
        packager.push(&frame).unwrap();
        most = most.max(packager.memory_bytes());
    }
    assert!(most < 2 << 20, "{most}");
    assert!(names_in(&packager.media_playlist(false).unwrap()).len() > 3);
}
