//! A process with the real parts is killed (SIGKILL) at every point of a charge and of a refund: before and after every
//! operation of the journal, and before and after everything that the provider does.

use std::process::Stdio;
use std::time::Duration;

use neustream_billing::{ChargeView, State};
use neustream_tests::kit::payments::{Outcome, RazorpaySite, StripeSite};
use neustream_tests::kit::postgres::Postgres;
use neustream_tests::kit::wait::within;
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::host::{DONE, Deed, ORDER, Order, POINT};
use crate::world::World;

/// After this every lease has ended, and nothing can be under way any more.
const LATER: Duration = Duration::from_mins(3);

/// A host in a process of its own.
struct Process {
    child: Child,
    input: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
}

/// Where the process is.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    Point,
    Done,
    Died,
}

impl Process {
    fn start(order: &Order) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["host::a_host_that_is_killed", "--exact", "--ignored", "--nocapture", "--test-threads=1"])
            .env(ORDER, serde_json::to_string(order).unwrap())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let input = child.stdin.take().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, input, lines }
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().unwrap() as i32).unwrap()
    }

    /// Waits for what it says next.
    async fn said(&mut self) -> Said {
        let heard = within(Duration::from_mins(2), "the host says where it is", async {
            while let Some(line) = self.lines.next_line().await? {
                match line.as_str() {
                    POINT => return Ok(Said::Point),
                    DONE => return Ok(Said::Done),
                    _ => {}
                }
            }
            Ok(Said::Died)
        });
        heard.await.unwrap()
    }

    /// Lets it go on to its end, or to its death at a point of the journal (counted from 0). True when it died.
    async fn run(&mut self, dies_at: Option<u32>) -> bool {
        let mut number = 0;
        loop {
            match self.said().await {
                Said::Point if dies_at == Some(number) => {
                    kill(self.pid());
                    self.child.wait().await.unwrap();
                    return true;
                }
                Said::Point => {
                    number += 1;
                    // It may have been killed by the stand-in by now.
                    let _told = self.input.write_all(b"\n").await;
                }
                Said::Done => return false,
                Said::Died => {
                    self.child.wait().await.unwrap();
                    return true;
                }
            }
        }
    }
}

fn kill(pid: Pid) {
    kill_process(pid, Signal::KILL).unwrap();
}

/// What a provider's world can do beyond what all can.
trait Provider {
    /// Kills `pid` at the provider's point `number`.
    fn kill_at(&self, number: u32, pid: Pid);
    /// Whether there was no such point.
    fn was_not_reached(&self) -> bool;
    /// Charges and refunds that it has.
    fn made(&self) -> (usize, usize);
    /// The payer pays the only charge.
    fn pay(&self);
}

impl Provider for RazorpaySite {
    fn kill_at(&self, number: u32, pid: Pid) {
        self.faults.at_point(number, move || kill(pid));
    }

    fn was_not_reached(&self) -> bool {
        self.faults.take_deed()
    }

    fn made(&self) -> (usize, usize) {
        (self.orders().len(), self.refunds().len())
    }

    fn pay(&self) {
        self.pay(&self.orders()[0].id).unwrap();
    }
}

impl Provider for StripeSite {
    fn kill_at(&self, number: u32, pid: Pid) {
        self.faults.at_point(number, move || kill(pid));
    }

    fn was_not_reached(&self) -> bool {
        self.faults.take_deed()
    }

    fn made(&self) -> (usize, usize) {
        (self.sessions().len(), self.refunds().len())
    }

    fn pay(&self) {
        self.pay(&self.sessions()[0], Outcome::Paid).unwrap();
    }
}

/// Where a process is killed.
#[derive(Debug, Clone, Copy)]
enum Death {
    Journal(u32),
    Provider(u32),
}

/// Runs `deed` in a process that is killed there. False when there is no such point.
async fn killed<S>(world: &World<S>, deed: Deed, death: Death) -> bool
where
    S: Provider + neustream_tests::kit::oauth::Site,
{
    let mut process = Process::start(&Order { setup: world.setup.clone(), deed });
    match death {
        Death::Journal(number) => process.run(Some(number)).await,
        Death::Provider(number) => {
            // Not before its own start, when it asks nobody anything.
            world.site.kill_at(number, process.pid());
            let has_died = process.run(None).await;
            assert_eq!(has_died, !world.site.was_not_reached());
            has_died
        }
    }
}

/// A new host finds out what became of it, the tenant asks again, the payer pays.
async fn settled<S>(world: &World<S>) -> ChargeView
where
    S: Provider + neustream_tests::kit::oauth::Site,
{
    let host = world.host_after(LATER).await;
    host.payments.recover().await.unwrap();
    let charge = world.start(&host).await;
    assert_eq!(charge.state, State::ActionRequired, "{charge:?}");
    world.site.pay();
    let later = world.host_after(LATER * 2).await;
    later.payments.recover().await.unwrap();
    let charge = world.charge(&later, &charge.key).await;
    assert_eq!((charge.state, &charge.flag), (State::Settled, &None), "{charge:?}");
    assert_eq!(world.balance(&later, "orders").await, -79_900);
    let charges = later.payments.charges(world.setup.tenant, None, 10).await.unwrap();
    assert_eq!(charges.len(), 1);
    charge
}

