//! Requests: at most four, held to manifest and grant, secrets only where they belong.

use neustream_chat::testing::{SECRET, Talk};

use crate::world::World;

#[tokio::test]
async fn a_request_carries_its_secret_and_its_answer_comes_back_without_it() {
    let mut world = World::with(Talk::over_lines()).await;
    let mut peer = world.logged_in().await;
    peer.write("FETCH r1 https://api.example.com/a?b=c\r\n").await;
    let mut asked = world.api.peer().await;
    let (head, _) = asked.request().await;
    assert!(head.starts_with("GET /a?b=c&token=oauth%3A0123456789abcdef HTTP/1.1"), "{head}");
    asked.answer(200, &[], &format!("MSG 1 ada {SECRET}\n")).await;
    assert_eq!(world.next_message().await, "1");
    assert_eq!(world.store.messages(world.place)[0].message.text, "***");
    let egress = world.natives.egress(world.place, "api.example.com");
    assert_eq!(egress.requests, 1);
    assert!(egress.secrets.contains("token") && egress.bytes_in > 0);
}

#[tokio::test]
async fn a_secret_is_not_sent_to_a_host_that_it_is_not_bound_to() {
    let mut talk = Talk::over_lines();
    talk.manifest.capabilities.secrets.get_mut("token").unwrap().hosts = vec!["talk.example.com".to_owned()];
    let mut world = World::with(talk).await;
    let mut peer = world.logged_in().await;
    peer.write("FETCH r1 https://api.example.com/a\r\nMSG 1 ada x\r\n").await;
    assert_eq!(world.next_message().await, "1");
    peer.write("MSG 2 ada x\r\n").await;
    assert_eq!(world.next_message().await, "2");
    assert_eq!(world.state().problems, ["secret-denied"]);
    assert!(world.api.peer_now().await.is_none());
    assert_eq!(world.natives.egress(world.place, "api.example.com").requests, 0);
}

#[tokio::test]
async fn a_login_whose_secret_is_not_bound_to_the_host_ends_the_connection() {
    let mut talk = Talk::over_lines();
    talk.manifest.capabilities.secrets.get_mut("token").unwrap().hosts = vec!["api.example.com".to_owned()];
    let mut world = World::with(talk).await;
    let mut peer = world.talk.peer().await;
    assert_eq!(peer.rest().await, "", "nothing of the login was sent");
    let status = world.status_with(|status| status.problem.is_some()).await;
    assert_eq!(status.problem.unwrap().code, "secret-denied");
}

#[tokio::test]
async fn hosts_and_numbers_beyond_what_is_allowed_are_answered_with_a_problem() {
    let mut world = World::with(Talk::over_lines()).await;
    let mut peer = world.logged_in().await;
    peer.write("FETCH r0 https://evil.example.net/\r\nFETCH r1 http://api.example.com/\r\n").await;
    peer.write("MSG 1 ada x\r\n").await;
    assert_eq!(world.next_message().await, "1");
    while world.state().problems.len() < 2 {
        peer.write("TICK\r\n").await;
        tokio::task::yield_now().await;
    }
    assert_eq!(world.state().problems, ["host-denied", "host-denied"]);
    for number in 0..5 {
        peer.write(&format!("FETCH q{number} https://api.example.com/{number}\r\n")).await;
    }
    peer.write("FETCH q0 https://api.example.com/again\r\nMSG 2 ada x\r\n").await;
    assert_eq!(world.next_message().await, "2");
    let mut asked = Vec::new();
    for _ in 0..4 {
        asked.push(world.api.peer().await);
    }
    for peer in asked {
        let mut peer = peer;
        peer.request().await;
        peer.answer(200, &[], "").await;
    }
    peer.write("MSG 3 ada x\r\n").await;
    assert_eq!(world.next_message().await, "3");
    assert_eq!(world.state().problems[2..], ["too-many-requests", "duplicate-request"]);
}
