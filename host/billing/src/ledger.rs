//! Double entry: what one settlement or refund moves between accounts.

use std::fmt;
use std::str::FromStr;

use neustream_contract::payment::Money;
use neustream_model::{InstallationId, TenantId, UnixMillis};

use crate::entry::{Entry, Purpose};
use crate::key::PaymentKey;

/// An account of a tenant's books.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Account {
    /// Money that lies with the provider of an installation.
    Provider(InstallationId),
    /// What orders brought.
    Orders,
    /// What was paid back.
    Refunds,
    /// What providers kept.
    Fees,
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Provider(installation) => write!(f, "provider:{installation}"),
            Self::Orders => f.write_str("orders"),
            Self::Refunds => f.write_str("refunds"),
            Self::Fees => f.write_str("fees"),
        }
    }
}

/// A text that names no account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is not an account")]
pub struct AccountUnknown;

impl FromStr for Account {
    type Err = AccountUnknown;

    fn from_str(text: &str) -> Result<Self, AccountUnknown> {
        match text {
            "orders" => Ok(Self::Orders),
            "refunds" => Ok(Self::Refunds),
            "fees" => Ok(Self::Fees),
            _ => {
                let installation = text.strip_prefix("provider:").and_then(|id| id.parse().ok());
                installation.map(Self::Provider).ok_or(AccountUnknown)
            }
        }
    }
}

/// One line: what an account receives (debit, positive) or gives (credit, negative), in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// The account.
    pub account: Account,
    /// Minor units of the transfer's currency; never 0.
    pub minor: i64,
}

/// The lines of one settlement or refund. Their sum is zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// The entry that settled. There is one transfer an entry, ever.
    pub key: PaymentKey,
    /// Whose books.
    pub tenant: TenantId,
    /// Of all lines.
    pub currency: String,
    /// The lines.
    pub lines: Vec<Line>,
    /// When it was written.
    pub at: UnixMillis,
}

/// The lines of a transfer do not add up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the lines of a transfer add up to {0} minor units, not to nothing")]
pub struct Unbalanced(pub i128);

impl Transfer {
    /// What the settlement of `entry` moves. A fee counts where it is in the same currency and less than the amount;
    /// any other is kept with the entry alone.
    pub fn of(entry: &Entry, now: UnixMillis) -> Self {
        let amount = to_line(&entry.amount);
        let provider = Account::Provider(entry.installation);
        let line = |account, minor| Line { account, minor };
        let lines = match &entry.purpose {
            Purpose::Refund(_) => vec![line(Account::Refunds, amount), line(provider, -amount)],
            Purpose::Charge(_) => {
                let fee = entry.fee.as_ref().filter(|fee| {
                    fee.minor > 0 && fee.minor < entry.amount.minor && fee.currency == entry.amount.currency
                });
                let fee = fee.map_or(0, to_line);
                let mut lines = vec![line(provider, amount - fee), line(Account::Orders, -amount)];
                if fee > 0 {
                    lines.push(line(Account::Fees, fee));
                }
                lines
            }
        };
        Self {
            key: entry.key.clone(),
            tenant: entry.tenant,
            currency: entry.amount.currency.clone(),
            lines,
            at: now,
        }
    }

    /// Whether it adds up; a journal asks before it writes.
    ///
    /// # Errors
    /// [`Unbalanced`] with the sum.
    pub fn check(&self) -> Result<(), Unbalanced> {
        let sum = self.lines.iter().map(|line| i128::from(line.minor)).sum();
        if sum == 0 { Ok(()) } else { Err(Unbalanced(sum)) }
    }
}

/// Orders are at most [`crate::MAX_MINOR`], so this never saturates.
fn to_line(money: &Money) -> i64 {
    i64::try_from(money.minor).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_reads_back_from_its_text() {
        for account in
            [Account::Provider(InstallationId::new()), Account::Orders, Account::Refunds, Account::Fees]
        {
            assert_eq!(account.to_string().parse(), Ok(account));
        }
        assert_eq!("provider:x".parse::<Account>(), Err(AccountUnknown));
    }

    #[test]
    fn a_fee_is_a_line_of_its_own_where_it_can_be() {
        let scope = (TenantId::new(), InstallationId::new(), neustream_contract::Digest::of(b""));
        let terms = crate::ChargeTerms {
            description: "Pro".to_owned(),
            payer_ref: "user".to_owned(),
            return_url: "https://example.com".to_owned(),
        };
        let money = |minor, currency: &str| Money { minor, currency: currency.to_owned() };
        let mut entry = Entry::new(scope, "o-1", money(1000, "USD"), Purpose::Charge(terms), UnixMillis(1));
        for (fee, expected) in [
            (Some(money(30, "USD")), &[970, -1000, 30][..]),
            (Some(money(30, "INR")), &[1000, -1000]),
            (Some(money(1000, "USD")), &[1000, -1000]),
            (None, &[1000, -1000]),
        ] {
            entry.fee = fee;
            let transfer = Transfer::of(&entry, UnixMillis(2));
            assert_eq!(transfer.check(), Ok(()));
            assert_eq!(transfer.lines.iter().map(|line| line.minor).collect::<Vec<_>>(), expected);
        }
    }
}
