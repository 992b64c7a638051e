//! Initialization sections: `ftyp` and `moov`.

use bytes::Bytes;
use mp4_atom::{
    Dinf, Dref, Encode, FourCC, Ftyp, Hdlr, Mdhd, Mdia, Minf, Moov, Mvex, Mvhd, Smhd, Stbl, Stco, Stsd, Tkhd,
    Trak, Trex, Url, Vmhd,
};
use neustream_media::CodecConfig;

use super::sample_entry::sample_entry;
use super::{AUDIO_TRACK_ID, NON_SYNC_SAMPLE, SYNC_SAMPLE, VIDEO_TRACK_ID};
use crate::track::VIDEO_TIMESCALE;

/// Writes the initialization section of a stream with these tracks.
///
/// # Errors
/// When a configuration holds what its box cannot.
pub(crate) fn init(
    video: Option<&CodecConfig>,
    audio: Option<&CodecConfig>,
) -> Result<Bytes, mp4_atom::Error> {
    let mut file = Vec::with_capacity(1024);
    let brands: [&[u8; 4]; 3] = [b"iso6", b"iso5", b"mp41"];
    Ftyp {
        major_brand: FourCC::new(brands[0]),
        minor_version: 0,
        compatible_brands: brands.map(FourCC::new).to_vec(),
    }
    .encode(&mut file)?;

    let mut moov = Moov {
        mvhd: Mvhd {
            timescale: 1000,
            rate: 1.into(),
            volume: 1.into(),
            next_track_id: AUDIO_TRACK_ID + 1,
            ..Mvhd::default()
        },
        ..Moov::default()
    };
    let mut mvex = Mvex::default();
    if let Some(config) = video {
        moov.trak.push(video_track(config)?);
        mvex.trex.push(defaults(VIDEO_TRACK_ID, NON_SYNC_SAMPLE));
    }
    if let Some(config) = audio {
        moov.trak.push(audio_track(config)?);
        mvex.trex.push(defaults(AUDIO_TRACK_ID, SYNC_SAMPLE));
    }
    moov.mvex = Some(mvex);
    moov.encode(&mut file)?;
    Ok(file.into())
}

fn defaults(track_id: u32, default_sample_flags: u32) -> Trex {
    Trex { track_id, default_sample_description_index: 1, default_sample_flags, ..Trex::default() }
}

fn video_track(config: &CodecConfig) -> Result<Trak, mp4_atom::Error> {
    let size = config.picture_size().ok_or(mp4_atom::Error::Unsupported("picture without a size"))?;
    let dimension = |pixels: u32| u16::try_from(pixels).unwrap_or(u16::MAX);
    Ok(Trak {
        tkhd: Tkhd {
            track_id: VIDEO_TRACK_ID,
            enabled: true,
            in_movie: true,
            width: dimension(size.width).into(),
            height: dimension(size.height).into(),
            ..Tkhd::default()
        },
        mdia: Mdia {
            mdhd: media_header(VIDEO_TIMESCALE),
            hdlr: handler(*b"vide", "Picture"),
            minf: Minf { vmhd: Some(Vmhd::default()), ..media_information(config)? },
        },
        ..Trak::default()
    })
}

fn audio_track(config: &CodecConfig) -> Result<Trak, mp4_atom::Error> {
    let timescale = config.sample_clock().ok_or(mp4_atom::Error::Unsupported("sound without a rate"))?;
    Ok(Trak {
        tkhd: Tkhd {
            track_id: AUDIO_TRACK_ID,
            enabled: true,
            in_movie: true,
            // The group of tracks of which one plays (ISO/IEC 14496-12, 8.3.2.3).
            alternate_group: 1,
            volume: 1.into(),
            ..Tkhd::default()
        },
        mdia: Mdia {
            mdhd: media_header(timescale),
            hdlr: handler(*b"soun", "Sound"),
            minf: Minf { smhd: Some(Smhd::default()), ..media_information(config)? },
        },
        ..Trak::default()
    })
}

fn media_header(timescale: u32) -> Mdhd {
    Mdhd { timescale, language: "und".to_owned(), ..Mdhd::default() }
}

fn handler(kind: [u8; 4], name: &str) -> Hdlr {
    Hdlr { handler: FourCC::new(&kind), name: name.to_owned() }
}

fn media_information(config: &CodecConfig) -> Result<Minf, mp4_atom::Error> {
    Ok(Minf {
        // An empty location means: in this same file.
        dinf: Dinf { dref: Dref { entries: vec![Url::default().into()] } },
        stbl: Stbl {
            stsd: Stsd { codecs: vec![sample_entry(config)?] },
            stco: Some(Stco::default()),
            ..Stbl::default()
        },
        ..Minf::default()
    })
}
