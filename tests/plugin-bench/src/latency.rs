//! What a call costs, by kind.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use neustream_contract::chat::{ChatConnectors as _, Effect, Event, Payload};
use neustream_contract::destination::{Broadcast, DestinationAdapters as _};
use neustream_contract::moderation::{Message, ModerationFilters as _};
use neustream_contract::payment::{PaymentProviders as _, Webhook};
use neustream_contract::{Call, CallError, CallErrorKind};
use neustream_model::UnixMillis;
use neustream_plugin_wasm::Plugins;

use crate::Extent;
use crate::platform::{call, package, process_cpu, start};
use crate::report::{Report, Times};

/// What a chat message of 100 characters looks like.
pub const TEXT: &str =
    "That was the best boss fight of the whole season, and nobody in here saw the last phase coming. GG!";

/// The settings of the blocklist that is measured: what a small channel has.
pub const BLOCKLIST: &str = r####"{"rules":[
    {"name":"insults","action":"delete","terms":["badword","worseword","worst word","nastiness","so and so",
     "good for nothing","scoundrel","rapscallion","blockhead","numbskull"],"patterns":["free*coins","###-####"]},
    {"name":"spoilers","action":"hold","terms":["he dies","the butler"],"timeout_seconds":60}]}"####;

/// The settings of the destination.
pub const CUSTOM: &str = r#"{"rtmp_url":"rtmp://ingest.example.com/live"}"#;
/// The settings of the connector.
pub const TWITCH: &str = r#"{"channel":"ronni"}"#;

/// How a plugin is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// `prepare` of a broadcast.
    Prepare,
    /// `handle` of a line from the socket, in this state.
    Handle(Vec<u8>),
    /// `judge` of these messages.
    Judge(Arc<[Message]>),
    /// `receive` of a webhook that is not genuine: the answer is an error of the plugin's own.
    Receive,
}

/// A plugin and a call of it.
#[derive(Clone)]
pub struct Subject {
    /// Its package, such as `chat/twitch`.
    pub name: &'static str,
    /// Its bytes.
    pub package: Bytes,
    /// For one installation.
    pub call: Call,
    /// What it is asked.
    pub question: Question,
}

/// One plugin of each kind.
pub fn subjects() -> Result<Vec<Subject>> {
    let subject = |name: &'static str, config: &str, question| -> Result<Subject> {
        let package = package(name)?;
        let call = call(&package, config)?;
        Ok(Subject { name, package, call, question })
    };
    Ok(vec![
        subject("destinations/custom-rtmp", CUSTOM, Question::Prepare)?,
        subject("chat/twitch", TWITCH, Question::Handle(Vec::new()))?,
        subject("moderation/blocklist", BLOCKLIST, Question::Judge(batch(1)))?,
        subject("payments/stripe", "{}", Question::Receive)?,
    ])
}

impl Subject {
    /// Makes it ready to be asked what is measured: a connector is logged in first.
    pub async fn set_up(&mut self, plugins: &Plugins) -> Result<()> {
        plugins.load(self.package.clone()).await?;
        if let Question::Handle(state) = &mut self.question {
            let connector = plugins.connector(&self.call.plugin).await?;
            *state = connector.open(&self.call).await?.state;
            let welcome = [
                ":tmi.twitch.tv 001 justinfan1 :Welcome, GLHF!\r\n",
                ":tmi.twitch.tv 376 justinfan1 :>\r\n",
                ":justinfan1!justinfan1@justinfan1.tmi.twitch.tv JOIN #ronni\r\n",
                "@emote-only=0;followers-only=-1;r9k=0;room-id=1337;slow=0;subs-only=0 \
                 :tmi.twitch.tv ROOMSTATE #ronni\r\n",
            ];
            let opened = std::iter::once(Event::Opened("irc".to_owned()));
            for event in opened.chain(welcome.iter().map(|line| received(line))) {
                *state = connector.handle(&self.call, state, &[event]).await?.state;
            }
        }
        answered(plugins, &self.call, &self.question).await.with_context(|| self.name.to_owned())
    }
}

