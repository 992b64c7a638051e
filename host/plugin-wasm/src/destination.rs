//! The adapter file of kind `destination`: the contract's trait over the WIT world's exports.

use async_trait::async_trait;
use futures_util::FutureExt as _;
use neustream_contract::destination::{Broadcast, DestinationAdapter, Health, Target};
use neustream_contract::{Call, CallError, Manifest};
use wasmtime::Store;

use crate::answer::reported;
use crate::bindings::destination::exports::neustream::destination::{adapter as wit, metadata};
use crate::call::{Caller, Guest, asking};
use crate::fault::mismatch;
use crate::kind::Exports;
use crate::state::CallState;
use crate::target;

/// One destination plugin, ready to be called.
pub(crate) struct WasmDestination(pub(crate) Caller);

fn adapter(guest: &mut Guest<'_>) -> wasmtime::Result<wit::Guest> {
    let Exports::Destination(adapter, _) = &guest.plugin.exports else { return Err(mismatch("destination")) };
    adapter.load(&mut *guest.store, guest.instance)
}

#[async_trait]
impl DestinationAdapter for WasmDestination {
    fn manifest(&self) -> &Manifest {
        self.0.plugin.manifest()
    }

    async fn prepare(&self, call: &Call, broadcast: &Broadcast) -> Result<Target, CallError> {
        let broadcast = wit::Broadcast {
            id: broadcast.id.clone(),
            title: broadcast.title.clone(),
            visibility: broadcast.visibility.clone(),
        };
        let ask = asking(move |mut guest| {
            async move { adapter(&mut guest)?.call_prepare(guest.store, &guest.context, &broadcast).await }
                .boxed()
        });
        let read = |answer: Result<_, _>, state: &mut CallState| {
            target::checked(answer.map_err(|error| reported(error, state))?, state)
        };
        self.0.call(call, "prepare", ask, read).await.result
    }

    async fn check(&self, call: &Call, state: &[u8]) -> Result<Health, CallError> {
        let state = state.to_vec();
        let ask = asking(move |mut guest| {
            async move { adapter(&mut guest)?.call_check(guest.store, &guest.context, &state).await }.boxed()
        });
        let read = |answer: Result<wit::Health, _>, state: &mut CallState| {
            let health = answer.map_err(|error| reported(error, state))?;
            Ok(Health { live: health.live, viewers: health.viewers })
        };
        self.0.call(call, "check", ask, read).await.result
    }

    async fn finish(&self, call: &Call, state: &[u8]) -> Result<(), CallError> {
        let state = state.to_vec();
        let ask = asking(move |mut guest| {
            async move { adapter(&mut guest)?.call_finish(guest.store, &guest.context, &state).await }.boxed()
        });
        let read =
            |answer: Result<(), _>, state: &mut CallState| answer.map_err(|error| reported(error, state));
        self.0.call(call, "finish", ask, read).await.result
    }

    async fn retitle(&self, call: &Call, state: &[u8], title: &str) -> Result<bool, CallError> {
        let Exports::Destination(_, Some(exports)) = &self.0.plugin.exports else { return Ok(false) };
        let (exports, state, title) = (exports.clone(), state.to_vec(), title.to_owned());
        let ask = asking(move |guest| {
            async move {
                let Guest { instance, store, context, .. } = guest;
                let metadata: metadata::Guest = exports.load(&mut *store as &mut Store<_>, instance)?;
                metadata.call_retitle(store, &context, &state, &title).await
            }
            .boxed()
        });
        let read =
            |answer: Result<(), _>, state: &mut CallState| answer.map_err(|error| reported(error, state));
        self.0.call(call, "retitle", ask, read).await.result.map(|()| true)
    }
}
