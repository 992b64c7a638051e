//! A strict mail server: RFC 5321 with STARTTLS (RFC 3207) and AUTH PLAIN (RFC 4954), which keeps what it takes.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::port::loopback;
use super::wait::until;

/// RFC 5321 4.5.3.1.6.
const MAX_LINE_BYTES: usize = 1000;
const MAX_LINES: usize = 5000;
/// How long a mail may take: the host tries again after a quarter of a minute.
const PATIENCE: Duration = Duration::from_secs(90);

/// A mail that was taken.
#[derive(Debug, Clone)]
pub struct Received {
    /// The envelope's sender.
    pub from: String,
    /// The envelope's receivers.
    pub to: Vec<String>,
    /// Header names in lower case, and unfolded values.
    pub headers: Vec<(String, String)>,
    /// Every part of the body, with its transfer encoding undone.
    pub text: String,
}

impl Received {
    /// A header that comes once.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(known, _)| known == name);
        let first = found.next()?;
        found.next().is_none().then_some(first.1.as_str())
    }

    /// The first word in the text that begins so.
    ///
    /// # Errors
    /// When there is none.
    pub fn word(&self, beginning: &str) -> Result<String> {
        let is_end = |c: char| c.is_whitespace() || c == '<' || c == '"';
        let found = self.text.split(is_end).find(|word| word.starts_with(beginning));
        Ok(found.with_context(|| format!("no {beginning} in {}", self.text))?.to_owned())
    }

    /// The six digits that stand alone on a line.
    ///
    /// # Errors
    /// When there are none.
    pub fn code(&self) -> Result<String> {
        let is_code = |line: &&str| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit());
        let found = self.text.lines().map(str::trim).find(is_code);
        Ok(found.with_context(|| format!("no code in {}", self.text))?.to_owned())
    }
}

/// A running mail server. Dropping it ends it.
pub struct MailServer {
    address: SocketAddr,
    kept: Arc<Kept>,
    _tasks: JoinSet<()>,
}

#[derive(Default)]
struct Kept {
    mails: Mutex<Vec<Received>>,
    /// What clients did wrong.
    mistakes: Mutex<Vec<String>>,
    /// How many mails are put off before one is taken.
    busy: Mutex<u32>,
}

struct Rules {
    tls: TlsAcceptor,
    user: String,
    password: String,
}

