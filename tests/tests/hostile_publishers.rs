//! Hostile RTMP clients: the threat table's rows for ingest, parser and packager.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use neustream_tests::kit::counter::Count;
use neustream_tests::kit::picture::FRAME_RATE;
use neustream_tests::kit::port::allow_open_files;
use neustream_tests::kit::probe::Probe;
use neustream_tests::kit::publisher::Encoding;
use neustream_tests::kit::rtmp::amf::{self, Amf};
use neustream_tests::kit::rtmp::chunk::{Message, chunked};
use neustream_tests::kit::rtmp::client::{Answer, RtmpClient, closed, control, open_from};
use neustream_tests::kit::rtmp::destination::{Behaviour, RtmpDestination};
use neustream_tests::kit::rtmp::{flv, kind};
use neustream_tests::kit::server::Server;
use neustream_tests::kit::studio::{GOES_LIVE, Studio};
use neustream_tests::kit::wait::until;
use neustream_tests::kit::{Context, Result, ensure, hls, http};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

const CLOSING: Duration = Duration::from_secs(20);
const MIB: u64 = 1 << 20;

/// A loopback address that is not the honest publisher's.
const ATTACKER: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 66));

#[tokio::test]
async fn with_five_thousand_silent_sockets_a_publisher_starts_within_three_seconds() -> Result<()> {
    const SOCKETS: usize = 5_000;
    allow_open_files(20_000)?;
    let studio = Studio::open().await?;
    let before = studio.server.open_files()?;
    let mut silent = Vec::with_capacity(SOCKETS);
    for number in 0..SOCKETS {
        let mut socket = open_from(ATTACKER, studio.server.rtmp()).await?;
        if number % 2 == 1 {
            // Every second one says a little.
            socket.write_all(&[3, 0, 0, 0]).await.ok();
        }
        silent.push(socket);
    }
    let started = Instant::now();
    let publisher = studio.publish_live(&Encoding::default()).await?;
    let took = started.elapsed();
    eprintln!("figure: with {SOCKETS} silent sockets a publisher is live after {took:?}");
    assert!(took <= Duration::from_secs(3), "live after {took:?}");
    // They are closed by the server, although their peers keep them open.
    until(Duration::from_secs(15), "the silent sockets are closed", || async {
        Ok((studio.server.open_files()? < before + 100).then_some(()))
    })
    .await?;
    drop(silent);
    publisher.stop().await
}

#[tokio::test]
async fn a_handshake_of_one_byte_a_second_is_closed_within_ten_seconds() -> Result<()> {
    let mut server = Server::start().await?;
    let mut socket = open_from(ATTACKER, server.rtmp()).await?;
    let (mut from_server, mut to_server) = socket.split();
    let started = Instant::now();
    let dribble = async {
        let mut seconds = tokio::time::interval(Duration::from_secs(1));
        while to_server.write_all(&[3]).await.is_ok() {
            seconds.tick().await;
        }
    };
    let mut sink = tokio::io::sink();
    let end = tokio::io::copy(&mut from_server, &mut sink);
    tokio::time::timeout(Duration::from_secs(11), async {
        tokio::select! { _ = end => {}, () = dribble => {} }
    })
    .await
    .context("the server did not close a slow handshake within 10 s")?;
    eprintln!("figure: a handshake of one byte a second is closed after {:?}", started.elapsed());
    server.expect_serving().await
}

#[tokio::test]
async fn hostile_bytes_close_their_own_connection_only() -> Result<()> {
    let mut studio = Studio::open().await?;
    let stand_in = RtmpDestination::start(Behaviour::default()).await?;
    let id = studio.destination(&stand_in.url(), "key").await?;
    let publisher = studio.publish(&Encoding::default())?;
    studio.all_live(&[&id]).await?;
    let rtmp = studio.server.rtmp();
    for (what, bytes) in before_the_handshake() {
        let mut socket = open_from(ATTACKER, rtmp).await?;
        socket.write_all(&bytes).await.ok();
        closed(&mut socket, Duration::from_secs(11)).await.with_context(|| what.to_owned())?;
    }
    for (what, bytes) in after_the_handshake() {
        let mut client = RtmpClient::connect_from(ATTACKER, rtmp).await?;
        client.raw(&bytes).await.ok();
        client.closed(Duration::from_secs(11)).await.with_context(|| what.to_owned())?;
    }
    studio.server.expect_serving().await?;
    // The honest publisher's frames did not suffer.
    publisher.stop().await?;
    stand_in.sees(CLOSING, "the end", |connections| connections[0].closed).await?;
    Count::of(&stand_in.recording(0)).await?.expect_whole("the destination")
}

