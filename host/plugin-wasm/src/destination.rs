//! The adapter file of kind `destination`: the contract's trait over the WIT world's exports.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::FutureExt as _;
use neustream_plugin::destination::{Broadcast, DestinationAdapter, Health, Target};
use neustream_plugin::{Call, CallError, Manifest};

use crate::bindings::destination::exports::neustream::destination::adapter as wit;
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
    fn manifest(&self) -> &Manifest {
        &self.plugin.known.package.manifest
    }

    async fn prepare(&self, call: &Call, broadcast: &Broadcast) -> Result<Target, CallError> {
        let broadcast = wit::Broadcast {
            id: broadcast.id.clone(),
            title: broadcast.title.clone(),
            visibility: broadcast.visibility.clone(),
        };
        let exports = self.plugin.adapter.clone();
        let answered = self
            .calls
            .call(&self.plugin, call, "prepare", move |instance, store, context| {
                async move { exports.load(&mut *store, instance)?.call_prepare(store, &context, &broadcast).await }
                    .boxed()
            })
            .await?;
        target::checked(answered, &*self.plugin.rules(&call.grant)?, call)
    }

    async fn check(&self, call: &Call, state: &[u8]) -> Result<Health, CallError> {
        let state = state.to_vec();
        let exports = self.plugin.adapter.clone();
        let health = self
            .calls
            .call(&self.plugin, call, "check", move |instance, store, context| {
                async move { exports.load(&mut *store, instance)?.call_check(store, &context, &state).await }.boxed()
            })
            .await?;
        Ok(Health { live: health.live, viewers: health.viewers })
    }

    async fn finish(&self, call: &Call, state: &[u8]) -> Result<(), CallError> {
        let state = state.to_vec();
        let exports = self.plugin.adapter.clone();
        self.calls
            .call(&self.plugin, call, "finish", move |instance, store, context| {
                async move { exports.load(&mut *store, instance)?.call_finish(store, &context, &state).await }.boxed()
            })
            .await
    }

    async fn retitle(&self, call: &Call, state: &[u8], title: &str) -> Result<bool, CallError> {
        let Some(exports) = self.plugin.metadata.clone() else { return Ok(false) };
        let (state, title) = (state.to_vec(), title.to_owned());
        self.calls
            .call(&self.plugin, call, "retitle", move |instance, store, context| {
                async move {
                    exports.load(&mut *store, instance)?.call_retitle(store, &context, &state, &title).await
                }
                .boxed()
            })
            .await?;
        Ok(true)
    }
}
