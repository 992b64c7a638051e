-- What organisations may have, and how long they streamed. tenants.plan is not read any more: an organisation is on its
-- subscription's plan while that lasts, and otherwise on the plan that the operator made the default.

CREATE TABLE plans (
    -- A word, such as 'pro'.
    id TEXT NOT NULL PRIMARY KEY,
    -- 'creator', 'viewer' or 'developer'.
    audience TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    -- JSON array of words that clients show as features.
    features TEXT NOT NULL,
    -- Nothing where there is no limit.
    max_sources BIGINT,
    max_destinations BIGINT,
    max_chat_connectors BIGINT,
    max_streaming_hours_monthly BIGINT,
    -- Whether it is shown to everybody.
    is_offered BIGINT NOT NULL,
    -- One has 1: the plan of those who have no subscription.
    is_default BIGINT NOT NULL,
    -- Its place in the list.
    position BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE plan_prices (
    plan TEXT NOT NULL REFERENCES plans (id) ON DELETE CASCADE,
    -- ISO 4217.
    currency TEXT NOT NULL,
    -- 'monthly' or 'yearly'.
    billing_cycle TEXT NOT NULL,
    -- Minor units of the currency.
    minor BIGINT NOT NULL CHECK (minor >= 0),
    PRIMARY KEY (plan, currency, billing_cycle)
);

INSERT INTO plans (id, audience, name, description, features, max_sources, max_destinations, max_chat_connectors,
    max_streaming_hours_monthly, is_offered, is_default, position, created_at, updated_at)
VALUES
    ('free', 'creator', 'Free', 'Get started with streaming', '[]', 1, 3, 2, 50, 1, 0, 1, 0, 0),
    ('pro', 'creator', 'Pro', 'For regular streamers', '["priority_support","analytics"]', 3, 10, 6, 200, 1, 0, 2, 0, 0),
    ('business', 'creator', 'Business', 'For professional streamers', '["priority_support","analytics"]', 10, NULL, NULL,
        1000, 1, 0, 3, 0, 0),
    ('unlimited', 'creator', 'Unlimited', 'For those who run their own host', '[]', NULL, NULL, NULL, NULL, 0, 1, 4, 0, 0);

INSERT INTO plan_prices (plan, currency, billing_cycle, minor)
VALUES
    ('free', 'USD', 'monthly', 0), ('free', 'USD', 'yearly', 0),
    ('free', 'INR', 'monthly', 0), ('free', 'INR', 'yearly', 0),
    ('pro', 'USD', 'monthly', 999), ('pro', 'USD', 'yearly', 9999),
    ('pro', 'INR', 'monthly', 79900), ('pro', 'INR', 'yearly', 799900),
    ('business', 'USD', 'monthly', 2999), ('business', 'USD', 'yearly', 29999),
    ('business', 'INR', 'monthly', 249900), ('business', 'INR', 'yearly', 2499900);

-- Plans that an administrator had named before they were rows.
INSERT INTO plans (id, audience, name, description, features, is_offered, is_default, position, created_at, updated_at)
SELECT DISTINCT plan, 'creator', plan, '', '[]', 0, 0, 5, 0, 0 FROM tenants
WHERE plan NOT IN ('free', 'pro', 'business', 'unlimited');

CREATE TABLE subscriptions (
    id TEXT NOT NULL PRIMARY KEY,
    -- At most one an organisation.
    tenant_id TEXT NOT NULL UNIQUE REFERENCES tenants (id) ON DELETE CASCADE,
    plan TEXT NOT NULL REFERENCES plans (id),
    -- 'monthly' or 'yearly'.
    billing_cycle TEXT NOT NULL,
    -- Periods are counted from here.
    started_at BIGINT NOT NULL,
    -- When it ends, once it was cancelled.
    ends_at BIGINT,
    -- A payment is due; the plan still holds.
    is_past_due BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE INDEX subscriptions_by_plan ON subscriptions (plan);

-- An administrator had put them there: 'free' was what everybody had.
INSERT INTO subscriptions (id, tenant_id, plan, billing_cycle, started_at, is_past_due, updated_at)
SELECT id, id, plan, 'monthly', created_at, 0, created_at FROM tenants WHERE plan <> 'free';

-- How long a session was streamed on each day: totals that only grow, so that telling them twice counts nothing twice.
-- No foreign key to the source: what was streamed counts after its source is gone.
CREATE TABLE session_usage (
    session_id TEXT NOT NULL,
    -- The beginning of the UTC day.
    day BIGINT NOT NULL,
    tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    source_id TEXT NOT NULL,
    streamed_ms BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (session_id, day)
);

CREATE INDEX session_usage_by_tenant ON session_usage (tenant_id, day);
CREATE INDEX session_usage_by_day ON session_usage (day);

-- What was streamed so far, as far as it is known.
INSERT INTO session_usage (session_id, day, tenant_id, source_id, streamed_ms, updated_at)
SELECT id, started_at - started_at % 86400000, tenant_id, source_id, COALESCE(ended_at, seen_at) - started_at, seen_at
FROM sessions WHERE COALESCE(ended_at, seen_at) > started_at;