#[tokio::test]
async fn a_peer_that_has_no_key_holds_little_memory() -> Result<()> {
    const PEERS: u64 = 40;
    const STREAMS: u8 = 60;
    let server = Server::start().await?;
    let before = server.resident_bytes()?;
    let mut peers = Vec::new();
    for _ in 0..PEERS {
        let mut client = RtmpClient::connect_from(ATTACKER, server.rtmp()).await?;
        client.set_chunk_size(16 << 20).await.ok();
        // A message of 16 MiB begun on each of many chunk streams, 64 KiB of each sent.
        for stream in 3..3 + STREAMS {
            let mut bytes = vec![stream, 0, 0, 0, 0xFF, 0xFF, 0xFF, kind::VIDEO, 1, 0, 0, 0];
            bytes.extend(vec![0x17; 64 * 1024]);
            if client.raw(&bytes).await.is_err() {
                break;
            }
        }
        peers.push(client);
    }
    let grown = server.resident_bytes()?.saturating_sub(before);
    eprintln!("figure: {PEERS} peers without a key hold {} KiB each", grown / 1024 / PEERS);
    let allowed = PEERS * 256 * 1024 + 4 * MIB;
    assert!(grown <= allowed, "{} KiB for {PEERS} peers without a key", grown / 1024);
    Ok(())
}

#[tokio::test]
async fn an_accepted_publisher_holds_at_most_eight_mebibytes() -> Result<()> {
    let mut studio = Studio::open().await?;
    let before = studio.server.resident_bytes()?;
    let (mut client, answer) =
        RtmpClient::publishing(studio.server.rtmp(), &studio.source.stream_key).await?;
    assert_eq!(answer, Answer::Accepted);
    client.set_chunk_size(16 << 20).await?;
    let mut highest = before;
    for stream in 3..63_u8 {
        let mut bytes = vec![stream, 0, 0, 0, 0xFF, 0xFF, 0xFF, kind::VIDEO, 1, 0, 0, 0];
        bytes.extend(vec![0x27; 1 << 20]);
        if client.raw(&bytes).await.is_err() {
            break;
        }
        highest = highest.max(studio.server.resident_bytes()?);
    }
    let grown = (highest - before) / 1024;
    eprintln!("figure: an accepted hostile publisher holds {grown} KiB");
    assert!(grown <= 8 * 1024 + 2 * 1024, "{grown} KiB for one publisher");
    studio.server.expect_serving().await
}

#[tokio::test]
async fn unknown_and_malformed_keys_are_answered_alike_and_guessing_is_limited_per_address() -> Result<()> {
    let studio = Studio::open().await?;
    let mut wrong = studio.source.stream_key.clone();
    let last = wrong.pop().context("a key")?;
    wrong.push(if last == '0' { '1' } else { '0' });
    let mut answers = Vec::new();
    for key in [wrong.as_str(), "sk_a_b_c", "", "../../etc/passwd"] {
        answers.push(guess(ATTACKER, studio.server.rtmp(), key).await?);
    }
    assert!(matches!(answers[0], Answer::Refused { .. }), "{answers:?}");
    assert!(answers.iter().all(|answer| *answer == answers[0]), "answers differ: {answers:?}");

    // Guessing goes on until the address is refused, even with the right key.
    for _ in 0..40 {
        guess(ATTACKER, studio.server.rtmp(), &wrong).await.ok();
    }
    let with_the_right_key = guess(ATTACKER, studio.server.rtmp(), &studio.source.stream_key).await;
    assert!(!matches!(with_the_right_key, Ok(Answer::Accepted)), "guessing is not limited");
    // Another address is not affected.
    let publisher = studio.publish_live(&Encoding::default()).await?;
    publisher.stop().await
}