impl MailServer {
    /// Starts a server that takes mail from `user` with `password` alone, after STARTTLS with `tls`.
    ///
    /// # Errors
    /// When it cannot listen.
    pub async fn start(tls: TlsAcceptor, user: &str, password: &str) -> Result<Self> {
        let listener = TcpListener::bind(loopback(0)).await.context("listen")?;
        let address = listener.local_addr()?;
        let kept = Arc::<Kept>::default();
        let rules = Arc::new(Rules { tls, user: user.to_owned(), password: password.to_owned() });
        let mut tasks = JoinSet::new();
        let seen = Arc::clone(&kept);
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((socket, _)) = listener.accept().await {
                let (kept, rules) = (Arc::clone(&seen), Arc::clone(&rules));
                connections.spawn(async move {
                    if let Err(error) = serve(socket, &rules, &kept).await {
                        kept.mistakes.lock().unwrap_or_else(PoisonError::into_inner).push(error.to_string());
                    }
                });
                while connections.try_join_next().is_some() {}
            }
        });
        Ok(Self { address, kept, _tasks: tasks })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The next mails are put off (RFC 5321 4.2.3, code 451).
    pub fn be_busy(&self, mails: u32) {
        *self.kept.busy.lock().unwrap_or_else(PoisonError::into_inner) = mails;
    }

    /// Takes the oldest mail to `to` whose subject contains `subject`, waiting for it.
    ///
    /// # Errors
    /// When none comes.
    pub async fn take(&self, to: &str, subject: &str) -> Result<Received> {
        let what = format!("a mail to {to} about {subject}");
        let is_it = |mail: &Received| {
            mail.to == [to] && mail.header("subject").is_some_and(|text| text.contains(subject))
        };
        let (mail, _) = until(PATIENCE, &what, || {
            let mut mails = self.kept.mails.lock().unwrap_or_else(PoisonError::into_inner);
            let found = mails.iter().position(is_it);
            let taken = found.map(|found| mails.remove(found));
            async move { Ok(taken) }
        })
        .await?;
        Ok(mail)
    }

    /// What clients did that no client may do.
    pub fn mistakes(&self) -> Vec<String> {
        self.kept.mistakes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A conversation, from the greeting to its end.
async fn serve(mut socket: TcpStream, rules: &Rules, kept: &Kept) -> Result<()> {
    socket.write_all(b"220 mail.example.com ESMTP\r\n").await?;
    let mut plain = BufReader::new(socket);
    let name = hello(&mut plain, "250-mail.example.com\r\n250-8BITMIME\r\n250 STARTTLS\r\n").await?;
    ensure!(!name.is_empty(), "EHLO without a name");
    let line = read_line(&mut plain).await?;
    ensure!(line == "STARTTLS", "`{line}` before STARTTLS");
    plain.get_mut().write_all(b"220 go ahead\r\n").await?;
    ensure!(plain.buffer().is_empty(), "commands sent ahead of TLS");
    let tls = rules.tls.accept(plain.into_inner()).await?;
    let mut secret = BufReader::new(tls);
    // RFC 3207 4.2: what was said before is forgotten.
    hello(&mut secret, "250-mail.example.com\r\n250-8BITMIME\r\n250 AUTH PLAIN\r\n").await?;
    let line = read_line(&mut secret).await?;
    let given = line.strip_prefix("AUTH PLAIN ").with_context(|| format!("`{line}` before AUTH"))?;
    let expected = format!("\0{}\0{}", rules.user, rules.password);
    if BASE64_STANDARD.decode(given)? != expected.as_bytes() {
        secret.get_mut().write_all(b"535 5.7.8 wrong credentials\r\n").await?;
        bail!("wrong credentials");
    }
    secret.get_mut().write_all(b"235 2.7.0 welcome\r\n").await?;
    loop {
        let line = read_line(&mut secret).await?;
        if line == "QUIT" {
            secret.get_mut().write_all(b"221 bye\r\n").await?;
            return Ok(());
        }
        transaction(&mut secret, &line, kept).await?;
    }
}

/// MAIL, RCPT, DATA.
async fn transaction<S>(stream: &mut BufReader<S>, first: &str, kept: &Kept) -> Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let from = address_in(first, "MAIL FROM:<")?;
    stream.get_mut().write_all(b"250 ok\r\n").await?;
    let mut to = Vec::new();
    loop {
        let line = read_line(stream).await?;
        if line == "DATA" {
            break;
        }
        to.push(address_in(&line, "RCPT TO:<")?);
        stream.get_mut().write_all(b"250 ok\r\n").await?;
    }
    ensure!(!to.is_empty(), "DATA without a receiver");
    stream.get_mut().write_all(b"354 go on\r\n").await?;
    let mut lines = Vec::new();
    loop {
        let line = read_line(stream).await?;
        if line == "." {
            break;
        }
        ensure!(lines.len() < MAX_LINES, "the mail has no end");
        // RFC 5321 4.5.2.
        lines.push(line.strip_prefix('.').map_or(line.clone(), str::to_owned));
    }
    let is_put_off = {
        let mut busy = kept.busy.lock().unwrap_or_else(PoisonError::into_inner);
        let is_put_off = *busy > 0;
        *busy = busy.saturating_sub(1);
        is_put_off
    };
    if is_put_off {
        stream.get_mut().write_all(b"451 4.3.0 come back later\r\n").await?;
        return Ok(());
    }
    let mail = parsed(from, to, &lines)?;
    kept.mails.lock().unwrap_or_else(PoisonError::into_inner).push(mail);
    stream.get_mut().write_all(b"250 2.0.0 taken\r\n").await?;
    Ok(())
}

async fn hello<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut BufReader<S>, answer: &str) -> Result<String> {
    let line = read_line(stream).await?;
    let name = line.strip_prefix("EHLO ").with_context(|| format!("`{line}` in place of EHLO"))?.to_owned();
    stream.get_mut().write_all(answer.as_bytes()).await?;
    Ok(name)
}

