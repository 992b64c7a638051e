-- The payment journal: every charge and refund, written before its provider is called. A tenant with payments cannot be
-- deleted: its books stay.
CREATE TABLE payments (
    -- 'nsc-...' or 'nsr-...': also the idempotency key toward the provider. Sorts by the time it was made.
    payment_key TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    -- 'charge' or 'refund'.
    kind TEXT NOT NULL,
    installation_id TEXT NOT NULL,
    -- 'sha256:<hex>' of the package that it began with and goes on with.
    plugin TEXT NOT NULL,
    -- The tenant's own name of it.
    reference TEXT NOT NULL,
    -- Minor units of the currency.
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    -- ISO 4217.
    currency TEXT NOT NULL,
    -- Of a charge.
    description TEXT,
    payer_ref TEXT,
    return_url TEXT,
    -- Of a refund: its charge, and the provider's id of the payment.
    charge_key TEXT,
    paid_id TEXT,
    -- 'prepared', 'calling', 'unknown', 'action-required', 'pending', 'declined' or 'settled'.
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    looks BIGINT NOT NULL,
    -- The latest moment at which a request that could move money may have been under way.
    sent_by BIGINT,
    next_attempt BIGINT,
    -- The provider's ids of what was begun and of the payment or refund.
    begun_id TEXT,
    payment_id TEXT,
    -- What the payer must do, as JSON.
    action TEXT,
    fee_minor BIGINT,
    fee_currency TEXT,
    reason_code TEXT,
    reason_message TEXT,
    -- What a person must look at.
    flag_code TEXT,
    flag_message TEXT,
    -- Who works on it, and until when.
    lease_holder TEXT,
    lease_until BIGINT,
    -- Grows with every change.
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (tenant_id, kind, reference)
);

CREATE INDEX payments_by_tenant ON payments (tenant_id, kind, payment_key);
CREATE INDEX payments_by_charge ON payments (charge_key);
CREATE INDEX payments_due ON payments (next_attempt);

-- Webhook events that were taken, in the transaction of what they changed.
CREATE TABLE payment_events (
    installation_id TEXT NOT NULL,
    -- The provider's id.
    event_id TEXT NOT NULL,
    -- Empty when it is about none of the installation's.
    payment_key TEXT NOT NULL,
    arrived_at BIGINT NOT NULL,
    PRIMARY KEY (installation_id, event_id, payment_key)
);

CREATE INDEX payment_events_by_time ON payment_events (arrived_at);

-- Double entry: one transfer a settled payment or refund, ever; its lines add up to nothing.
CREATE TABLE ledger_transfers (
    payment_key TEXT NOT NULL PRIMARY KEY REFERENCES payments (payment_key),
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    currency TEXT NOT NULL,
    at BIGINT NOT NULL
);

CREATE INDEX ledger_transfers_by_tenant ON ledger_transfers (tenant_id, at);

CREATE TABLE ledger_lines (
    payment_key TEXT NOT NULL REFERENCES ledger_transfers (payment_key),
    line BIGINT NOT NULL,
    -- 'provider:<installation>', 'orders', 'refunds' or 'fees'.
    account TEXT NOT NULL,
    -- Debit above, credit below zero, in minor units.
    minor BIGINT NOT NULL CHECK (minor <> 0),
    PRIMARY KEY (payment_key, line)
);