async fn guess(from: IpAddr, server: SocketAddr, key: &str) -> Result<Answer> {
    let mut client = RtmpClient::connect_from(from, server).await?;
    client.open_app("live").await?;
    client.publish(key).await
}

#[tokio::test]
async fn a_hostile_codec_header_harms_its_own_stream_only() -> Result<()> {
    let mut studio = Studio::open().await?;
    let tags = published_tags(&Encoding { is_paced: false, ..Encoding::seconds(2) }).await?;
    let header =
        tags.iter().position(|tag| tag.kind == kind::VIDEO && flv::is_header(tag)).context("a header")?;
    for seed in 0..64_u32 {
        let mut tags = tags.clone();
        mutate(&mut tags[header].payload, seed);
        let (mut client, answer) =
            RtmpClient::publishing(studio.server.rtmp(), &studio.source.stream_key).await?;
        assert_eq!(answer, Answer::Accepted, "seed {seed}");
        for tag in &tags {
            if client.message(tag).await.is_err() {
                break;
            }
        }
        // Asking starts the packager on it.
        let path = format!("/hls/{}/index.m3u8", studio.source.playback_id);
        let answer = http::get(studio.server.http(), &path).await?;
        assert!(answer.status != 500, "seed {seed}: {}", answer.text());
        studio.account.end_stream(&studio.source).await?;
        studio.account.stream_is(&studio.source, CLOSING, "it is offline", |s| s.state == "offline").await?;
    }
    studio.server.expect_serving().await?;
    // An honest run on the same source is whole again.
    let publisher = studio.publish_live(&Encoding::default()).await?;
    hls::media(&studio, 3, GOES_LIVE).await?;
    let folder = tempfile::tempdir()?;
    let recording = folder.path().join("viewed.mkv");
    let mut viewer = hls::record(&hls::viewer()?, &studio.playlist_url(), 4, &recording)?;
    hls::recorded(&mut viewer, CLOSING).await?;
    Count::of(&recording).await?.expect_whole("the viewer")?;
    publisher.stop().await
}

#[tokio::test]
async fn timestamps_that_jump_leave_one_timeline_that_still_plays() -> Result<()> {
    let mut studio = Studio::open().await?;
    let stand_in = RtmpDestination::start(Behaviour::default()).await?;
    studio.destination(&stand_in.url(), "key").await?;
    let tags = published_tags(&Encoding { is_paced: false, ..Encoding::seconds(8) }).await?;
    let hostile = tags.into_iter().enumerate().map(|(place, mut tag)| {
        tag.timestamp = match place {
            150..200 => tag.timestamp.wrapping_sub(3_600_000),
            250..300 => tag.timestamp.wrapping_add(86_400_000),
            400..420 => u32::MAX - tag.timestamp,
            _ => tag.timestamp,
        };
        tag
    });
    let publisher = replay(&studio, hostile.collect()).await?;
    let playlist = hls::media(&studio, 3, GOES_LIVE).await?;
    publisher.await??;
    let longest = hls::segment_lengths(&playlist).into_iter().fold(0.0, f64::max);
    assert!(longest <= 30.0, "a segment of {longest} s");
    studio.server.expect_serving().await?;
    let connections = stand_in.connections();
    for track in [kind::AUDIO, kind::VIDEO] {
        let arrivals = connections.iter().flat_map(|connection| &connection.arrivals);
        let times: Vec<u32> = arrivals.filter(|arrival| arrival.kind == track).map(|a| a.timestamp).collect();
        assert!(
            times.windows(2).all(|pair| pair[0] <= pair[1]),
            "track {track} goes back at the destination"
        );
        assert!(times.last().is_some_and(|last| *last < 600_000), "track {track} jumped: {:?}", times.last());
    }
    Ok(())
}

