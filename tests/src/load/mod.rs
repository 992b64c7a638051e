//! The load generator: what Neustream, nginx with its RTMP module and the kernel's own floor cost, side by side.
//!
//! # How the figures are made
//!
//! * **Alternation.** A bench runs every server in turn, round after round (A B C, A B C), each from a fresh start,
//!   and shows the median of the rounds. Times of different moments on a shared machine differ by 40 %, so the
//!   ratio to the floor is taken inside each round and its median shown; absolute figures are for orientation.
//! * **Cores.** The server has one core (`taskset -c`, inherited by all its threads), the generator another.
//! * **CPU.** User and system time of the server's whole process tree from `/proc`, over the window, divided by the
//!   bytes that readers took off their sockets in the same window (for ingest: that publishers got rid of).
//! * **Latency.** Every frame carries the wall clock of the moment it was given to the publisher's socket. A reader
//!   compares when it has read the frame's last byte. The generator's own delays are therefore inside the figure, for
//!   every server alike; how late publishers were and how busy the generator's core was are shown beside it.
//! * **Loss.** Every frame carries a number per track; numbers missing at a reader are lost frames. "delivered" is
//!   the share of the offered bytes that arrived, so that a server cannot save CPU by sending less.
//! * **Memory.** `VmRSS` of the process tree; a reader's share is the growth from just before the readers came to
//!   the end of the window, divided by their number. Socket buffers belong to the kernel and are not in it.
//! * **The floor.** `raw(73)` copies frames of the same sizes to the same number of sockets with one plain `write`
//!   a frame and socket; `raw(30)` once a picture, for information; `raw(read)` reads what publishers send.
//!
//! Runs use the loopback interface and free ports only, and end after a bounded time.

mod amf;
pub mod api;
pub mod bench;
mod chunk;
mod engine;
mod http;
mod neustream;
mod peer;
pub mod process;
pub mod raw;
pub mod report;
mod samples;
mod server;
mod session;
mod stream;
