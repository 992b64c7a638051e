//! Mail over SMTP (RFC 5321), or into the log where no mail server is set.

use std::time::Duration;

use anyhow::Context as _;
use async_trait::async_trait;
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use neustream_api::{Mail, MailError, Mailer};

use crate::addresses::Addresses;
use crate::config::{Config, SmtpEncryption};

/// Time for one command of the conversation.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(20);
/// Time for one mail.
const MAIL_TIMEOUT: Duration = Duration::from_mins(1);

/// The mailer that the settings ask for.
///
/// # Errors
/// When a setting is wrong.
pub fn mailer(config: &Config, addresses: &Addresses) -> anyhow::Result<Box<dyn Mailer>> {
    match &config.smtp_host {
        Some(_) if config.public_url.is_none() => {
            anyhow::bail!("set `public_url` with `smtp_host`: links in mail lead there")
        }
        Some(host) => Ok(Box::new(SmtpMailer::new(config, host, addresses)?)),
        None => Ok(Box::new(LogMailer)),
    }
}

/// Whether the mail server of the settings lets this host in; its name, or nothing where none is set. No mail is sent.
///
/// # Errors
/// When a setting is wrong, or what the server says.
pub async fn probe(config: &Config, addresses: &Addresses) -> anyhow::Result<Option<String>> {
    let Some(host) = &config.smtp_host else { return Ok(None) };
    let mailer = SmtpMailer::new(config, host, addresses)?;
    let asked = tokio::time::timeout(COMMAND_TIMEOUT, mailer.transport.test_connection()).await;
    let is_let_in = asked
        .with_context(|| format!("{host} does not answer in time"))?
        .with_context(|| format!("{host} does not let this host in"))?;
    anyhow::ensure!(is_let_in, "{host} ends the conversation");
    Ok(Some(host.clone()))
}

/// Hands mails to the operator's mail server.
struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// Shows the operator what would have been mailed.
struct LogMailer;

/// RFC 3834 5: no program answers these mails.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

impl SmtpMailer {
    fn new(config: &Config, host: &str, addresses: &Addresses) -> anyhow::Result<Self> {
        let own_name = addresses.host_name();
        let from = if let Some(from) = &config.mail_from {
            from.parse().with_context(|| {
                format!("wrong setting `mail_from`: `{from}` is not an address such as `Neustream <live@example.com>`")
            })?
        } else {
            let address = Address::new("neustream", &own_name).with_context(|| {
                format!("set `mail_from`: `neustream@{own_name}` is not an address to send mail from")
            })?;
            Mailbox::new(Some("Neustream".to_owned()), address)
        };
        let (tls, port) = match config.smtp_encryption {
            SmtpEncryption::Starttls => (Tls::Required(tls_parameters(config, host)?), 587),
            SmtpEncryption::Tls => (Tls::Wrapper(tls_parameters(config, host)?), 465),
            SmtpEncryption::None => (Tls::None, 25),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(config.smtp_port.unwrap_or(port))
            .tls(tls)
            .hello_name(ClientId::Domain(own_name))
            .timeout(Some(COMMAND_TIMEOUT));
        if let (Some(user), Some(password)) = (&config.smtp_username, &config.smtp_password) {
            builder = builder.credentials(Credentials::new(user.clone(), password.expose().to_owned()));
        }
        Ok(Self { transport: builder.build(), from })
    }

    fn message(&self, id: &str, mail: &Mail) -> Result<Message, lettre::error::Error> {
        let to: Address = mail.to.parse().map_err(|_| lettre::error::Error::MissingTo)?;
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(&mail.subject)
            .message_id(Some(format!("<{id}@{}>", self.from.email.domain())))
            .date_now()
            .header(AutoSubmitted)
            .multipart(MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone()))
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn deliver(&self, id: &str, _letter: &str, mail: &Mail) -> Result<(), MailError> {
        let message = self.message(id, mail).map_err(|error| MailError::Refused(error.to_string()))?;
        match tokio::time::timeout(MAIL_TIMEOUT, self.transport.send(message)).await {
            Err(_) => Err(MailError::Unavailable("no answer in time".to_owned())),
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(mail_error(&error)),
        }
    }
}

#[async_trait]
impl Mailer for LogMailer {
    async fn deliver(&self, _id: &str, letter: &str, mail: &Mail) -> Result<(), MailError> {
        let (link, code) = (mail.link.as_deref(), mail.code.as_deref());
        let Mail { to, subject, .. } = mail;
        tracing::info!(
            letter,
            to,
            subject,
            link,
            code,
            "no mail server is set (setting `smtp_host`): give this to the person yourself"
        );
        Ok(())
    }
}

/// Only what the server says about this mail is final; what it says about this host is for the operator to mend.
fn mail_error(error: &lettre::transport::smtp::Error) -> MailError {
    // RFC 4954 6: 530, 534, 535 and 538 are about signing in.
    let is_about_us = error.status().is_some_and(|code| matches!(u16::from(code), 530 | 534 | 535 | 538));
    let text = match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    };
    if error.is_permanent() && !is_about_us { MailError::Refused(text) } else { MailError::Unavailable(text) }
}

fn tls_parameters(config: &Config, host: &str) -> anyhow::Result<TlsParameters> {
    let mut parameters = TlsParameters::builder(host.to_owned());
    if let Some(path) = &config.outbound_ca_file {
        let pem = std::fs::read(path).with_context(|| {
            format!("wrong setting `outbound_ca_file`: {} cannot be read", path.display())
        })?;
        let certificate = Certificate::from_pem(&pem)
            .with_context(|| format!("wrong setting `outbound_ca_file`: {} is not PEM", path.display()))?;
        parameters = parameters.add_root_certificate(certificate);
    }
    parameters.build().with_context(|| format!("wrong setting `smtp_host`: `{host}` is not a host name"))
}
