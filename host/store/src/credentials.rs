//! What a person changes about the own account: name and password.

use neustream_model::{SignInId, UserId};
use serde_json::json;

use crate::audit::{Entry, Target, changed};
use crate::mailed_code::forget_challenges;
use crate::second_factor::user_row;
use crate::sign_in::end_all;
use crate::store::within;
use crate::{Actor, HostStore, NewMail, StoreError, UserRow, Who};

impl HostStore {
    /// Changes the name that people see.
    pub async fn rename_user(&self, user: UserId, display_name: &str) -> Result<UserRow, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let former = user_row(&mut transaction, user).await?;
            let row: UserRow = sqlx::query_as("UPDATE users SET display_name = $2 WHERE id = $1 RETURNING *")
                .bind(user.to_string())
                .bind(display_name)
                .fetch_one(&mut *transaction)
                .await?;
            let entry = Entry::new("user.update", Target::new("user", user))
                .before(json!({ "display_name": former.display_name }))
                .after(json!({ "display_name": row.display_name }));
            self.audit_in(&mut transaction, row.tenant_id, entry);
            transaction.commit().await?;
            Ok(row)
        })
        .await
    }

    /// Changes a password from `former_hash`, ends every sign-in but `kept`, and tells the owner by `mail`.
    ///
    /// # Errors
    /// [`StoreError::CodeRefused`] when the password was changed meanwhile.
    pub async fn change_password(
        &self,
        user: UserId,
        former_hash: &str,
        password_hash: &str,
        kept: Option<SignInId>,
        mail: &NewMail,
    ) -> Result<(), StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let row = user_row(&mut transaction, user).await?;
            let set = sqlx::query("UPDATE users SET password_hash = $2 WHERE id = $1 AND password_hash = $3")
                .bind(user.to_string())
                .bind(password_hash)
                .bind(former_hash)
                .execute(&mut *transaction)
                .await?;
            if set.rows_affected() == 0 {
                return Err(StoreError::CodeRefused);
            }
            end_all(&mut transaction, user, kept).await?;
            forget_challenges(&mut transaction, user).await?;
            self.insert_mail(&mut transaction, mail).await?;
            let entry = Entry::new("user.change-password", Target::new("user", user));
            self.audit_in(&mut transaction, row.tenant_id, entry.after(json!({ "password": changed() })));
            transaction.commit().await
        })
        .await
    }

    /// The same scope for what a visitor turned out to be: the person, from where the visitor came. Whoever acts by
    /// name already goes on to act.
    pub(crate) fn as_person(&self, user: UserId) -> Self {
        let actor = self.actor();
        match actor.who {
            Who::Host => {
                self.clone().acting_as(Actor::person(user).from_request(actor.address, actor.request))
            }
            _ => self.clone(),
        }
    }
}
