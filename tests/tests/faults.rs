//! Faults of the surroundings: no file descriptors, no database, peers that stand still.

use std::time::{Duration, Instant};

use neustream_tests::kit::counter::Count;
use neustream_tests::kit::postgres::Postgres;
use neustream_tests::kit::program::Program;
use neustream_tests::kit::publisher::Encoding;
use neustream_tests::kit::rtmp::client::RtmpClient;
use neustream_tests::kit::rtmp::destination::{Behaviour, RtmpDestination};
use neustream_tests::kit::server::Settings;
use neustream_tests::kit::studio::Studio;
use neustream_tests::kit::wait::until;
use neustream_tests::kit::{Result, ensure, tool};
use tokio::net::TcpStream;
use tokio::process::Command;

const CLOSING: Duration = Duration::from_secs(20);

#[tokio::test]
async fn without_file_descriptors_the_running_stream_goes_on() -> Result<()> {
    const LIMIT: u32 = 160;
    let mut studio = Studio::open_with(Settings::new()?.with_open_files(LIMIT)).await?;
    let stand_in = RtmpDestination::start(Behaviour::default()).await?;
    let id = studio.destination(&stand_in.url(), "key").await?;
    let publisher = studio.publish(&Encoding::default())?;
    studio.all_live(&[&id]).await?;
    let mut greedy = Vec::new();
    for _ in 0..LIMIT * 2 {
        greedy.push(TcpStream::connect(studio.server.rtmp()).await?);
    }
    until(CLOSING, "every file descriptor is taken", || async {
        Ok((studio.server.open_files()? >= LIMIT as usize - 1).then_some(()))
    })
    .await?;
    let cpu_before = studio.server.cpu_time()?;
    let before = stand_in.connections()[0].arrivals.len();
    let started = Instant::now();
    // Three seconds of 30 pictures and 47 sounds.
    stand_in
        .sees(CLOSING, "the stream goes on", |seen| (seen[0].arrivals.len() > before + 230).then_some(()))
        .await?;
    let cpu = studio.server.cpu_time()?.saturating_sub(cpu_before);
    let busy = cpu.as_secs_f64() / started.elapsed().as_secs_f64();
    assert!(busy < 0.5, "the server turns in circles: {busy:.2} of a core");

    drop(greedy);
    studio.server.expect_serving().await?;
    publisher.stop().await?;
    stand_in.sees(CLOSING, "the end", |seen| seen[0].closed).await?;
    Count::of(&stand_in.recording(0)).await?.expect_whole("the destination")
}

#[tokio::test]
async fn while_the_database_is_down_live_streams_lose_nothing_and_the_api_says_so() -> Result<()> {
    let mut database = Postgres::start().await?;
    let studio = Studio::open_with(Settings::new()?.with("NEUSTREAM_DATABASE_URL", database.url())).await?;
    let stand_in = RtmpDestination::start(Behaviour::default()).await?;
    let id = studio.destination(&stand_in.url(), "key").await?;
    let publisher = studio.publish(&Encoding::default())?;
    studio.all_live(&[&id]).await?;
    database.go_down().await?;
    for _ in 0..3 {
        let asked = Instant::now();
        let answer = studio.account.send("GET", "/api/sources", None).await?;
        let took = asked.elapsed();
        assert_eq!(answer.status, 503, "{}", answer.text());
        assert!(took <= Duration::from_secs(1), "503 after {took:?}");
    }
    let before = stand_in.connections()[0].arrivals.len();
    stand_in
        .sees(CLOSING, "the stream goes on", |seen| (seen[0].arrivals.len() > before + 230).then_some(()))
        .await?;
    database.come_back().await?;
    until(CLOSING, "the API answers again", || async {
        Ok((studio.account.send("GET", "/api/sources", None).await?.status == 200).then_some(()))
    })
    .await?;
    publisher.stop().await?;
    stand_in.sees(CLOSING, "the end", |seen| seen[0].closed).await?;
    assert_eq!(stand_in.connections().len(), 1, "the destination was connected to again");
    Count::of(&stand_in.recording(0)).await?.expect_whole("the destination")
}

#[tokio::test]
async fn players_that_do_not_read_are_dropped_and_the_others_see_everything() -> Result<()> {
    let studio = Studio::open().await?;
    let encoding = Encoding { video_kbps: Some(4_000), ..Encoding::default() };
    let publisher = studio.publish_live(&encoding).await?;
    let open_before = studio.server.open_files()?;
    let mut idle = Vec::new();
    for _ in 0..20 {
        let mut player = RtmpClient::connect(studio.server.rtmp()).await?;
        player.open_app("play").await?;
        player.play(&studio.source.playback_id).await?;
        idle.push(player);
    }
    let folder = tempfile::tempdir()?;
    let recording = folder.path().join("played.flv");
    let url = format!("rtmp://{}/play/{}", studio.server.rtmp(), studio.source.playback_id);
    let mut command = Command::new(tool::ffmpeg()?);
    command.args([
        "-hide_banner",
        "-nostdin",
        "-loglevel",
        "warning",
        "-y",
        "-rtmp_live",
        "live",
        "-i",
        &url,
    ]);
    command.args(["-c", "copy", "-t", "8"]).arg(&recording);
    let resident = studio.server.resident_bytes()?;
    let mut player = Program::start("player", command)?;
    player.succeed(CLOSING).await?;
    Count::of(&recording).await?.expect_whole("the player that reads")?;
    let grown = studio.server.resident_bytes()?.saturating_sub(resident) >> 20;
    assert!(grown <= 8, "the process grew by {grown} MiB");
    until(CLOSING, "the idle players are dropped", || async {
        Ok((studio.server.open_files()? <= open_before + 2).then_some(()))
    })
    .await?;
    drop(idle);
    publisher.stop().await
}

#[tokio::test]
async fn a_publisher_that_comes_while_the_database_is_down_is_refused_not_kept_waiting() -> Result<()> {
    let mut database = Postgres::start().await?;
    let mut studio =
        Studio::open_with(Settings::new()?.with("NEUSTREAM_DATABASE_URL", database.url())).await?;
    database.go_down().await?;
    // A publisher that comes now is refused, not left waiting; the server stays up.
    let asked = Instant::now();
    let mut publisher = studio.publish(&Encoding::default())?;
    publisher.thrown_out(CLOSING).await?;
    ensure!(asked.elapsed() <= Duration::from_secs(12), "refused after {:?}", asked.elapsed());
    ensure!(studio.server.is_running(), "the server is gone");
    database.come_back().await?;
    studio.server.expect_serving().await?;
    studio.publish_live(&Encoding::default()).await?.stop().await
}