#[tokio::test]
async fn an_endless_group_of_pictures_stays_within_its_memory() -> Result<()> {
    let studio = Studio::open().await?;
    let encoding = Encoding { keyframe_s: 600, video_kbps: Some(20_000), ..Encoding::default() };
    let publisher = studio.publish_live(&encoding).await?;
    hls::multivariant(&studio, GOES_LIVE).await.ok();
    let begin = studio.server.resident_bytes()?;
    let mut highest = begin;
    let mut seconds = tokio::time::interval(Duration::from_secs(1));
    for _ in 0..40 {
        seconds.tick().await;
        highest = highest.max(studio.server.resident_bytes()?);
    }
    // 40 s of 20 Mbit/s are 100 MB, kept in the ring (16 MiB at most) and by the packager (a window of 64 MiB at
    // most, and as much again while it turns over).
    let grown = (highest - begin) / MIB;
    eprintln!("figure: 40 s without a keyframe at 20 Mbit/s, HLS on: {grown} MiB");
    assert!(grown <= 16 + 2 * 64 + 32, "the process grew by {grown} MiB");
    let answer =
        http::get(studio.server.http(), &format!("/hls/{}/media.m3u8", studio.source.playback_id)).await?;
    if answer.status == 200 {
        let longest = hls::segment_lengths(&answer.text()).into_iter().fold(0.0, f64::max);
        assert!(longest <= 30.0, "a segment of {longest} s");
    }
    publisher.stop().await
}

#[tokio::test]
async fn a_stream_with_damage_in_the_middle_is_readable_after_it() -> Result<()> {
    let mut studio = Studio::open().await?;
    let tags = published_tags(&Encoding { is_paced: false, ..Encoding::seconds(10) }).await?;
    let hostile = tags.into_iter().enumerate().map(|(place, mut tag)| {
        // Cut to a stump, damaged, or emptied: by turns.
        match place {
            220..250 if place % 3 == 0 => tag.payload.truncate(3),
            220..250 if place % 3 == 1 => mutate(&mut tag.payload, place as u32),
            220..250 => tag.payload.clear(),
            _ => {}
        }
        tag
    });
    let publisher = replay(&studio, hostile.collect()).await?;
    let folder = tempfile::tempdir()?;
    let recording = folder.path().join("viewed.mkv");
    hls::media(&studio, 3, GOES_LIVE).await?;
    let mut viewer = hls::record(&hls::viewer()?, &studio.playlist_url(), 20, &recording)?;
    // The stream ends with its publisher, and so does the playlist. The viewer may complain about the damage.
    publisher.await??;
    viewer.exit(CLOSING).await?;
    let probe = Probe::of(&recording).await?;
    assert_eq!(probe.stream("video")?.codec_name, "h264");
    let last = Count::of(&recording).await?.ends()?.1;
    assert!(u32::from(last) > 5 * FRAME_RATE, "nothing after the damage: frame {last} is the last");
    studio.server.expect_serving().await
}

/// Publishes these tags at the pace of 30 pictures and 47 sounds a second, while the test goes on; then ends the
/// stream properly.
async fn replay(studio: &Studio, tags: Vec<Message>) -> Result<JoinHandle<Result<()>>> {
    let (mut client, answer) =
        RtmpClient::publishing(studio.server.rtmp(), &studio.source.stream_key).await?;
    ensure!(answer == Answer::Accepted, "{answer:?}");
    Ok(tokio::spawn(async move {
        let mut pace = tokio::time::interval(Duration::from_millis(13));
        for tag in &tags {
            pace.tick().await;
            client.message(tag).await?;
        }
        client.unpublish().await
    }))
}

/// The tags of a short stream, as ffmpeg would send them.
async fn published_tags(encoding: &Encoding) -> Result<Vec<Message>> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("published.flv");
    let made = encoding.command(&file.display().to_string())?.output().await?;
    ensure!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    flv::read(&file)
}

/// Damages a payload behind its first two bytes, the same way for the same seed.
fn mutate(payload: &mut [u8], seed: u32) {
    let mut random = seed.wrapping_mul(747_796_405).wrapping_add(2_891_336_453);
    for _ in 0..=seed % 8 {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let place = 5 + (random >> 8) as usize % payload.len().saturating_sub(5).max(1);
        if let Some(byte) = payload.get_mut(place) {
            *byte ^= (random >> 24) as u8 | 1;
        }
    }
}

