//! Plans: which ceilings hold for the plugins of a tenant.

use neustream_model::{TenantId, UnixMillis};

use crate::row::to_sql;
use crate::store::within;
use crate::{HostStore, Missing, StoreError, TenantStore};

impl TenantStore {
    /// The tenant's plan.
    pub async fn plan(&self) -> Result<String, StoreError> {
        within(async {
            sqlx::query_scalar("SELECT plan FROM tenants WHERE id = $1")
                .bind(self.tenant.to_string())
                .fetch_optional(&self.store.pool)
                .await?
                .ok_or(StoreError::NotFound(Missing::Tenant))
        })
        .await
    }

    /// The ceilings of the tenant's plan as JSON; `None` where nobody has set any.
    pub async fn plan_ceilings(&self) -> Result<Option<String>, StoreError> {
        within(async {
            let ceilings = sqlx::query_scalar(
                "SELECT c.ceilings FROM tenants t JOIN plan_ceilings c ON c.plan = t.plan WHERE t.id = $1",
            )
            .bind(self.tenant.to_string())
            .fetch_optional(&self.store.pool)
            .await?;
            Ok(ceilings)
        })
        .await
    }
}

impl HostStore {
    /// The ceilings of a plan as JSON; `None` where nobody has set any.
    pub async fn ceilings_of_plan(&self, plan: &str) -> Result<Option<String>, StoreError> {
        within(async {
            let ceilings = sqlx::query_scalar("SELECT ceilings FROM plan_ceilings WHERE plan = $1")
                .bind(plan)
                .fetch_optional(&self.store.pool)
                .await?;
            Ok(ceilings)
        })
        .await
    }

    /// Sets the ceilings of a plan.
    pub async fn set_plan_ceilings(&self, plan: &str, ceilings: &str) -> Result<(), StoreError> {
        within(async {
            sqlx::query(
                "INSERT INTO plan_ceilings (plan, ceilings, updated_at) VALUES ($1, $2, $3) \
                 ON CONFLICT (plan) DO UPDATE SET ceilings = excluded.ceilings, updated_at = excluded.updated_at",
            )
            .bind(plan)
            .bind(ceilings)
            .bind(to_sql(UnixMillis::now().0))
            .execute(&self.store.pool)
            .await?;
            Ok(())
        })
        .await
    }

    /// Puts a tenant on a plan.
    pub async fn set_plan(&self, tenant: TenantId, plan: &str) -> Result<(), StoreError> {
        within(async {
            let result = sqlx::query("UPDATE tenants SET plan = $2 WHERE id = $1")
                .bind(tenant.to_string())
                .bind(plan)
                .execute(&self.store.pool)
                .await?;
            if result.rows_affected() == 0 {
                return Err(StoreError::NotFound(Missing::Tenant));
            }
            Ok(())
        })
        .await
    }
}