/// A line that ends with CR LF and holds neither elsewhere (RFC 5321 2.3.8).
async fn read_line<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> Result<String> {
    let mut line = Vec::new();
    stream.read_until(b'\n', &mut line).await?;
    ensure!(line.len() <= MAX_LINE_BYTES, "a line of {} bytes", line.len());
    let text = line.strip_suffix(b"\r\n").context("a line without CR LF")?;
    ensure!(!text.contains(&b'\r'), "a bare CR");
    Ok(String::from_utf8(text.to_vec())?)
}

fn address_in(line: &str, command: &str) -> Result<String> {
    let rest = line.strip_prefix(command).with_context(|| format!("`{line}` in place of {command}"))?;
    let (address, _) = rest.split_once('>').context("an address without an end")?;
    ensure!(address.contains('@'), "`{address}` is no address");
    Ok(address.to_owned())
}

/// RFC 5322: the headers, each once, and a body in parts (RFC 2046).
fn parsed(from: String, to: Vec<String>, lines: &[String]) -> Result<Received> {
    let end = lines.iter().position(String::is_empty).context("a mail without a body")?;
    let headers = headers_of(&lines[..end])?;
    let body = &lines[end + 1..];
    for name in ["from", "to", "subject", "date", "message-id", "mime-version"] {
        ensure!(headers.iter().filter(|(known, _)| known == name).count() == 1, "`{name}` is not there once");
    }
    let kind = value_of(&headers, "content-type");
    let boundary = kind.split("boundary=\"").nth(1).and_then(|rest| rest.split('"').next());
    ensure!(kind.starts_with("multipart/alternative"), "the mail is `{kind}`");
    let boundary = format!("--{}", boundary.context("a boundary")?);
    let mut text = String::new();
    for part in body.split(|line| line.starts_with(&boundary)).skip(1) {
        let Some(end) = part.iter().position(String::is_empty) else { continue };
        let headers = headers_of(&part[..end])?;
        text.push_str(&decoded(&value_of(&headers, "content-transfer-encoding"), &part[end + 1..])?);
        text.push('\n');
    }
    Ok(Received { from, to, headers, text })
}

fn headers_of(lines: &[String]) -> Result<Vec<(String, String)>> {
    let mut headers: Vec<(String, String)> = Vec::new();
    for line in lines {
        if line.starts_with([' ', '\t']) {
            let (_, value) = headers.last_mut().context("a mail that begins with a space")?;
            value.push(' ');
            value.push_str(line.trim());
        } else {
            let (name, value) = line.split_once(':').with_context(|| format!("`{line}` is no header"))?;
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    Ok(headers)
}

fn value_of(headers: &[(String, String)], name: &str) -> String {
    headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()).unwrap_or_default()
}

fn decoded(encoding: &str, lines: &[String]) -> Result<String> {
    match encoding {
        "" | "7bit" | "8bit" => Ok(lines.join("\n")),
        "base64" => Ok(String::from_utf8(BASE64_STANDARD.decode(lines.concat())?)?),
        "quoted-printable" => {
            // RFC 2045 6.7: `=` at the end joins lines, elsewhere two hexadecimal digits follow.
            let mut joined = String::new();
            for line in lines {
                if let Some(part) = line.strip_suffix('=') {
                    joined.push_str(part);
                } else {
                    joined.push_str(line);
                    joined.push('\n');
                }
            }
            let mut bytes = Vec::new();
            let mut rest = joined.as_bytes();
            while let Some((&byte, after)) = rest.split_first() {
                if byte == b'=' {
                    let digits = after.get(..2).context("an escape without digits")?;
                    bytes.push(u8::from_str_radix(std::str::from_utf8(digits)?, 16)?);
                    rest = &after[2..];
                } else {
                    bytes.push(byte);
                    rest = after;
                }
            }
            Ok(String::from_utf8(bytes)?)
        }
        other => bail!("the transfer encoding `{other}`"),
    }
}
