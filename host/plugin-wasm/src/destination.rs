//! The adapter file of kind `destination`: the contract's trait over the WIT world's exports.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::FutureExt as _;
use neustream_plugin::destination::{Broadcast, DestinationAdapter, Health, Target};
use neustream_plugin::{Call, CallError};

use crate::bindings::exports::neustream::destination::adapter as wit;
use crate::call::Calls;
use crate::plugin::LoadedPlugin;
use crate::target;

/// One destination plugin, ready to be called.
pub(crate) struct WasmDestination {
    pub(crate) calls: Arc<Calls>,
    pub(crate) plugin: Arc<LoadedPlugin>,
}

#[async_trait]
impl DestinationAdapter for WasmDestination {
    async fn prepare(&self, call: &Call, broadcast: &Broadcast) -> Result<Target, CallError> {
        let broadcast = wit::Broadcast {
            id: broadcast.id.clone(),
            title: broadcast.title.clone(),
            visibility: broadcast.visibility.clone(),
        };
        let answered = self
            .calls
            .call(&self.plugin, call, "prepare", move |world, store, context| {
                async move {
                    world.neustream_destination_adapter().call_prepare(store, &context, &broadcast).await
                }
                .boxed()
            })
            .await?;
        target::checked(answered, &self.plugin.rules, call)
    }

    async fn check(&self, call: &Call, state: &[u8]) -> Result<Health, CallError> {
        let state = state.to_vec();
        let health = self
            .calls
            .call(&self.plugin, call, "check", move |world, store, context| {
                async move { world.neustream_destination_adapter().call_check(store, &context, &state).await }
                    .boxed()
            })
            .await?;
        Ok(Health { live: health.live, viewers: health.viewers })
    }

    async fn finish(&self, call: &Call, state: &[u8]) -> Result<(), CallError> {
        let state = state.to_vec();
        self.calls
            .call(&self.plugin, call, "finish", move |world, store, context| {
                async move { world.neustream_destination_adapter().call_finish(store, &context, &state).await }
                    .boxed()
            })
            .await
    }
}
