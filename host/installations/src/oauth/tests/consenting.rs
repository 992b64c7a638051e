use super::*;

#[tokio::test]
async fn an_account_is_connected_and_calls_get_its_token() {
    let world = World::new().await;
    assert!(world.oauth.secrets(&world.consent()).await.unwrap().is_empty());
    let begun = world.begin().await;
    let returned = world.oauth.finish(world.decide(&begun, Decision::Allow)).await;
    assert_eq!(code_of(&returned), "connected");
    assert_eq!(returned.return_to.as_deref(), Some("/plugins"));
    assert_eq!(returned.installation, Some((world.tenant, world.installation)));

    let secrets = world.oauth.secrets(&world.consent()).await.unwrap();
    assert_eq!(secrets["account.client-id"].expose(), "client-1");
    assert_eq!(world.provider.site.allows(secrets["account"].expose(), "write").unwrap(), "client-1");
    let connected = world.oauth.connected(world.tenant, world.installation).await.unwrap();
    assert!(connected.contains(NAME));
}

#[tokio::test]
async fn large_platforms_with_their_own_ways_are_data() {
    let google = MANIFEST
        .replace("id.example.com/authorize", "accounts.google.com/o/oauth2/v2/auth?hl=en")
        .replace("id.example.com", "oauth2.googleapis.com")
        .replace("\"read\", \"write\"", "\"https://www.googleapis.com/auth/youtube\"")
        + "client-auth = \"body\"\nissuer = \"https://accounts.google.com\"\n\
           authorize-parameters = { access_type = \"offline\", prompt = \"consent\" }\n";
    let twitch = MANIFEST
        .replace("id.example.com/authorize", "id.twitch.tv/oauth2/authorize")
        .replace("id.example.com/token", "id.twitch.tv/oauth2/token")
        .replace("id.example.com/revoke", "id.twitch.tv/oauth2/revoke")
        .replace("\"read\", \"write\"", "\"channel:read:stream_key\"")
        + "client-auth = \"body\"\n";
    for (manifest, rules) in [(google, ProviderRules::google()), (twitch, ProviderRules::twitch())] {
        let world = World::with(&manifest, rules, TestStore::sqlite().await).await;
        world.provider.site.set_lifetime(OVER);
        world.connect().await;
        world.provider.site.set_lifetime(LONG);
        let token = world.token().await.unwrap();
        assert!(world.provider.site.is_alive(token.expose()));
        assert_eq!(world.asked("refresh_token"), 1, "a refresh token was given");
        world.provider.site.withdraw();
        assert!(!world.oauth.refused(&world.consent(), &token).await);
        assert_eq!(world.token().await.unwrap_err().code, "oauth-consent-needed");
    }
}

#[tokio::test]
async fn a_state_is_good_once_and_a_replayed_answer_reaches_no_provider() {
    let world = World::new().await;
    let begun = world.begin().await;
    let back = world.decide(&begun, Decision::Allow);
    assert_eq!(code_of(&world.oauth.finish(back.clone()).await), "connected");
    let again = world.oauth.finish(back.clone()).await;
    assert_eq!((code_of(&again), again.return_to), ("oauth-state-unknown", None));
    let invented = Callback { state: Secret::new("invented"), ..back };
    assert_eq!(code_of(&world.oauth.finish(invented).await), "oauth-state-unknown");
    assert_eq!(world.asked("authorization_code"), 1);
}

#[tokio::test]
async fn a_code_that_was_used_before_connects_nobody() {
    let world = World::new().await;
    let first = world.begin().await;
    let used = world.decide(&first, Decision::Allow);
    assert_eq!(code_of(&world.oauth.finish(used.clone()).await), "connected");
    let second = world.begin().await;
    let fresh = world.decide(&second, Decision::Allow);
    let replayed = Callback { outcome: used.outcome, ..fresh };
    assert_eq!(code_of(&world.oauth.finish(replayed).await), "oauth-consent-needed");
}

