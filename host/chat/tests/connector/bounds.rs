//! What a connector may answer at most.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use neustream_chat::connector::{ConnectorState, ConnectorStore};
use neustream_chat::testing::{MANIFEST, Talk};
use neustream_contract::chat::{ChatConnector, Connection, Effect, Event, Step, Transport};
use neustream_contract::{Call, CallError, Manifest};

use crate::world::{World, quick};

/// Begins with whatever the test wants.
struct Begins(Manifest, Arc<Mutex<Step>>);

#[async_trait]
impl ChatConnector for Begins {
    fn manifest(&self) -> &Manifest {
        &self.0
    }

    async fn open(&self, _: &Call) -> Result<Step, CallError> {
        Ok(self.1.lock().unwrap().clone())
    }

    async fn handle(&self, _: &Call, state: &[u8], _: &[Event]) -> Result<Step, CallError> {
        Ok(Step { state: state.to_vec(), effects: Vec::new() })
    }
}

fn webhook(id: String) -> Effect {
    Effect::Reopen(Connection { id, transport: Transport::Webhook(String::new()) })
}

#[tokio::test]
async fn a_step_beyond_the_contract_is_a_fault_and_nothing_of_it_happens() {
    let mut world = World::prepared(Talk::over_lines(), quick()).await;
    let step = Arc::new(Mutex::new(Step::default()));
    let manifest = Manifest::from_toml(MANIFEST).unwrap();
    let begins = world.natives.connector("begins", Begins(manifest, Arc::clone(&step)));
    world.installations.pin(world.place, begins);
    let beyond: [Step; 6] = [
        Step { state: vec![0; 64 * 1024 + 1], effects: vec![] },
        Step { state: vec![], effects: (0..9).map(|n| webhook(n.to_string())).collect() },
        Step {
            state: vec![],
            effects: (0..17).map(|n| Effect::Wake(n.to_string(), Duration::from_secs(1))).collect(),
        },
        Step { state: vec![], effects: vec![Effect::Retract("x".to_owned()); 1025] },
        Step { state: vec![], effects: vec![Effect::Retract(String::new())] },
        Step { state: vec![], effects: vec![Effect::Close("x".repeat(257))] },
    ];
    *step.lock().unwrap() = beyond[0].clone();
    world.start();
    for beyond in beyond {
        *step.lock().unwrap() = beyond;
        world.changed();
        world.problem(ConnectorState::Retrying, "step-invalid").await;
        assert_eq!(world.store.load(world.place).await.unwrap(), None);
    }
    *step.lock().unwrap() = Step { state: vec![7; 64 * 1024], effects: vec![webhook("hook".to_owned())] };
    world
        .status_with(|status| status.state == ConnectorState::Running && status.connections.len() == 1)
        .await;
}
