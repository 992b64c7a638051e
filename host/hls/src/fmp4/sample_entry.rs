//! Sample entries: each codec's configuration in the box that its specification names.

use mp4_atom::esds::{DecoderConfig, DecoderSpecific, EsDescriptor, SLConfig};
use mp4_atom::{
    Atom, Audio, Av01, Av1c, Avc1, Avcc, Codec, Dfla, Dops, Error, Esds, Flac, FlacMetadataBlock, Hvc1, Hvcc,
    Mp4a, Opus, OpusChannelMapping, Visual, Vp09, VpcC,
};
use neustream_media::CodecConfig;
use neustream_media::codec::{AvcConfig, FlacConfig, OpusConfig};

/// MPEG-4 audio (ISO/IEC 14496-1, table 5).
const MPEG4_AUDIO: u8 = 0x40;
/// Audio stream (ISO/IEC 14496-1, table 6).
const AUDIO_STREAM: u8 = 5;

pub(super) fn sample_entry(config: &CodecConfig) -> Result<Codec, Error> {
    let size = config.picture_size();
    let visual = Visual {
        data_reference_index: 1,
        width: size.map_or(0, |size| size.width.min(u32::from(u16::MAX)) as u16),
        height: size.map_or(0, |size| size.height.min(u32::from(u16::MAX)) as u16),
        ..Visual::default()
    };
    let (rate, channels) = config.sound().unwrap_or_default();
    let audio = Audio {
        data_reference_index: 1,
        channel_count: channels as u16,
        sample_size: 16,
        // A 16.16 number: rates beyond it are told by the codec's own box alone.
        sample_rate: u16::try_from(rate).unwrap_or(0).into(),
    };
    Ok(match config {
        CodecConfig::Avc(config) => Avc1 { visual, avcc: avcc(config)?, ..Avc1::default() }.into(),
        CodecConfig::Hevc(config) => {
            Hvc1 { visual, hvcc: Hvcc::decode_body(&mut &config.record[..])?, ..Hvc1::default() }.into()
        }
        CodecConfig::Av1(config) => {
            Av01 { visual, av1c: Av1c::decode_body(&mut &config.record[..])?, ..Av01::default() }.into()
        }
        CodecConfig::Vp9(config) => Vp09 { visual, vpcc: vpcc(&config.record)?, ..Vp09::default() }.into(),
        CodecConfig::Aac(config) => mp4a(audio, MPEG4_AUDIO, Some(config.record.to_vec())).into(),
        CodecConfig::Mp3(config) => mp4a(audio, config.object_type_indication(), None).into(),
        CodecConfig::Opus(config) => Opus { audio, dops: dops(config), btrt: None }.into(),
        CodecConfig::Flac(config) => {
            let audio = Audio { sample_size: config.bits_per_sample as u16, ..audio };
            Flac { audio, dfla: dfla(config) }.into()
        }
    })
}

fn avcc(config: &AvcConfig) -> Result<Avcc, Error> {
    // The extension behind the parameter sets is optional, and some encoders garble it.
    Avcc::decode_body(&mut &config.record[..])
        .or_else(|_| Avcc::decode_body(&mut &config.record[..config.parameter_sets_end]))
}

fn vpcc(record: &[u8]) -> Result<VpcC, Error> {
    let &[profile, level, depths, color_primaries, transfer_characteristics, matrix_coefficients, ..] =
        record
    else {
        return Err(Error::OutOfBounds);
    };
    Ok(VpcC {
        profile,
        level,
        bit_depth: depths >> 4,
        chroma_subsampling: depths >> 1 & 7,
        video_full_range_flag: depths & 1 == 1,
        color_primaries,
        transfer_characteristics,
        matrix_coefficients,
        codec_initialization_data: Vec::new(),
    })
}

fn mp4a(audio: Audio, object_type_indication: u8, record: Option<Vec<u8>>) -> Mp4a {
    let dec_config = DecoderConfig {
        object_type_indication,
        stream_type: AUDIO_STREAM,
        dec_specific: record.map(|raw| DecoderSpecific { raw, ..DecoderSpecific::default() }),
        ..DecoderConfig::default()
    };
    let es_desc = EsDescriptor { dec_config, sl_config: SLConfig::default(), ..EsDescriptor::default() };
    Mp4a { audio, esds: Esds { es_desc }, btrt: None, taic: None }
}

fn dops(config: &OpusConfig) -> Dops {
    Dops {
        output_channel_count: config.channels,
        pre_skip: config.pre_skip,
        input_sample_rate: config.input_sample_rate,
        output_gain: config.output_gain,
        channel_mapping: config.mapping.as_ref().map(|mapping| OpusChannelMapping {
            family: mapping.family,
            stream_count: mapping.stream_count,
            coupled_count: mapping.coupled_count,
            channel_mapping: mapping.table.to_vec(),
        }),
    }
}

fn dfla(config: &FlacConfig) -> Dfla {
    let info = &config.stream_info;
    let u16_at = |at: usize| u16::from_be_bytes([info[at], info[at + 1]]);
    let u24_at = |at: usize| [info[at], info[at + 1], info[at + 2]].into();
    let low_word = u32::from_be_bytes([info[14], info[15], info[16], info[17]]);
    let block = FlacMetadataBlock::StreamInfo {
        minimum_block_size: u16_at(0),
        maximum_block_size: u16_at(2),
        minimum_frame_size: u24_at(4),
        maximum_frame_size: u24_at(7),
        sample_rate: config.sample_rate,
        num_channels_minus_one: (config.channels - 1) as u8,
        bits_per_sample_minus_one: (config.bits_per_sample - 1) as u8,
        number_of_interchannel_samples: u64::from(info[13] & 0x0f) << 32 | u64::from(low_word),
        md5_checksum: info[18..34].to_vec(),
    };
    Dfla { blocks: vec![block] }
}
