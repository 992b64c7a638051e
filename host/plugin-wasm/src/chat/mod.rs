//! The adapter file of kind `chat`: the contract's trait over the WIT world's exports.
//!
//! A connector is a reducer, so every call is a fresh instance: what it
//! remembers goes in and comes out as its state. The two halves are files:
//! [`told`] makes guests' events of the contract's, [`checked`] makes the
//! contract's effects of guests' answers.

mod checked;
mod told;

use async_trait::async_trait;
use futures_util::FutureExt as _;
use neustream_contract::chat::{ChatConnector, Event, Step};
use neustream_contract::{Call, CallError, Manifest};

use crate::answer::reported;
use crate::bindings::chat::exports::neustream::chat::connector as wit;
use crate::call::{Caller, Guest, asking};
use crate::fault::mismatch;
use crate::kind::Exports;
use crate::state::CallState;

/// One chat plugin, ready to be called.
pub(crate) struct WasmConnector(pub(crate) Caller);

fn connector(guest: &mut Guest<'_>) -> wasmtime::Result<wit::Guest> {
    let Exports::Chat(connector) = &guest.plugin.exports else { return Err(mismatch("chat")) };
    connector.load(&mut *guest.store, guest.instance)
}

#[async_trait]
impl ChatConnector for WasmConnector {
    fn manifest(&self) -> &Manifest {
        self.0.plugin.manifest()
    }

    async fn open(&self, call: &Call) -> Result<Step, CallError> {
        let ask = asking(move |mut guest| {
            async move { connector(&mut guest)?.call_open(guest.store, &guest.context).await }.boxed()
        });
        let read = |answer: Result<_, _>, state: &mut CallState| {
            checked::step(answer.map_err(|error| reported(error, state))?, state)
        };
        self.0.call(call, "open", ask, read).await.result
    }

    async fn handle(&self, call: &Call, state: &[u8], events: &[Event]) -> Result<Step, CallError> {
        let (state, events) = (state.to_vec(), events.iter().map(told::event).collect::<Vec<_>>());
        let ask = asking(move |mut guest| {
            async move {
                connector(&mut guest)?.call_handle(guest.store, &guest.context, &state, &events).await
            }
            .boxed()
        });
        let read = |answer: Result<_, _>, state: &mut CallState| {
            checked::step(answer.map_err(|error| reported(error, state))?, state)
        };
        self.0.call(call, "handle", ask, read).await.result
    }
}
