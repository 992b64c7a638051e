use neustream_model::{InstallationId, UnixMillis};
use neustream_store::testing::on_both;
use neustream_store::{
    ConnectorMemoryRow, ConnectorStep, FinishedRow, NewChatMessage, NewVerdictRecording, OutgoingRow,
    StepOutcome, TenantStore,
};

use crate::world;

fn memory(state: &str, state_schema: u32) -> ConnectorMemoryRow {
    ConnectorMemoryRow {
        state: state.as_bytes().to_vec(),
        state_schema,
        digest: "sha256:aa".to_owned(),
        config_digest: "sha256:bb".to_owned(),
        kept: "{}".to_owned(),
    }
}

fn message(number: u32, platform_id: &str) -> NewChatMessage {
    NewChatMessage {
        id: format!("0190{number:04}-0000-7000-8000-000000000000"),
        platform: "twitch".to_owned(),
        platform_id: platform_id.to_owned(),
        author_id: "4711".to_owned(),
        author_name: "Ada".to_owned(),
        message_text: "héllo".to_owned(),
        kind: "message".to_owned(),
        roles: "[]".to_owned(),
        reply_to: None,
        sent_at: None,
        extra: "[]".to_owned(),
    }
}

fn step<'a>(revision: u64, name: &'a str, memory: &'a ConnectorMemoryRow) -> ConnectorStep<'a> {
    ConnectorStep {
        expected_revision: revision,
        step: name,
        at: UnixMillis(1000 + revision),
        memory,
        keeps_older: false,
        messages: &[],
        retractions: &[],
        finished: &[],
    }
}

fn written(fresh: &[&NewChatMessage], retracted: &[&str]) -> StepOutcome {
    StepOutcome::Written {
        fresh: fresh.iter().map(|message| message.id.clone()).collect(),
        retracted: retracted.iter().map(|id| (*id).to_owned()).collect(),
    }
}

async fn queued(tenant: &TenantStore, installation: InstallationId, id: &str, most: u32) -> bool {
    let row = OutgoingRow {
        id: id.to_owned(),
        message_text: "hello".to_owned(),
        reply_to: Some("m1".to_owned()),
        written_at: UnixMillis(5),
        finished_at: None,
        problem_code: String::new(),
        problem_message: String::new(),
    };
    tenant.queue_outgoing(installation, &row, most).await.unwrap()
}

#[tokio::test]
async fn a_step_is_written_whole_and_only_upon_the_revision_that_it_was_made_from() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let installation = InstallationId::new();
        assert_eq!(tenant.connector(installation).await.unwrap(), None);
        let (first, second) = (memory("one", 1), memory("two\0", 1));
        let messages = [message(1, "m1"), message(2, "m2"), message(3, "m1")];
        let begin = ConnectorStep { messages: &messages, ..step(0, "a", &first) };
        let outcome = tenant.write_step(installation, &begin).await.unwrap();
        assert_eq!(outcome, written(&[&messages[0], &messages[1]], &[]), "m1 is stored once");
        let row = tenant.connector(installation).await.unwrap().unwrap();
        assert_eq!((row.revision, row.step.as_str(), &row.memory), (1, "a", &first));

        let late = [message(4, "m4")];
        let stale = ConnectorStep { messages: &late, ..step(0, "b", &second) };
        assert_eq!(tenant.write_step(installation, &stale).await.unwrap(), StepOutcome::MovedOn);
        let stale = ConnectorStep { messages: &late, ..step(7, "b", &second) };
        assert_eq!(tenant.write_step(installation, &stale).await.unwrap(), StepOutcome::MovedOn);
        assert_eq!(tenant.chat_messages(None, None, 10).await.unwrap().len(), 2);

        let retractions = ["m1".to_owned(), "m1".to_owned(), "unknown".to_owned()];
        let next = ConnectorStep { retractions: &retractions, ..step(1, "b", &second) };
        assert_eq!(tenant.write_step(installation, &next).await.unwrap(), written(&[], &["m1"]));
        let row = tenant.connector(installation).await.unwrap().unwrap();
        assert_eq!((row.revision, row.memory), (2, second));
        let stored = tenant.chat_messages(Some(installation), None, 10).await.unwrap();
        assert_eq!(stored.iter().map(|row| row.platform_id.as_str()).collect::<Vec<_>>(), ["m2", "m1"]);
        assert_eq!(stored[1].retracted_at, Some(UnixMillis(1001)));
    })
    .await;
}