#[tokio::test]
async fn a_code_of_another_flow_is_useless_without_its_verifier() {
    let world = World::new().await;
    let mut other = world.consent();
    other.installation = InstallationId::new();
    let (mine, theirs) =
        (world.begin().await, world.oauth.begin(&other, world.user, REDIRECT, "/").await.unwrap());
    let (mine_back, theirs_back) =
        (world.decide(&mine, Decision::Allow), world.decide(&theirs, Decision::Allow));
    let injected = Callback { outcome: theirs_back.outcome, ..mine_back };
    assert_eq!(code_of(&world.oauth.finish(injected).await), "oauth-consent-needed");
    assert!(world.oauth.secrets(&world.consent()).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_state_is_good_for_its_time_only() {
    let world = World::new().await;
    let slow = Oauth::with_time_to_consent(world.store.store.clone(), world.outbound.clone(), OVER);
    let begun = slow.begin(&world.consent(), world.user, REDIRECT, "/plugins").await.unwrap();
    let returned = slow.finish(world.decide(&begun, Decision::Allow)).await;
    assert_eq!(code_of(&returned), "oauth-state-unknown");
    assert_eq!(world.asked("authorization_code"), 0);
}

#[tokio::test]
async fn only_the_browser_that_began_can_end_it() {
    let world = World::new().await;
    for browser in [None, Some(Secret::new("another browser's"))] {
        let begun = world.begin().await;
        let back = Callback { browser, ..world.decide(&begun, Decision::Allow) };
        let returned = world.oauth.finish(back).await;
        assert_eq!((code_of(&returned), returned.return_to), ("oauth-state-foreign", None));
    }
    assert_eq!(world.asked("authorization_code"), 0);
    assert!(world.oauth.secrets(&world.consent()).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_answer_to_the_address_of_another_secret_is_not_taken() {
    let world = World::new().await;
    for (plugin, name) in [("evil/plugin", NAME), (PLUGIN, "another")] {
        let begun = world.begin().await;
        let back = world.decide(&begun, Decision::Allow);
        let mixed_up = Callback { plugin: plugin.to_owned(), name: name.to_owned(), ..back };
        assert_eq!(code_of(&world.oauth.finish(mixed_up).await), "oauth-state-foreign");
    }
    assert_eq!(world.asked("authorization_code"), 0);
}

#[tokio::test]
async fn an_answer_of_another_issuer_is_not_taken() {
    let world = World::new().await;
    for (iss, expected) in [
        (Some("https://evil.example.com"), "oauth-issuer-mismatch"),
        (Some("https://id.example.com.evil.example"), "oauth-issuer-mismatch"),
        (Some(""), "oauth-issuer-mismatch"),
        (Some("https://id.example.com/"), "connected"),
        (None, "connected"),
    ] {
        let begun = world.begin().await;
        let back = world.decide(&begun, Decision::Allow);
        let back = Callback { iss: iss.map(str::to_owned), ..back };
        assert_eq!(code_of(&world.oauth.finish(back).await), expected, "{iss:?}");
    }
    let named = MANIFEST.to_owned() + "issuer = \"https://id.example.com/one\"\n";
    let world = World::with(&named, ProviderRules::strict(), TestStore::sqlite().await).await;
    let begun = world.begin().await;
    let back = world.decide(&begun, Decision::Allow);
    assert_eq!(
        code_of(&world.oauth.finish(back).await),
        "oauth-issuer-mismatch",
        "the manifest names it whole"
    );
}

#[tokio::test]
async fn a_person_who_says_no_is_told_so_and_what_a_provider_says_is_not_repeated_unread() {
    let world = World::new().await;
    let begun = world.begin().await;
    let returned = world.oauth.finish(world.decide(&begun, Decision::Deny)).await;
    assert_eq!((code_of(&returned), returned.return_to.as_deref()), ("oauth-denied", Some("/plugins")));

    for (error, shown) in [("server_error", "server_error"), ("<script>", "unreadable"), ("", "unreadable")] {
        let begun = world.begin().await;
        let back = world.decide(&begun, Decision::Deny);
        let back = Callback { outcome: CallbackOutcome::Error(error.to_owned()), ..back };
        let text = world.oauth.finish(back).await.result.unwrap_err().to_string();
        assert_eq!(text, format!("the provider refused: {shown}"));
    }
    for code in ["", "a\nb", "ä", &"a".repeat(5000)] {
        let begun = world.begin().await;
        let back = world.decide(&begun, Decision::Allow);
        let back = Callback { outcome: CallbackOutcome::Code(Secret::new(code)), ..back };
        assert_eq!(code_of(&world.oauth.finish(back).await), "oauth-malformed");
    }
    assert_eq!(world.asked("authorization_code"), 0);
}

#[tokio::test]
async fn scopes_beyond_the_grant_are_not_asked_for() {
    let mut world = World::new().await;
    let keys: Vec<_> =
        world.grant.keys().filter(|key| *key != "scope:account:write").map(str::to_owned).collect();
    world.grant = Grant::new(keys);
    world.connect().await;
    let token = world.token().await.unwrap();
    assert!(world.provider.site.allows(token.expose(), "read").is_ok());
    assert!(world.provider.site.allows(token.expose(), "write").is_err());
    // The tenant grants it later: the kept consent is not enough.
    world.grant = Grant::all_of(&world.manifest);
    assert_eq!(world.token().await.unwrap_err().code, "oauth-consent-needed");
}

#[tokio::test]
async fn half_a_consent_is_refused_and_given_back() {
    let world = World::new().await;
    let begun = world.begin().await;
    let returned = world.oauth.finish(world.decide(&begun, Decision::AllowOnly(&["read"]))).await;
    assert_eq!(code_of(&returned), "oauth-scope-narrowed");
    assert!(returned.result.unwrap_err().to_string().ends_with("missing: write"));
    assert!(world.asked("revoke") > 0);
    assert!(world.oauth.secrets(&world.consent()).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_redirect_address_is_sent_as_it_is_registered() {
    let world = World::new().await;
    let other = format!("{REDIRECT}/");
    let begun = world.oauth.begin(&world.consent(), world.user, &other, "/").await.unwrap();
    let refusal = world.provider.site.consent(&begun.authorize_url, Decision::Allow).unwrap_err();
    assert!(refusal.to_string().contains("is not registered"), "{refusal}");
}

#[tokio::test]
async fn without_a_client_or_with_one_for_another_address_nobody_is_sent_away() {
    let mut world = World::new().await;
    let error = |world: &World| {
        let (oauth, user) = (world.oauth.clone(), world.user);
        let consent = (world.tenant, world.installation, world.manifest.clone(), world.grant.clone());
        async move {
            let (tenant, installation, manifest, grant) = consent;
            let secret = &manifest.capabilities.secrets[NAME];
            let consent = Consent { tenant, installation, plugin: PLUGIN, name: NAME, secret, grant: &grant };
            oauth.begin(&consent, user, REDIRECT, "/").await.unwrap_err().code()
        }
    };
    let moved = MANIFEST.replace("id.example.com/token", "id.example.com/moved");
    world.manifest = Manifest::from_toml(&moved).unwrap();
    assert_eq!(error(&world).await, "oauth-client-bound-elsewhere");
    world.manifest = Manifest::from_toml(MANIFEST).unwrap();
    world.store.store.host().delete_oauth_client(PLUGIN, NAME).await.unwrap();
    assert_eq!(error(&world).await, "oauth-client-missing");
}

#[tokio::test]
async fn a_new_version_that_names_another_token_address_gets_no_token_and_no_secret() {
    let mut world = World::new().await;
    world.provider.site.set_lifetime(OVER);
    world.connect().await;
    let before = world.provider.requests().len();
    let moved = MANIFEST.replace("id.example.com/token", "id.example.com/moved");
    world.manifest = Manifest::from_toml(&moved).unwrap();
    assert_eq!(world.token().await.unwrap_err().code, "oauth-consent-needed");
    assert_eq!(world.provider.requests().len(), before);
}

#[tokio::test]
async fn a_tenants_own_client_is_used_before_the_operators() {
    let world = World::new().await;
    let own = OauthClient {
        client_id: "client-2".to_owned(),
        client_secret: Secret::new("another-secret"),
        token_url: "https://id.example.com/token".to_owned(),
    };
    world.provider.site.register(Registration {
        client_id: "client-2".to_owned(),
        client_secret: "another-secret".to_owned(),
        redirect_uris: vec![REDIRECT.to_owned()],
    });
    let tenant = world.store.store.tenant(world.tenant);
    tenant.set_oauth_client(PLUGIN, NAME, &own).await.unwrap();
    world.connect().await;
    let secrets = world.oauth.secrets(&world.consent()).await.unwrap();
    assert_eq!(world.provider.site.allows(secrets[NAME].expose(), "read").unwrap(), "client-2");
    assert_eq!(secrets["account.client-id"].expose(), "client-2");
    // A refresh token is of the client that it was made for (RFC 6749 6).
    tenant.delete_oauth_client(PLUGIN, NAME).await.unwrap();
    assert!(!world.oauth.refused(&world.consent(), &secrets[NAME]).await);
}

#[tokio::test]
async fn a_wrong_client_secret_is_told_as_the_operators_mistake() {
    let world = World::new().await;
    let begun = world.begin().await;
    let back = world.decide(&begun, Decision::Allow);
    let wrong = OauthClient {
        client_id: "client-1".to_owned(),
        client_secret: Secret::new("wrong"),
        token_url: "https://id.example.com/token".to_owned(),
    };
    world.store.store.host().set_oauth_client(PLUGIN, NAME, &wrong).await.unwrap();
    assert_eq!(code_of(&world.oauth.finish(back).await), "oauth-client-refused");
}

#[tokio::test]
async fn a_provider_that_is_down_is_told_as_that() {
    let world = World::new().await;
    let begun = world.begin().await;
    let back = world.decide(&begun, Decision::Allow);
    world.provider.site.set_down(true);
    let returned = world.oauth.finish(back).await;
    assert_eq!((code_of(&returned), returned.return_to.as_deref()), ("oauth-unreachable", Some("/plugins")));
}

#[tokio::test]
async fn disconnecting_forgets_and_gives_up() {
    let world = World::new().await;
    world.connect().await;
    let token = world.token().await.unwrap();
    assert!(world.oauth.disconnect(&world.consent()).await.unwrap());
    assert!(!world.provider.site.is_alive(token.expose()));
    assert!(world.oauth.secrets(&world.consent()).await.unwrap().is_empty());
    assert!(!world.oauth.disconnect(&world.consent()).await.unwrap());

    world.connect().await;
    world.provider.site.set_down(true);
    assert!(!world.oauth.disconnect(&world.consent()).await.unwrap(), "nobody confirmed it");
    assert!(world.oauth.secrets(&world.consent()).await.unwrap().is_empty(), "it is forgotten all the same");
}

#[tokio::test]
async fn an_installation_that_is_no_more_leaves_no_token_behind() {
    let world = World::new().await;
    world.connect().await;
    let token = world.token().await.unwrap();
    let begun = world.begin().await;
    let late = world.decide(&begun, Decision::Allow);
    world.oauth.forget(world.tenant, world.installation).await;
    assert!(!world.provider.site.is_alive(token.expose()));
    assert!(world.oauth.secrets(&world.consent()).await.unwrap().is_empty());
    assert_eq!(code_of(&world.oauth.finish(late).await), "oauth-state-unknown");
}
