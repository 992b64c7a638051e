//! What is told by mail.

use std::time::Duration;

use neustream_accounts::{PASSWORD_RESET_LIFETIME, VERIFICATION_LIFETIME};

use super::Mail;
use super::words::{ENGLISH, Values, filled, html, text};

/// News that nobody waits for are carried for so long.
const NEWS_LIFETIME: Duration = Duration::from_hours(72);

/// A letter to one person. Letters to an address that nobody has proved hold nothing that a stranger typed, so that
/// nobody sends advertisements through this host.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Letter<'a> {
    /// Prove the address of an account.
    VerifyEmail { host: &'a str, link: &'a str, code: &'a str },
    /// Prove the new address of an account.
    ChangeEmail { host: &'a str, link: &'a str, code: &'a str },
    /// To the former address: it is no longer the account's.
    EmailChanged { host: &'a str, email: &'a str },
    /// Choose a new password.
    ResetPassword { host: &'a str, link: &'a str },
    /// The password was changed; `link` leads to where it is forgotten.
    PasswordChanged { host: &'a str, link: &'a str },
    /// A second factor is asked for.
    SecondFactorOn { host: &'a str },
    /// None is.
    SecondFactorOff { host: &'a str },
    /// A recovery code was used; so many are left.
    RecoveryCodeUsed { host: &'a str, left: u64 },
    /// An account at a provider opens this one.
    IdentityConnected { host: &'a str, provider: &'a str },
    /// It does no more.
    IdentityDisconnected { host: &'a str, provider: &'a str },
    /// Come into an organisation.
    TeamInvitation {
        host: &'a str,
        organisation: &'a str,
        inviter: &'a str,
        role: &'a str,
        link: &'a str,
        days: u64,
    },
    /// An administrator acts as the receiver.
    Impersonated { host: &'a str, reason: &'a str, until: &'a str },
    /// An archive of data can be fetched.
    ExportReady { host: &'a str, link: &'a str, until: &'a str },
    /// Something of the receiver's is to be deleted.
    DeletionScheduled { host: &'a str, what: &'a str, when: &'a str, link: &'a str },
}

impl Letter<'_> {
    /// Its name in the book of words, and in the log.
    pub fn name(&self) -> &'static str {
        match self {
            Self::VerifyEmail { .. } => "verify-email",
            Self::ChangeEmail { .. } => "change-email",
            Self::EmailChanged { .. } => "email-changed",
            Self::ResetPassword { .. } => "reset-password",
            Self::PasswordChanged { .. } => "password-changed",
            Self::SecondFactorOn { .. } => "second-factor-on",
            Self::SecondFactorOff { .. } => "second-factor-off",
            Self::RecoveryCodeUsed { .. } => "recovery-code-used",
            Self::IdentityConnected { .. } => "identity-connected",
            Self::IdentityDisconnected { .. } => "identity-disconnected",
            Self::TeamInvitation { .. } => "team-invitation",
            Self::Impersonated { .. } => "impersonated",
            Self::ExportReady { .. } => "export-ready",
            Self::DeletionScheduled { .. } => "deletion-scheduled",
        }
    }

    /// How long it is worth being carried.
    pub fn lifetime(&self) -> Duration {
        match self {
            Self::VerifyEmail { .. } | Self::ChangeEmail { .. } => VERIFICATION_LIFETIME,
            Self::ResetPassword { .. } => PASSWORD_RESET_LIFETIME,
            _ => NEWS_LIFETIME,
        }
    }

    fn values(&self) -> Values<'_> {
        let own = |text: &str| one_line(text);
        let hours = || (VERIFICATION_LIFETIME.as_secs() / 3600).to_string();
        let minutes = || (PASSWORD_RESET_LIFETIME.as_secs() / 60).to_string();
        let pairs = match *self {
            Self::VerifyEmail { host, link, code } | Self::ChangeEmail { host, link, code } => {
                vec![("host", own(host)), ("link", own(link)), ("code", own(code)), ("hours", hours())]
            }
            Self::EmailChanged { host, email } => vec![("host", own(host)), ("email", own(email))],
            Self::ResetPassword { host, link } => {
                vec![("host", own(host)), ("link", own(link)), ("minutes", minutes())]
            }
            Self::PasswordChanged { host, link } => vec![("host", own(host)), ("link", own(link))],
            Self::SecondFactorOn { host } | Self::SecondFactorOff { host } => vec![("host", own(host))],
            Self::RecoveryCodeUsed { host, left } => vec![("host", own(host)), ("left", left.to_string())],
            Self::IdentityConnected { host, provider } | Self::IdentityDisconnected { host, provider } => {
                vec![("host", own(host)), ("provider", own(provider))]
            }
            Self::TeamInvitation { host, organisation, inviter, role, link, days } => vec![
                ("host", own(host)),
                ("organisation", own(organisation)),
                ("inviter", own(inviter)),
                ("role", own(role)),
                ("link", own(link)),
                ("days", days.to_string()),
            ],
            Self::Impersonated { host, reason, until } => {
                vec![("host", own(host)), ("reason", own(reason)), ("until", own(until))]
            }
            Self::ExportReady { host, link, until } => {
                vec![("host", own(host)), ("link", own(link)), ("until", own(until))]
            }
            Self::DeletionScheduled { host, what, when, link } => {
                vec![("host", own(host)), ("what", own(what)), ("when", own(when)), ("link", own(link))]
            }
        };
        pairs.into_iter().collect()
    }

    /// The letter as a mail to `to`.
    pub fn mail(&self, to: &str) -> Mail {
        let values = self.values();
        let book = &*ENGLISH;
        let (subject, body) = book
            .letters
            .get(self.name())
            .map_or(("", ""), |words| (words.subject.as_str(), words.body.as_str()));
        Mail {
            to: to.to_owned(),
            subject: filled(subject, &values),
            text: text(body, &book.footer, &values),
            html: html(body, &book.footer, &values),
            link: values.get("link").cloned(),
            code: values.get("code").cloned(),
        }
    }
}

/// Values are one line, so that none can bring a header or a paragraph of its own.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::super::words::names;
    use super::*;

    const HOST: &str = "live.example.com";
    const LINK: &str = "https://live.example.com/x?token=1";

    fn all() -> Vec<Letter<'static>> {
        vec![
            Letter::VerifyEmail { host: HOST, link: LINK, code: "012345" },
            Letter::ChangeEmail { host: HOST, link: LINK, code: "012345" },
            Letter::EmailChanged { host: HOST, email: "new@example.com" },
            Letter::ResetPassword { host: HOST, link: LINK },
            Letter::PasswordChanged { host: HOST, link: LINK },
            Letter::SecondFactorOn { host: HOST },
            Letter::SecondFactorOff { host: HOST },
            Letter::RecoveryCodeUsed { host: HOST, left: 9 },
            Letter::IdentityConnected { host: HOST, provider: "Example" },
            Letter::IdentityDisconnected { host: HOST, provider: "Example" },
            Letter::TeamInvitation {
                host: HOST,
                organisation: "Acme",
                inviter: "Ada",
                role: "editor",
                link: LINK,
                days: 7,
            },
            Letter::Impersonated { host: HOST, reason: "ticket 7", until: "noon" },
            Letter::ExportReady { host: HOST, link: LINK, until: "noon" },
            Letter::DeletionScheduled { host: HOST, what: "your account", when: "Monday", link: LINK },
        ]
    }

    #[test]
    fn every_letter_has_words_and_every_name_in_them_a_value() {
        let mut written: Vec<&str> = all().iter().map(Letter::name).collect();
        written.sort_unstable();
        let known: Vec<&str> = ENGLISH.letters.keys().map(String::as_str).collect();
        assert_eq!(written, known);
        for letter in all() {
            let (values, words) = (letter.values(), &ENGLISH.letters[letter.name()]);
            let texts = [&words.subject, &words.body, &ENGLISH.footer];
            for name in texts.into_iter().flat_map(|text| names(text)) {
                assert!(values.contains_key(name), "{}: {{{name}}}", letter.name());
            }
            let mail = letter.mail("ada@example.com");
            assert!(!mail.subject.is_empty() && !mail.text.contains('{'), "{mail:?} {}", mail.text);
        }
    }

    #[test]
    fn link_and_code_stand_in_both_texts() {
        let mail = Letter::VerifyEmail { host: HOST, link: LINK, code: "012345" }.mail("ada@example.com");
        for text in [&mail.text, &mail.html] {
            assert!(text.contains(LINK) && text.contains("012345"), "{text}");
        }
        assert_eq!(mail.subject, "012345 is your code for live.example.com");
        assert_eq!((mail.link.as_deref(), mail.code.as_deref()), (Some(LINK), Some("012345")));
        assert!(!format!("{mail:?}").contains("ada@example.com"));
    }

    #[test]
    fn what_people_typed_brings_no_header_no_markup_and_no_name() {
        let mail = Letter::TeamInvitation {
            host: HOST,
            organisation: "Acme\r\nBcc: eve@example.com",
            inviter: "<script>alert(1)</script>{link}",
            role: "editor",
            link: LINK,
            days: 7,
        }
        .mail("ada@example.com");
        assert!(!mail.subject.contains(['\r', '\n']), "{}", mail.subject);
        assert!(mail.subject.contains("{link}"), "{}", mail.subject);
        assert!(!mail.html.contains("<script>"), "{}", mail.html);
    }
}