#[tokio::test]
async fn a_step_that_is_written_is_answered_as_it_was_then() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let installation = InstallationId::new();
        let state = memory("x", 1);
        let old = [message(1, "m1")];
        let begin = ConnectorStep { messages: &old, ..step(0, "a", &state) };
        tenant.write_step(installation, &begin).await.unwrap();
        assert_eq!(tenant.write_step(installation, &begin).await.unwrap(), written(&[&old[0]], &[]));

        let messages = [message(2, "m1"), message(3, "m2")];
        let retractions = ["m1".to_owned()];
        let next = ConnectorStep { messages: &messages, retractions: &retractions, ..step(1, "b", &state) };
        let outcome = tenant.write_step(installation, &next).await.unwrap();
        assert_eq!(outcome, written(&[&messages[1]], &["m1"]));
        assert_eq!(tenant.write_step(installation, &next).await.unwrap(), outcome);
        assert_eq!(tenant.connector(installation).await.unwrap().unwrap().revision, 2);
    })
    .await;
}

#[tokio::test]
async fn of_racing_steps_one_is_written() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let installation = InstallationId::new();
        let state = memory("x", 1);
        tenant.write_step(installation, &step(0, "begin", &state)).await.unwrap();
        let (a, b) = (step(1, "a", &state), step(1, "b", &state));
        let (one, other) =
            tokio::join!(tenant.write_step(installation, &a), tenant.write_step(installation, &b));
        let moved_on = [one.unwrap(), other.unwrap()].iter().filter(|o| **o == StepOutcome::MovedOn).count();
        assert_eq!(moved_on, 1);
        assert_eq!(tenant.connector(installation).await.unwrap().unwrap().revision, 2);
    })
    .await;
}

#[tokio::test]
async fn the_last_memory_of_each_of_three_schemas_is_kept() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let installation = InstallationId::new();
        for (revision, schema) in [1_u32, 2, 1, 3, 4, 5].into_iter().enumerate() {
            let name = format!("{revision} of {schema}");
            let memory = memory(&name, schema);
            let step = ConnectorStep { keeps_older: revision > 0, ..step(revision as u64, &name, &memory) };
            assert_ne!(tenant.write_step(installation, &step).await.unwrap(), StepOutcome::MovedOn);
        }
        let older = async |schema| {
            let memory = tenant.older_memory(installation, schema).await.unwrap();
            memory.map(|memory| String::from_utf8(memory.state).unwrap())
        };
        assert_eq!(older(9).await.as_deref(), Some("4 of 4"));
        assert_eq!(older(3).await.as_deref(), Some("3 of 3"));
        assert_eq!(older(2).await.as_deref(), Some("2 of 1"), "schema 2 was replaced longest ago");
        assert_eq!(older(0).await, None);
        t.store.host().forget_connector(installation).await.unwrap();
        assert_eq!(older(9).await, None);
        assert_eq!(tenant.connector(installation).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn outgoing_messages_wait_until_they_are_through_and_are_bounded() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let installation = InstallationId::new();
        assert!(queued(&tenant, installation, "o1", 2).await);
        assert!(queued(&tenant, installation, "o2", 2).await);
        assert!(!queued(&tenant, installation, "o3", 2).await);
        assert!(
            queued(&tenant, InstallationId::new(), "o4", 2).await,
            "another installation has its own bound"
        );
        let ids = async || {
            let rows = tenant.waiting_outgoing(installation).await.unwrap();
            rows.into_iter().map(|row| row.id).collect::<Vec<_>>()
        };
        assert_eq!(ids().await, ["o1", "o2"]);
        let state = memory("x", 1);
        let finished = [FinishedRow { id: "o1".to_owned(), problem: None }];
        let begin = ConnectorStep { finished: &finished, ..step(0, "a", &state) };
        tenant.write_step(installation, &begin).await.unwrap();
        assert_eq!(ids().await, ["o2"]);
        let problem = Some(("expired".to_owned(), "too old".to_owned()));
        let late = [
            FinishedRow { id: "o1".to_owned(), problem: problem.clone() },
            FinishedRow { id: "o2".to_owned(), problem },
        ];
        tenant.finish_outgoing(installation, &late, UnixMillis(9)).await.unwrap();
        assert_eq!(tenant.outgoing("o1").await.unwrap().unwrap().problem_code, "", "the first end counts");
        let failed = tenant.outgoing("o2").await.unwrap().unwrap();
        assert_eq!((failed.problem_code.as_str(), failed.finished_at), ("expired", Some(UnixMillis(9))));
    })
    .await;
}

