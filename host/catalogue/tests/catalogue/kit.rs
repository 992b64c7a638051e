//! A catalogue, tenants, and packages to put into it.

use std::sync::Arc;

use bytes::Bytes;
use neustream_catalogue::testing::{ScriptedPlatform, manifest, package, signed};
use neustream_catalogue::{Catalogue, CatalogueError, Decision, Packages, Publication, Version, Visibility};
use neustream_contract::{PublisherKey, SigningKey};
use neustream_model::{TenantId, UserId};
use neustream_store::testing::TestStore;
use neustream_store::{NewAccount, UserRow};

/// A catalogue with everything around it.
pub struct World {
    pub t: TestStore,
    pub platform: Arc<ScriptedPlatform>,
    pub catalogue: Catalogue,
    pub admin: UserId,
}

/// A tenant with a namespace and a key.
pub struct Author {
    pub user: UserRow,
    pub namespace: String,
    pub key: SigningKey,
}

impl World {
    pub async fn of(t: TestStore) -> Self {
        let platform = Arc::new(ScriptedPlatform::default());
        let packages = Packages::open(t.store.clone()).await.unwrap();
        let catalogue = Catalogue::open(packages, platform.clone()).await.unwrap();
        let admin = account(&t, "admin@example.com").await.id;
        Self { t, platform, catalogue, admin }
    }

    /// Another host on the same database.
    pub async fn second_host(&self) -> (Catalogue, Arc<ScriptedPlatform>) {
        let platform = Arc::new(ScriptedPlatform::default());
        let packages = Packages::open(self.t.store.clone()).await.unwrap();
        (Catalogue::open(packages, platform.clone()).await.unwrap(), platform)
    }

    pub async fn tenant(&self, email: &str) -> TenantId {
        account(&self.t, email).await.tenant_id
    }

    pub async fn author(&self, namespace: &str) -> Author {
        let user = account(&self.t, &format!("{namespace}@example.com")).await;
        let key = SigningKey::from_bytes(&[namespace.len() as u8; 32]);
        self.catalogue.create_publisher(user.tenant_id, namespace, &PublisherKey::of(&key)).await.unwrap();
        Author { user, namespace: namespace.to_owned(), key }
    }

    pub async fn upload(
        &self,
        author: &Author,
        visibility: Visibility,
        package: Bytes,
    ) -> Result<Version, CatalogueError> {
        let (tenant, actor) = (author.user.tenant_id, author.user.id);
        self.catalogue.publish(Publication { tenant, actor, visibility, package }).await
    }

    /// Publishes a version of `<namespace>/plugin`.
    pub async fn published(&self, author: &Author, visibility: Visibility, version: &str) -> Version {
        self.upload(author, visibility, author.package(version)).await.unwrap()
    }

    /// Publishes a version and lets it through.
    pub async fn verified(&self, author: &Author, visibility: Visibility, version: &str) -> Version {
        let version = self.published(author, visibility, version).await;
        self.decide(&version, Decision::Review).await.unwrap();
        self.decide(&version, Decision::Verify).await.unwrap()
    }

    pub async fn decide(&self, version: &Version, decision: Decision) -> Result<Version, CatalogueError> {
        self.catalogue.decide(&version.digest(), decision, "as the test wants", self.admin).await
    }
}

impl Author {
    /// A signed package of `<namespace>/plugin`.
    pub fn package(&self, version: &str) -> Bytes {
        self.package_with(version, "", None)
    }

    pub fn package_with(&self, version: &str, more: &str, schema: Option<&str>) -> Bytes {
        let manifest = manifest(&format!("{}/plugin", self.namespace), version, more);
        signed(&package(&manifest, schema), &self.key)
    }
}

pub async fn account(t: &TestStore, email: &str) -> UserRow {
    let account = NewAccount {
        email: email.to_owned(),
        display_name: "Ada".to_owned(),
        password_hash: "$argon2id$".to_owned(),
        role: "member".to_owned(),
    };
    t.store.host().create_account(&account).await.unwrap()
}

/// Runs `test` in a world over SQLite and in one over PostgreSQL.
pub async fn on_both(test: impl AsyncFn(World)) {
    test(World::of(TestStore::sqlite().await).await).await;
    test(World::of(TestStore::postgres().await).await).await;
}

/// Runs SQL on the database behind the catalogue's back.
pub async fn tamper(world: &World, sql: &'static str) {
    world.t.execute(sql).await;
}