/// Every point of a charge; tells how many there are in the journal and at the provider.
async fn charges_killed_everywhere<S, F>(new: impl Fn() -> F) -> (u32, u32)
where
    S: Provider + neustream_tests::kit::oauth::Site,
    F: Future<Output = World<S>>,
{
    let mut deaths = [0, 0];
    for (kind, count) in deaths.iter_mut().enumerate() {
        loop {
            let world = new().await;
            let death = if kind == 0 { Death::Journal(*count) } else { Death::Provider(*count) };
            let has_died = killed(&world, Deed::Start, death).await;
            settled(&world).await;
            assert_eq!(world.site.made(), (1, 0), "{death:?}");
            if !has_died {
                break;
            }
            *count += 1;
        }
    }
    (deaths[0], deaths[1])
}

async fn refunds_killed_everywhere<S, F>(new: impl Fn() -> F) -> (u32, u32)
where
    S: Provider + neustream_tests::kit::oauth::Site,
    F: Future<Output = World<S>>,
{
    let mut deaths = [0, 0];
    for (kind, count) in deaths.iter_mut().enumerate() {
        loop {
            let world = new().await;
            world.start(&world.host().await).await;
            let charge = settled(&world).await;
            let death = if kind == 0 { Death::Journal(*count) } else { Death::Provider(*count) };
            let has_died = killed(&world, Deed::Refund(charge.key.clone()), death).await;
            let later = world.host_after(LATER * 3).await;
            later.payments.recover().await.unwrap();
            let refund = crate::world::refund("r-1", 400);
            let refund = later.payments.refund(world.setup.tenant, &charge.key, &refund).await.unwrap();
            assert_eq!(refund.state, State::Settled, "{death:?}: {refund:?}");
            assert_eq!(world.site.made(), (1, 1), "{death:?}");
            assert_eq!(world.balance(&later, "refunds").await, 400);
            if !has_died {
                break;
            }
            *count += 1;
        }
    }
    (deaths[0], deaths[1])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_killed_anywhere_makes_one_order_at_razorpay() {
    let (journal, provider) = charges_killed_everywhere(World::razorpay).await;
    println!("killed at {journal} points of the journal and {provider} of the provider");
    assert!(journal >= 8 && provider >= 2, "{journal} and {provider} points");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_killed_anywhere_makes_one_order_with_postgresql_too() {
    let postgres = Postgres::start().await.unwrap();
    let url = postgres.url();
    let (journal, provider) = charges_killed_everywhere(|| World::razorpay_on(Some(url.clone()))).await;
    println!("killed at {journal} points of the journal and {provider} of the provider");
    assert!(journal >= 8 && provider >= 2, "{journal} and {provider} points");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_killed_anywhere_makes_one_session_at_stripe() {
    let (journal, provider) = charges_killed_everywhere(World::stripe).await;
    println!("killed at {journal} points of the journal and {provider} of the provider");
    assert!(journal >= 8 && provider >= 2, "{journal} and {provider} points");
}

/// A first process dies when the provider has acted and has not answered, the one that recovers dies at every point of
/// its own; tells at how many.
async fn recoveries_killed_everywhere<S, F>(new: impl Fn() -> F) -> (u32, u32)
where
    S: Provider + neustream_tests::kit::oauth::Site,
    F: Future<Output = World<S>>,
{
    let mut deaths = [0, 0];
    for (kind, count) in deaths.iter_mut().enumerate() {
        loop {
            let mut world = new().await;
            assert!(killed(&world, Deed::Start, Death::Provider(1)).await);
            assert_eq!(world.site.made(), (1, 0));
            world.setup.clock_ahead = LATER;
            let death = if kind == 0 { Death::Journal(*count) } else { Death::Provider(*count) };
            let has_died = killed(&world, Deed::Recover, death).await;
            let host = world.host_after(LATER * 2).await;
            host.payments.recover().await.unwrap();
            let charge = world.start(&host).await;
            assert_eq!(charge.state, State::ActionRequired, "{death:?}: {charge:?}");
            assert_eq!(world.site.made(), (1, 0), "{death:?}");
            if !has_died {
                break;
            }
            *count += 1;
        }
    }
    (deaths[0], deaths[1])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_killed_again_while_it_recovers_makes_one_order_at_razorpay() {
    let (journal, provider) = recoveries_killed_everywhere(World::razorpay).await;
    println!("killed at {journal} points of the journal and {provider} of the provider");
    assert!(journal >= 6 && provider >= 2, "{journal} and {provider} points");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_killed_again_while_it_recovers_makes_one_session_at_stripe() {
    let (journal, provider) = recoveries_killed_everywhere(World::stripe).await;
    println!("killed at {journal} points of the journal and {provider} of the provider");
    assert!(journal >= 6 && provider >= 2, "{journal} and {provider} points");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_killed_anywhere_pays_back_once_at_razorpay() {
    let (journal, provider) = refunds_killed_everywhere(World::razorpay).await;
    println!("killed at {journal} points of the journal and {provider} of the provider");
    assert!(journal >= 10 && provider >= 2, "{journal} and {provider} points");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_killed_anywhere_pays_back_once_at_stripe() {
    let (journal, provider) = refunds_killed_everywhere(World::stripe).await;
    println!("killed at {journal} points of the journal and {provider} of the provider");
    assert!(journal >= 10 && provider >= 2, "{journal} and {provider} points");
}