/// Asks the plugin of `call` as a driver does: found by its digest, then called.
pub async fn answered(plugins: &Plugins, call: &Call, question: &Question) -> Result<()> {
    match question {
        Question::Prepare => {
            let adapter = plugins.adapter(&call.plugin).await?;
            adapter.prepare(call, &broadcast("good")).await?;
        }
        Question::Handle(state) => {
            let connector = plugins.connector(&call.plugin).await?;
            let step = connector.handle(call, state, &[line()]).await?;
            let is_read = step.effects.iter().any(|effect| matches!(effect, Effect::Publish(_)));
            ensure!(is_read, "the line was not published: {step:?}");
        }
        Question::Judge(batch) => {
            let filter = plugins.filter(&call.plugin).await?;
            let verdicts = filter.judge_at(call, UnixMillis(1), batch, &[]).await?;
            ensure!(verdicts.len() == batch.len(), "{} verdicts of {}", verdicts.len(), batch.len());
        }
        Question::Receive => {
            let provider = plugins.provider(&call.plugin).await?;
            let refused = provider.receive(call, &webhook()).await;
            let is_refused = refused.as_ref().is_err_and(|error| error.kind == CallErrorKind::Unauthorized);
            ensure!(is_refused, "a forged webhook: {refused:?}");
        }
    }
    Ok(())
}

/// A broadcast with this title.
pub fn broadcast(title: &str) -> Broadcast {
    Broadcast { id: "b".to_owned(), title: title.to_owned(), visibility: "public".to_owned() }
}

fn line() -> Event {
    received(&format!(
        "@badge-info=;badges=;color=#1E90FF;display-name=Viewer;emotes=;first-msg=0;\
         id=b34ccfc7-4977-403a-8a94-33c6bac34fb8;mod=0;room-id=1337;subscriber=0;tmi-sent-ts=1507246572675;turbo=0;\
         user-id=1234;user-type= :viewer!viewer@viewer.tmi.twitch.tv PRIVMSG #ronni :{TEXT}\r\n"
    ))
}

fn received(line: &str) -> Event {
    Event::Received("irc".to_owned(), Payload::Text(line.to_owned()))
}

/// Messages of 100 characters.
pub fn batch(many: u32) -> Arc<[Message]> {
    let message = |n| Message {
        id: format!("m{n}"),
        platform: "twitch".to_owned(),
        author_hash: "0123456789abcdef".to_owned(),
        roles: vec![],
        text: TEXT.to_owned(),
        traits: vec![],
    };
    (0..many).map(message).collect()
}

fn webhook() -> Webhook {
    let headers = vec![("stripe-signature".to_owned(), format!("t=1,v1={}", "0".repeat(64)))];
    Webhook { headers, body: br#"{"id":"evt_1","type":"payment_intent.succeeded"}"#.to_vec() }
}

/// Median, p99 and CPU of many calls, one after the other.
pub async fn measure(report: &mut Report, extent: Extent, only: &str) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let plugins = start(folder.path())?;
    for mut subject in subjects()?.into_iter().filter(|subject| subject.name.contains(only)) {
        subject.set_up(&plugins).await?;
        let (what, goal) = match subject.question {
            Question::Prepare => ("Fresh call: prepare of destinations/custom-rtmp", 25.0),
            Question::Handle(_) => ("Fresh call: handle of chat/twitch, one line of IRC", 25.0),
            // An instance stands ready.
            Question::Judge(_) => {
                ("Filter call: judge of moderation/blocklist, 100 characters, back to back", 5.0)
            }
            Question::Receive => ("Fresh call: receive of payments/stripe, a forged webhook", 25.0),
        };
        instantiations(report, &plugins, &subject, extent).await?;
        let (found, cpu) = times(&plugins, &subject, extent.of(50_000)).await?;
        report.times(&format!("{what}, by a caller on another thread"), &found, cpu, None);
        let (found, cpu) = in_place(&plugins, &subject, extent.of(50_000)).await?;
        let is_filter = matches!(subject.question, Question::Judge(_));
        report.times(what, &found, cpu, (!is_filter).then_some(goal));
        if is_filter {
            // Between two messages of one chat there is time; what is waited for is the call.
            let found = prepared(&plugins, &subject, extent.of(20_000)).await?;
            report.times("The same when the next instance stands ready", &found, cpu, Some(goal));
            let batches = Subject { question: Question::Judge(batch(100)), ..subject };
            let (Times(found), cpu) = in_place(&plugins, &batches, extent.of(2000)).await?;
            let found = Times::of(found.into_iter().map(|time| time / 100).collect());
            report.times("The same in batches of 100, a message", &found, cpu / 100, Some(goal));
        }
    }
    Ok(())
}

