use std::time::Duration;

use neustream_model::{Secret, UnixMillis, UserId};
use neustream_store::testing::{TestStore, on_both};
use neustream_store::{CodePurpose, NewMail, NewMailedCode, NewUserIdentity, StoreError};

use crate::world;

const NO_PAUSE: Duration = Duration::ZERO;
const MAX: u64 = 5;

fn hence(duration: Duration) -> UnixMillis {
    UnixMillis::now().plus(duration)
}

fn mail(letter: &str) -> NewMail {
    NewMail {
        letter: letter.to_owned(),
        content: Secret::new(format!("the text of {letter}")),
        expires_at: hence(Duration::from_hours(1)),
    }
}

fn code(user: UserId, purpose: CodePurpose, email: &str, link: &str, digits: Option<&str>) -> NewMailedCode {
    NewMailedCode {
        user,
        purpose,
        email: email.to_owned(),
        link_digest: link.to_owned(),
        code: digits.map(Secret::new),
        expires_at: hence(Duration::from_hours(1)),
    }
}

async fn sent(t: &TestStore, new: &NewMailedCode) {
    assert!(t.store.host().send_mailed_code(new, &mail("code"), NO_PAUSE).await.unwrap());
}

fn refused<T: std::fmt::Debug>(result: &Result<T, StoreError>) {
    assert!(matches!(result, Err(StoreError::CodeRefused)), "{result:?}");
}

#[tokio::test]
async fn an_address_is_proved_once_by_digits_or_by_link() {
    on_both(async |t| {
        let host = t.store.host();
        let ada = world::user(&t, "ada@example.com").await;
        assert_eq!(ada.email_verified_at, None);
        sent(&t, &code(ada.id, CodePurpose::VerifyEmail, "ada@example.com", "link", Some("012345"))).await;

        let right = Secret::new("012345");
        refused(&host.confirm_email_by_code("eve@example.com", None, &right, MAX).await);
        refused(&host.confirm_email_by_code("ada@example.com", None, &Secret::new("543210"), MAX).await);
        let proved = host.confirm_email_by_code("ada@example.com", None, &right, MAX).await.unwrap();
        assert!(proved.user.email_verified_at.is_some());
        assert_eq!(proved.former_email, None);
        refused(&host.confirm_email_by_code("ada@example.com", None, &right, MAX).await);
        refused(&host.confirm_email_by_link("link").await);
    })
    .await;
}

#[tokio::test]
async fn digits_can_be_guessed_at_five_times_even_at_the_same_time_and_the_link_still_works() {
    on_both(async |t| {
        let host = t.store.host();
        let ada = world::user(&t, "ada@example.com").await;
        sent(&t, &code(ada.id, CodePurpose::VerifyEmail, "ada@example.com", "link", Some("012345"))).await;
        let guesses = (0..8).map(|n| {
            let host = host.clone();
            tokio::spawn(async move {
                let guess = Secret::new(format!("99999{n}"));
                host.confirm_email_by_code("ada@example.com", None, &guess, MAX).await
            })
        });
        for guess in guesses.collect::<Vec<_>>() {
            refused(&guess.await.unwrap());
        }
        refused(&host.confirm_email_by_code("ada@example.com", None, &Secret::new("012345"), MAX).await);
        assert!(host.confirm_email_by_link("link").await.unwrap().user.email_verified_at.is_some());
    })
    .await;
}