fn before_the_handshake() -> Vec<(&'static str, Vec<u8>)> {
    let noise = |length: u32| (0..length).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    vec![
        ("an HTTP request", b"GET / HTTP/1.1\r\nhost: x\r\n\r\n".to_vec()),
        ("a TLS hello", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec()),
        ("noise", noise(64 * 1024)),
        ("a version that does not exist", vec![0xFF; 1537]),
        ("an encrypted handshake", [vec![6], vec![0; 1536]].concat()),
        ("nothing but zeros", vec![0; 4096]),
    ]
}

fn after_the_handshake() -> Vec<(&'static str, Vec<u8>)> {
    let command = |payload: Vec<u8>| {
        chunked(&Message { kind: kind::COMMAND, stream: 0, timestamp: 0, payload }, 3, 128)
    };
    let deep = |opening: &[u8], depth: usize| {
        let mut payload = amf::encode(&[Amf::text("connect"), Amf::Number(1.0)]);
        payload.extend(opening.repeat(depth));
        command(payload)
    };
    let data = |payload: &[u8]| {
        chunked(&Message { kind: kind::DATA, stream: 1, timestamp: 0, payload: payload.to_vec() }, 4, 128)
    };
    vec![
        ("a chunk of type 3 first", vec![0xC3; 256]),
        ("a chunk of type 1 first", vec![0x43; 256]),
        ("a chunk size of zero", chunked(&control(kind::SET_CHUNK_SIZE, 0), 2, 128)),
        ("a chunk size with the top bit", chunked(&control(kind::SET_CHUNK_SIZE, u32::MAX), 2, 128)),
        ("objects in objects", deep(&[3, 0, 1, b'a'], 4_000)),
        ("arrays in arrays", deep(&[10, 0, 0, 0, 1], 3_000)),
        ("ECMA arrays in ECMA arrays", deep(&[8, 0, 0, 0, 1, 0, 1, b'a'], 2_000)),
        ("an array of four billion", deep(&[10, 0xFF, 0xFF, 0xFF, 0xFF], 1)),
        ("a lone @setDataFrame", data(b"\x02\0\x0d@setDataFrame")),
        (
            "a message of 16 MiB",
            [
                chunked(&control(kind::SET_CHUNK_SIZE, 16 << 20), 2, 128),
                vec![3, 0, 0, 0, 0xFF, 0xFF, 0xFF, kind::COMMAND, 0, 0, 0, 0],
                vec![2; 1 << 20],
            ]
            .concat(),
        ),
        (
            "video before a publication",
            chunked(
                &Message { kind: kind::VIDEO, stream: 1, timestamp: 0, payload: vec![0x17; 4096] },
                6,
                128,
            ),
        ),
        (
            "commands without end",
            command(amf::encode(&[Amf::text("nonsense"), Amf::Number(9.0)])).repeat(20_000),
        ),
        ("empty messages without end", chunked(&control(kind::ACKNOWLEDGEMENT, 0), 2, 128).repeat(50_000)),
    ]
}

#[tokio::test]
async fn a_connection_that_closes_in_every_state_leaves_nothing_behind() -> Result<()> {
    let mut server = Server::start().await?;
    let account = server.account().await?;
    let source = account.source("Main stream").await?;
    let before = server.open_files()?;
    for round in 0..100 {
        match round % 4 {
            0 => drop(TcpStream::connect(server.rtmp()).await?),
            1 => drop(RtmpClient::connect(server.rtmp()).await?),
            2 => {
                let mut client = RtmpClient::connect(server.rtmp()).await?;
                client.open_app("live").await?;
            }
            _ => {
                let (client, _) = RtmpClient::publishing(server.rtmp(), &source.stream_key).await?;
                drop(client);
                account.end_stream(&source).await?;
            }
        }
    }
    until(CLOSING, "every socket is closed", || async {
        Ok((server.open_files()? <= before + 2).then_some(()))
    })
    .await?;
    server.expect_serving().await
}