/// Store, instance and discarding, as a fresh call has them, without a call.
async fn instantiations(
    report: &mut Report,
    plugins: &Arc<Plugins>,
    subject: &Subject,
    extent: Extent,
) -> Result<()> {
    let (plugins_there, subject_there) = (Arc::clone(plugins), subject.clone());
    let many = extent.of(20_000);
    let measured = plugins.threads().spawn(async move {
        let mut times = Vec::with_capacity(many);
        let cpu = process_cpu();
        for _ in 0..many {
            let began = Instant::now();
            plugins_there.instantiate(&subject_there.call).await?;
            times.push(began.elapsed());
        }
        let cpu = process_cpu().saturating_sub(cpu) / many as u32;
        anyhow::Ok((Times::of(times), cpu))
    });
    let (times, cpu) = measured.await??;
    report.times(&format!("Instance of {}: made and discarded", subject.name), &times, cpu, None);
    Ok(())
}

/// How long each of `many` calls took, and what CPU time the process used for one.
async fn times(plugins: &Arc<Plugins>, subject: &Subject, many: usize) -> Result<(Times, Duration)> {
    for _ in 0..=many / 20 {
        answered(plugins, &subject.call, &subject.question).await?;
    }
    let (mut times, mut late) = (Vec::with_capacity(many), 0);
    let cpu = process_cpu();
    for _ in 0..many {
        let began = Instant::now();
        match answered(plugins, &subject.call, &subject.question).await {
            Ok(()) => {}
            // A filter has 50 ms: where the machine itself is away for longer, that shows in the times.
            Err(error) if is_late(&error) && late < many / 1000 => late += 1,
            Err(error) => return Err(error),
        }
        times.push(began.elapsed());
    }
    let cpu = process_cpu().saturating_sub(cpu) / many as u32;
    Ok((Times::of(times), cpu))
}

fn is_late(error: &anyhow::Error) -> bool {
    error.downcast_ref::<CallError>().is_some_and(|error| error.kind == CallErrorKind::Timeout)
}

/// The same by a driver that runs on the runtime's own threads, as those of chats and filters may.
async fn in_place(plugins: &Arc<Plugins>, subject: &Subject, many: usize) -> Result<(Times, Duration)> {
    let (plugins_there, subject) = (Arc::clone(plugins), subject.clone());
    plugins.threads().spawn(async move { times(&plugins_there, &subject, many).await }).await?
}

/// Calls of a filter that each find their instance ready, on the runtime's own threads.
async fn prepared(plugins: &Arc<Plugins>, subject: &Subject, many: usize) -> Result<Times> {
    let (plugins_there, subject) = (Arc::clone(plugins), subject.clone());
    let measured = plugins.threads().spawn(async move {
        let filter = plugins_there.filter(&subject.call.plugin).await?;
        let batch = batch(1);
        let mut times = Vec::with_capacity(many);
        while times.len() < many {
            let is_ready = plugins_there.prepared_instances() > 0;
            let began = Instant::now();
            let judged = filter.judge_at(&subject.call, UnixMillis(1), &batch, &[]).await;
            match judged {
                Ok(_) if is_ready => times.push(began.elapsed()),
                Ok(_) => {}
                // As above; it is among the times all the same.
                Err(error) if error.kind == CallErrorKind::Timeout => times.push(began.elapsed()),
                Err(error) => return Err(error.into()),
            }
            // Until the next one is made.
            let made = Instant::now();
            while plugins_there.prepared_instances() == 0 && made.elapsed() < Duration::from_millis(20) {
                tokio::task::yield_now().await;
            }
        }
        anyhow::Ok(Times::of(times))
    });
    measured.await?
}