#[tokio::test]
async fn a_code_ends_with_its_time_and_with_the_next_one() {
    on_both(async |t| {
        let host = t.store.host();
        let ada = world::user(&t, "ada@example.com").await;
        let late = NewMailedCode {
            expires_at: UnixMillis(1),
            ..code(ada.id, CodePurpose::VerifyEmail, "ada@example.com", "late", Some("000000"))
        };
        sent(&t, &late).await;
        refused(&host.confirm_email_by_link("late").await);
        refused(&host.confirm_email_by_code("ada@example.com", None, &Secret::new("000000"), MAX).await);
        sent(&t, &code(ada.id, CodePurpose::VerifyEmail, "ada@example.com", "first", None)).await;
        let second = code(ada.id, CodePurpose::VerifyEmail, "ada@example.com", "second", None);
        let pause = Duration::from_mins(1);
        assert!(!host.send_mailed_code(&second, &mail("code"), pause).await.unwrap());
        sent(&t, &second).await;
        refused(&host.confirm_email_by_link("first").await);
        host.confirm_email_by_link("second").await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_new_address_is_the_accounts_once_it_is_proved_and_nobody_elses() {
    on_both(async |t| {
        let host = t.store.host();
        let ada = world::user(&t, "ada@example.com").await;
        let eve = world::user(&t, "eve@example.com").await;
        let change =
            |user, link: &str| code(user, CodePurpose::ChangeEmail, "new@example.com", link, Some("012345"));
        sent(&t, &change(ada.id, "adas")).await;
        sent(&t, &change(eve.id, "eves")).await;
        let right = Secret::new("012345");
        // Without a sign-in the digits count for the account's own address only.
        refused(&host.confirm_email_by_code("new@example.com", None, &right, MAX).await);
        let changed = host.confirm_email_by_code("new@example.com", Some(ada.id), &right, MAX).await.unwrap();
        assert_eq!((changed.user.id, changed.user.email.as_str()), (ada.id, "new@example.com"));
        assert_eq!(changed.former_email.as_deref(), Some("ada@example.com"));
        let taken = host.confirm_email_by_link("eves").await;
        assert!(matches!(taken, Err(StoreError::EmailTaken)), "{taken:?}");
        assert!(host.user_by_email("ada@example.com").await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn a_password_is_reset_once_and_proves_the_address() {
    on_both(async |t| {
        let host = t.store.host();
        let ada = world::user(&t, "ada@example.com").await;
        sent(&t, &code(ada.id, CodePurpose::ResetPassword, "ada@example.com", "reset", None)).await;
        assert_eq!(host.password_reset_user("reset").await.unwrap().id, ada.id);
        // One purpose is not another.
        refused(&host.confirm_email_by_link("reset").await);
        // Whoever was there before the address was proved has no way back.
        host.begin_second_factor(ada.id, &Secret::new("strangers")).await.unwrap();
        host.confirm_second_factor(ada.id, 1, &["x".to_owned()], &mail("on")).await.unwrap();

        let attempts = (0..4).map(|n| {
            let host = host.clone();
            tokio::spawn(async move { host.reset_password("reset", &format!("hash-{n}")).await })
        });
        let mut won = Vec::new();
        for attempt in attempts.collect::<Vec<_>>() {
            match attempt.await.unwrap() {
                Ok(user) => won.push(user),
                Err(StoreError::CodeRefused) => {}
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!(won.len(), 1);
        assert!(won[0].email_verified_at.is_some());
        assert!(host.second_factor(ada.id).await.unwrap().is_none());
        refused(&host.password_reset_user("reset").await);
    })
    .await;
}

#[tokio::test]
async fn a_second_factor_that_was_proved_stays_when_a_password_is_reset() {
    on_both(async |t| {
        let host = t.store.host();
        let ada = world::user(&t, "ada@example.com").await;
        sent(&t, &code(ada.id, CodePurpose::VerifyEmail, "ada@example.com", "link", None)).await;
        host.confirm_email_by_link("link").await.unwrap();
        host.begin_second_factor(ada.id, &Secret::new("hers")).await.unwrap();
        host.confirm_second_factor(ada.id, 1, &[], &mail("on")).await.unwrap();
        sent(&t, &code(ada.id, CodePurpose::ResetPassword, "ada@example.com", "reset", None)).await;
        host.reset_password("reset", "hash").await.unwrap();
        assert!(host.second_factor(ada.id).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn a_second_factor_is_on_once_it_is_confirmed_and_its_secret_reads_back() {
    on_both(async |t| {
        let host = t.store.host();
        let ada = world::user(&t, "ada@example.com").await;
        assert!(host.second_factor(ada.id).await.unwrap().is_none());
        let off = host.confirm_second_factor(ada.id, 1, &[], &mail("on")).await;
        assert!(matches!(off, Err(StoreError::SecondFactorOff)), "{off:?}");

        host.begin_second_factor(ada.id, &Secret::new("first")).await.unwrap();
        host.begin_second_factor(ada.id, &Secret::new("second")).await.unwrap();
        let begun = host.second_factor(ada.id).await.unwrap().unwrap();
        assert_eq!((begun.secret.expose(), begun.confirmed_at), ("second", None));
        let digests = ["a".to_owned(), "b".to_owned()];
        host.confirm_second_factor(ada.id, 7, &digests, &mail("on")).await.unwrap();
        let on = host.second_factor(ada.id).await.unwrap().unwrap();
        assert!(on.confirmed_at.is_some());
        assert_eq!(on.recovery_codes, 2);
        for again in [
            host.begin_second_factor(ada.id, &Secret::new("third")).await,
            host.confirm_second_factor(ada.id, 8, &[], &mail("on")).await,
        ] {
            assert!(matches!(again, Err(StoreError::SecondFactorOn)), "{again:?}");
        }
        host.remove_second_factor(ada.id, &mail("off")).await.unwrap();
        assert!(host.second_factor(ada.id).await.unwrap().is_none());
        let off = host.replace_recovery_codes(ada.id, &digests).await;
        assert!(matches!(off, Err(StoreError::SecondFactorOff)), "{off:?}");
    })
    .await;
}

#[tokio::test]
async fn a_time_step_and_a_recovery_code_are_used_once_whoever_races() {
    on_both(async |t| {
        let host = t.store.host();
        let ada = world::user(&t, "ada@example.com").await;
        host.begin_second_factor(ada.id, &Secret::new("secret")).await.unwrap();
        host.confirm_second_factor(ada.id, 7, &["a".to_owned(), "b".to_owned()], &mail("on")).await.unwrap();
        assert!(!host.use_second_factor_step(ada.id, 7).await.unwrap());
        let racing = (0..4).map(|_| {
            let host = host.clone();
            tokio::spawn(async move { host.use_second_factor_step(ada.id, 8).await.unwrap() })
        });
        let mut used = 0;
        for attempt in racing.collect::<Vec<_>>() {
            used += u32::from(attempt.await.unwrap());
        }
        assert_eq!(used, 1);
        assert!(!host.use_second_factor_step(ada.id, 6).await.unwrap());

        assert_eq!(host.use_recovery_code(ada.id, "a").await.unwrap(), Some(1));
        assert_eq!(host.use_recovery_code(ada.id, "a").await.unwrap(), None);
        let eve = world::user(&t, "eve@example.com").await;
        assert_eq!(host.use_recovery_code(eve.id, "b").await.unwrap(), None);
        host.replace_recovery_codes(ada.id, &["c".to_owned()]).await.unwrap();
        assert_eq!(host.use_recovery_code(ada.id, "b").await.unwrap(), None);
        assert_eq!(host.use_recovery_code(ada.id, "c").await.unwrap(), Some(0));
    })
    .await;
}

#[tokio::test]
async fn attempts_at_a_second_factor_are_counted_until_one_succeeds() {
    on_both(async |t| {
        let host = t.store.host();
        let ada = world::user(&t, "ada@example.com").await;
        host.begin_second_factor(ada.id, &Secret::new("secret")).await.unwrap();
        host.confirm_second_factor(ada.id, 1, &[], &mail("on")).await.unwrap();
        let window = Duration::from_mins(15);
        let count = async || host.count_second_factor_attempt(ada.id, 3, window).await.unwrap();
        assert!(count().await && count().await && count().await);
        assert!(!count().await);
        // The window has passed: it is of no length.
        assert!(host.count_second_factor_attempt(ada.id, 3, Duration::ZERO).await.unwrap());
        assert!(host.use_second_factor_step(ada.id, 2).await.unwrap());
        assert!(count().await && count().await && count().await);
        assert!(!count().await);
    })
    .await;
}

#[tokio::test]
async fn a_challenge_is_met_once_and_ends_with_the_password_it_proved() {
    on_both(async |t| {
        let host = t.store.host();
        let ada = world::user(&t, "ada@example.com").await;
        let soon = hence(Duration::from_mins(5));
        host.begin_challenge(ada.id, "old", "password", UnixMillis(1)).await.unwrap();
        assert!(host.challenge("old").await.unwrap().is_none());
        for digest in ["one", "two"] {
            host.begin_challenge(ada.id, digest, "password", soon).await.unwrap();
        }
        let found = host.challenge("one").await.unwrap().unwrap();
        assert_eq!((found.user.id, found.method.as_str()), (ada.id, "password"));
        assert!(host.meet_challenge(ada.id, "one").await.unwrap());
        assert!(!host.meet_challenge(ada.id, "one").await.unwrap());
        assert!(host.challenge("two").await.unwrap().is_none());

        host.begin_challenge(ada.id, "three", "password", soon).await.unwrap();
        host.change_password(ada.id, "$argon2id$", "other", None, &mail("changed")).await.unwrap();
        assert!(host.challenge("three").await.unwrap().is_none());
        refused(&host.change_password(ada.id, "$argon2id$", "third", None, &mail("changed")).await);
    })
    .await;
}

fn identity(subject: &str) -> NewUserIdentity {
    NewUserIdentity {
        provider: "example".to_owned(),
        subject: subject.to_owned(),
        email: "ada@example.com".to_owned(),
    }
}

#[tokio::test]
async fn an_account_at_a_provider_belongs_to_one_person() {
    on_both(async |t| {
        let host = t.store.host();
        let ada = world::user(&t, "ada@example.com").await;
        let eve = world::user(&t, "eve@example.com").await;
        assert!(host.user_by_identity("example", "1").await.unwrap().is_none());
        host.connect_identity(ada.id, &identity("1"), &mail("connected")).await.unwrap();
        assert_eq!(host.user_by_identity("example", "1").await.unwrap().unwrap().id, ada.id);
        for (user, subject) in [(eve.id, "1"), (ada.id, "2")] {
            let taken = host.connect_identity(user, &identity(subject), &mail("connected")).await;
            assert!(matches!(taken, Err(StoreError::IdentityTaken)), "{taken:?}");
        }
        assert!(host.user_by_identity("other", "1").await.unwrap().is_none());
        let listed = host.user_identities(ada.id).await.unwrap();
        assert_eq!((listed.len(), listed[0].subject.as_str()), (1, "1"));
    })
    .await;
}

#[tokio::test]
async fn the_last_way_to_sign_in_stays() {
    on_both(async |t| {
        let host = t.store.host();
        let account = neustream_store::NewAccount {
            password_hash: "!".to_owned(),
            ..world::account("ada@example.com")
        };
        let ada = host.create_account_with_identity(&account, &identity("1")).await.unwrap();
        assert!(ada.email_verified_at.is_some());
        let last = host.disconnect_identity(ada.id, "example", "!", &mail("gone")).await;
        assert!(matches!(last, Err(StoreError::LastWayIn)), "{last:?}");
        host.change_password(ada.id, "!", "hash", None, &mail("changed")).await.unwrap();
        host.disconnect_identity(ada.id, "example", "!", &mail("gone")).await.unwrap();
        let gone = host.disconnect_identity(ada.id, "example", "!", &mail("gone")).await;
        assert!(matches!(gone, Err(StoreError::NotFound(_))), "{gone:?}");
    })
    .await;
}

#[tokio::test]
async fn what_a_browser_brings_back_is_opened_for_its_purpose_alone() {
    let t = TestStore::sqlite().await;
    let host = t.store.host();
    let sealed = host.seal_for_browser("flow", &Secret::new("state")).unwrap();
    assert!(!sealed.contains("state"));
    assert_eq!(host.unseal_from_browser("flow", &sealed).unwrap().expose(), "state");
    assert!(host.unseal_from_browser("other", &sealed).is_none());
    assert!(host.unseal_from_browser("flow", "nonsense").is_none());
}

#[tokio::test]
async fn a_mail_is_leased_to_one_postman_and_comes_back_when_he_dies() {
    on_both(async |t| {
        let host = t.store.host();
        host.enqueue_mail(&mail("one")).await.unwrap();
        host.enqueue_mail(&mail("two")).await.unwrap();
        let now = UnixMillis::now();
        let lease = Duration::from_mins(5);
        let racing = (0..4).map(|_| {
            let host = host.clone();
            tokio::spawn(async move { host.take_due_mails(1, lease, now).await.unwrap() })
        });
        let mut taken = Vec::new();
        for postman in racing.collect::<Vec<_>>() {
            taken.extend(postman.await.unwrap());
        }
        // Of those who race for one row some go away without any.
        taken.extend(host.take_due_mails(5, lease, now).await.unwrap());
        let mut letters: Vec<_> = taken.iter().map(|mail| mail.letter.as_str()).collect();
        letters.sort_unstable();
        assert_eq!(letters, ["one", "two"]);
        assert_eq!(taken[0].content.expose(), format!("the text of {}", taken[0].letter));
        assert!(host.take_due_mails(5, lease, now).await.unwrap().is_empty());

        host.forget_mail(&taken[0].id).await.unwrap();
        let again = host.take_due_mails(5, lease, now.plus(lease)).await.unwrap();
        assert_eq!(again.len(), 1);
        assert_eq!((again[0].id.as_str(), again[0].attempt), (taken[1].id.as_str(), 2));
        host.postpone_mail(&again[0].id, UnixMillis(1)).await.unwrap();
        assert_eq!(host.next_mail_due().await.unwrap(), Some(UnixMillis(1)));
        // Too late: it is forgotten.
        let late = now.plus(Duration::from_hours(2));
        assert!(host.take_due_mails(5, lease, late).await.unwrap().is_empty());
        assert_eq!(host.next_mail_due().await.unwrap(), None);
    })
    .await;
}
