//! Fragments: `moof` and `mdat`.

use bytes::Bytes;
use mp4_atom::{Encode, Mfhd, Moof, Tfdt, Tfhd, Traf, Trun, TrunEntry, TrunSamples};

use super::{NON_SYNC_SAMPLE, SYNC_SAMPLE};
use crate::track::Sample;

/// The samples of one track in a fragment.
#[derive(Debug)]
pub(crate) struct TrackFragment {
    pub(crate) track_id: u32,
    pub(crate) samples: Vec<Sample>,
}

impl TrackFragment {
    fn bytes(&self) -> usize {
        self.samples.iter().map(|sample| sample.body.len()).sum()
    }
}

/// Length of a box header.
const BOX_HEADER: usize = 8;

/// Writes one `moof` and one `mdat`; every sample's bytes are copied once. Tracks without samples are left
/// out.
///
/// # Errors
/// When the samples together are too many bytes for a box, 4 GiB.
pub(crate) fn fragment(sequence: u32, tracks: &[TrackFragment]) -> Result<Bytes, mp4_atom::Error> {
    let tracks = tracks.iter().filter(|track| !track.samples.is_empty());
    let mut moof =
        Moof { mfhd: Mfhd { sequence_number: sequence }, traf: tracks.clone().map(traf).collect() };
    let mut head = Vec::with_capacity(1024);
    moof.encode(&mut head)?;

    // Only now is the length known that the samples' offsets begin with.
    let mut offset = head.len() + BOX_HEADER;
    for (traf, track) in moof.traf.iter_mut().zip(tracks.clone()) {
        let data_offset = i32::try_from(offset).map_err(|_| mp4_atom::Error::InvalidSize)?;
        for run in &mut traf.trun {
            run.data_offset = Some(data_offset);
        }
        offset += track.bytes();
    }
    let data: usize = tracks.clone().map(TrackFragment::bytes).sum();
    let size = u32::try_from(data + BOX_HEADER).map_err(|_| mp4_atom::Error::InvalidSize)?;

    head.clear();
    head.reserve_exact(offset);
    moof.encode(&mut head)?;
    head.extend_from_slice(&size.to_be_bytes());
    head.extend_from_slice(b"mdat");
    for sample in tracks.flat_map(|track| &track.samples) {
        head.extend_from_slice(&sample.body);
    }
    Ok(head.into())
}

fn traf(track: &TrackFragment) -> Traf {
    let samples = &track.samples;
    let first = samples.first();
    let shared_duration = first
        .map(|first| first.duration)
        .filter(|shared| samples.iter().all(|sample| sample.duration == *shared));
    let has_offsets = samples.iter().any(|sample| sample.composition_offset != 0);
    let usual_is_sync = samples.last().is_some_and(|last| last.is_sync);
    let usual_flags = flags(usual_is_sync);
    // Often only the first sample differs, which costs 4 bytes; otherwise each one tells.
    let all_tell = samples.iter().skip(1).any(|sample| sample.is_sync != usual_is_sync);
    let entries = samples.iter().enumerate().map(|(index, sample)| TrunEntry {
        duration: if shared_duration.is_some() { None } else { Some(sample.duration) },
        size: Some(sample.body.len() as u32),
        flags: (all_tell || (index == 0 && sample.is_sync != usual_is_sync)).then(|| flags(sample.is_sync)),
        cts: has_offsets.then_some(i64::from(sample.composition_offset)),
    });
    Traf {
        tfhd: Tfhd {
            track_id: track.track_id,
            default_base_is_moof: true,
            default_sample_duration: shared_duration,
            default_sample_flags: Some(usual_flags),
            ..Tfhd::default()
        },
        tfdt: Some(Tfdt { base_media_decode_time: first.map_or(0, |first| first.decode_time) }),
        trun: vec![Trun { data_offset: Some(0), samples: TrunSamples::Explicit(entries.collect()) }],
        ..Traf::default()
    }
}

fn flags(is_sync: bool) -> u32 {
    if is_sync { SYNC_SAMPLE } else { NON_SYNC_SAMPLE }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mp4_atom::{Decode, Mdat};

    fn sample(decode_time: u64, is_sync: bool, body: &'static [u8]) -> Sample {
        Sample {
            decode_time,
            duration: 3000,
            composition_offset: -90,
            is_sync,
            body: Bytes::from_static(body),
        }
    }

    #[test]
    fn the_offsets_of_both_tracks_point_at_their_bytes() {
        let tracks = [
            TrackFragment {
                track_id: 1,
                samples: vec![sample(0, true, b"key"), sample(3000, false, b"delta")],
            },
            TrackFragment { track_id: 2, samples: vec![sample(0, true, b"sound")] },
        ];
        let bytes = fragment(7, &tracks).unwrap();
        let mut rest = &bytes[..];
        let moof = Moof::decode(&mut rest).unwrap();
        assert_eq!(Mdat::decode(&mut rest).unwrap().data, b"keydeltasound");
        assert!(rest.is_empty());
        assert_eq!(moof.mfhd.sequence_number, 7);
        let at = |traf: usize| moof.traf[traf].trun[0].data_offset.unwrap() as usize;
        assert!(bytes[at(0)..].starts_with(b"keydelta"));
        assert!(bytes[at(1)..].starts_with(b"sound"));
        let entries: Vec<TrunEntry> = moof.traf[0].trun[0].samples.iter().collect();
        assert_eq!((entries[0].flags, entries[1].flags), (Some(SYNC_SAMPLE), None));
        assert_eq!(moof.traf[0].tfhd.default_sample_flags, Some(NON_SYNC_SAMPLE));
        assert_eq!(entries[1].cts, Some(-90));
    }

    #[test]
    fn a_keyframe_in_the_middle_is_marked_and_nothing_else_is() {
        let samples = vec![sample(0, false, b"a"), sample(3000, true, b"b"), sample(6000, false, b"c")];
        let bytes = fragment(1, &[TrackFragment { track_id: 1, samples }]).unwrap();
        let moof = Moof::decode(&mut &bytes[..]).unwrap();
        let flags: Vec<_> = moof.traf[0].trun[0].samples.iter().map(|entry| entry.flags.unwrap()).collect();
        assert_eq!(flags, [NON_SYNC_SAMPLE, SYNC_SAMPLE, NON_SYNC_SAMPLE]);
    }
}
