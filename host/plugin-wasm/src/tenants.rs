//! How many calls a tenant has at the same time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use neustream_model::TenantId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The places of every tenant, for as long as somebody holds or awaits one.
#[derive(Debug, Default)]
pub(crate) struct Tenants(Mutex<HashMap<TenantId, Weak<Places>>>);

#[derive(Debug)]
struct Places {
    free: Arc<Semaphore>,
    /// Places that there are, held and free.
    all: Mutex<usize>,
}

/// A call's place among those of its tenant.
#[derive(Debug)]
pub(crate) struct Place {
    _permit: OwnedSemaphorePermit,
    /// Keeps the count for as long as a place is held.
    _places: Arc<Places>,
}

impl Tenants {
    /// Waits for one of `calls` places of `tenant`.
    pub(crate) async fn place(&self, tenant: TenantId, calls: u32) -> Place {
        let places = self.of(tenant);
        places.resize(calls as usize);
        let permit = Arc::clone(&places.free).acquire_owned().await.expect("never closed");
        Place { _permit: permit, _places: places }
    }

    fn of(&self, tenant: TenantId) -> Arc<Places> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(places) = all.get(&tenant).and_then(Weak::upgrade) {
            return places;
        }
        if all.len() >= 1024 {
            all.retain(|_, places| places.strong_count() > 0);
        }
        let places = Arc::new(Places { free: Arc::new(Semaphore::new(0)), all: Mutex::new(0) });
        all.insert(tenant, Arc::downgrade(&places));
        places
    }
}

impl Places {
    /// Makes it `wanted` places: a plan may change while calls run. Places that are held are taken away by later
    /// calls, when they are free again.
    fn resize(&self, wanted: usize) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if wanted > *all {
            self.free.add_permits(wanted - *all);
            *all = wanted;
        } else if wanted < *all {
            *all -= self.free.forget_permits(*all - wanted);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn a_plan_widens_and_narrows_the_places_of_its_tenant() {
        let (tenants, tenant) = (Tenants::default(), TenantId::new());
        let first = tenants.place(tenant, 1).await;
        assert!(tenants.place(tenant, 1).now_or_never().is_none());
        let second = tenants.place(tenant, 2).await;
        assert!(tenants.place(TenantId::new(), 1).now_or_never().is_some(), "of another tenant");
        drop(first);
        assert!(tenants.place(tenant, 1).now_or_never().is_none(), "one is held, one is allowed");
        drop(second);
        assert!(tenants.place(tenant, 1).now_or_never().is_some());
    }
}
