//! One source with a few destinations, each with a listener of its own: the stage of `slow`, `cut` and `start`.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;

use super::{Settings, Subject};
use crate::load::engine::{Engine, ListenerId};
use crate::load::neustream::Neustream;
use crate::load::server::{NginxApplication, Server, start_nginx};
use crate::load::session::Role;

/// One source that is not published yet.
pub(super) struct Lane {
    /// Where each destination of the source arrives.
    pub listeners: Vec<ListenerId>,
    /// Where to publish.
    pub address: SocketAddr,
    /// As whom.
    pub publisher: Role,
}

/// A server with `sources` sources of `destinations` destinations.
pub(super) fn set_up(
    settings: &Settings,
    subject: Subject,
    engine: &mut Engine,
    sources: usize,
    destinations: usize,
) -> Result<(Server, Vec<Lane>)> {
    let mut listeners = Vec::new();
    for _ in 0..sources {
        let of_source: Result<Vec<ListenerId>> = (0..destinations).map(|_| engine.listen()).collect();
        listeners.push(of_source?);
    }
    if subject == Subject::Nginx {
        return set_up_nginx(settings, engine, listeners);
    }
    let (server, neustream) = Neustream::start(settings.server_core, settings.binary()?)?;
    let mut lanes = Vec::new();
    for (index, listeners) in listeners.into_iter().enumerate() {
        let source = neustream.create_source(&format!("source {index}"))?;
        for (number, listener) in listeners.iter().enumerate() {
            neustream.add_destination(&source, engine.address(*listener), &format!("d{number}"))?;
        }
        let publisher = Role::Publisher { app: "live".into(), name: source.stream_key };
        lanes.push(Lane { listeners, address: neustream.rtmp, publisher });
    }
    Ok((server, lanes))
}

fn set_up_nginx(
    settings: &Settings,
    engine: &Engine,
    listeners: Vec<Vec<ListenerId>>,
) -> Result<(Server, Vec<Lane>)> {
    let push_to = |listeners: &[ListenerId]| {
        listeners.iter().map(|listener| format!("rtmp://{}/d/key", engine.address(*listener))).collect()
    };
    let applications: Vec<NginxApplication> = listeners
        .iter()
        .enumerate()
        .map(|(index, listeners)| NginxApplication { name: format!("s{index}"), push_to: push_to(listeners) })
        .collect();
    let (server, address) = start_nginx(settings.server_core, &applications)?;
    let lanes = listeners
        .into_iter()
        .zip(applications)
        .map(|(listeners, application)| {
            let publisher = Role::Publisher { app: application.name, name: "bench".into() };
            Lane { listeners, address, publisher }
        })
        .collect();
    Ok((server, lanes))
}

/// Serves until every listener has a receiver that reads media.
pub(super) fn wait_for_media(engine: &mut Engine, listeners: &[ListenerId]) -> Result<()> {
    engine.run_until("media at every destination", Duration::from_secs(30), |engine| {
        listeners.iter().all(|listener| engine.accepted(*listener).any(|peer| peer.first_media.is_some()))
    })
}