#[tokio::test]
async fn a_tenant_sees_its_own_chats_only() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let other = world::tenant(&t, "eve@example.com").await;
        let installation = InstallationId::new();
        let state = memory("x", 1);
        let messages = [message(1, "m1")];
        let begin = ConnectorStep { messages: &messages, ..step(0, "a", &state) };
        tenant.write_step(installation, &begin).await.unwrap();
        tenant.keep_recording(installation, "{}", UnixMillis(1)).await.unwrap();
        assert!(queued(&tenant, installation, "o1", 9).await);
        assert_eq!(other.connector(installation).await.unwrap(), None);
        assert_eq!(
            other.write_step(installation, &step(1, "b", &state)).await.unwrap(),
            StepOutcome::MovedOn
        );
        assert_eq!(other.chat_messages(None, None, 10).await.unwrap(), []);
        assert_eq!(other.chat_message(&messages[0].id).await.unwrap(), None);
        assert_eq!(other.recording(installation).await.unwrap(), None);
        assert_eq!(other.waiting_outgoing(installation).await.unwrap(), []);
        assert_eq!(other.outgoing("o1").await.unwrap(), None);
        assert_eq!(tenant.recording(installation).await.unwrap().as_deref(), Some("{}"));
        assert_eq!(tenant.chat_message(&messages[0].id).await.unwrap().unwrap().author_name, "Ada");
    })
    .await;
}

#[tokio::test]
async fn messages_are_read_in_pages() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let installation = InstallationId::new();
        let state = memory("x", 1);
        let messages: Vec<_> = (1..=5).map(|number| message(number, &number.to_string())).collect();
        let begin = ConnectorStep { messages: &messages, ..step(0, "a", &state) };
        tenant.write_step(installation, &begin).await.unwrap();
        let page = tenant.chat_messages(None, None, 2).await.unwrap();
        assert_eq!(page.iter().map(|row| row.platform_id.as_str()).collect::<Vec<_>>(), ["5", "4"]);
        let page = tenant.chat_messages(Some(installation), Some(&page[1].id), 9).await.unwrap();
        assert_eq!(page.iter().map(|row| row.platform_id.as_str()).collect::<Vec<_>>(), ["3", "2", "1"]);
    })
    .await;
}

#[tokio::test]
async fn recordings_of_verdicts_are_found_by_message_and_go_when_they_are_old() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let other = world::tenant(&t, "eve@example.com").await;
        for (id, at) in [("r1", 10), ("r2", 20)] {
            let new = NewVerdictRecording {
                id,
                installation: InstallationId::new(),
                messages: &["m1", id],
                recording: id,
                at: UnixMillis(at),
            };
            tenant.keep_verdicts(&new).await.unwrap();
            tenant.keep_verdicts(&new).await.unwrap();
        }
        assert_eq!(tenant.verdicts_about("m1").await.unwrap(), ["r1", "r2"]);
        assert_eq!(tenant.verdicts_about("r2").await.unwrap(), ["r2"]);
        assert_eq!(other.verdicts_about("m1").await.unwrap(), Vec::<String>::new());
        assert_eq!(t.store.host().prune_chats(UnixMillis(15), 100).await.unwrap(), 1);
        assert_eq!(tenant.verdicts_about("m1").await.unwrap(), ["r2"]);
    })
    .await;
}
