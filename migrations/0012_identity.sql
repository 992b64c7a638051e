-- Codes by mail, second factors, accounts at other providers, and mail on its way.

-- When the owner of the address proved to read its mail; NULL until then.
ALTER TABLE users ADD COLUMN email_verified_at BIGINT;

-- What proves that somebody reads the mail of an address: one of a purpose at a time.
CREATE TABLE mailed_codes (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- 'verify-email', 'change-email' or 'reset-password'.
    purpose TEXT NOT NULL,
    -- The address that is proved, in lower case.
    email TEXT NOT NULL,
    -- SHA-256 of the link's token, in hexadecimal.
    link_digest TEXT NOT NULL UNIQUE,
    -- The six digits, sealed: a digest of so little would be guessed. NULL where only the link counts.
    sealed_code TEXT,
    -- Wrong guesses of the six digits.
    failures BIGINT NOT NULL,
    sent_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, purpose)
);

-- The second factor of a person (RFC 6238).
CREATE TABLE totp_secrets (
    user_id TEXT NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    -- The shared secret in base32, sealed.
    sealed TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- When a first code showed that the app has it; NULL until then, and it is not asked for.
    confirmed_at BIGINT,
    -- The last time step that was used: each is taken once (RFC 6238 5.2).
    last_step BIGINT NOT NULL,
    -- Wrong codes since failing_since.
    failures BIGINT NOT NULL,
    failing_since BIGINT NOT NULL
);

CREATE TABLE recovery_codes (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- SHA-256 of the code, in hexadecimal.
    digest TEXT NOT NULL,
    PRIMARY KEY (user_id, digest)
);

-- Somebody proved the first factor and owes the second.
CREATE TABLE sign_in_challenges (
    -- SHA-256 of the challenge, in hexadecimal.
    digest TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- How the first factor was proved.
    method TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX sign_in_challenges_by_user ON sign_in_challenges (user_id);

-- Accounts at other providers with which somebody signs in.
CREATE TABLE user_identities (
    -- The provider's name, such as 'google'.
    provider TEXT NOT NULL,
    -- The provider's name for the account, which never changes (OpenID Connect Core 5.7).
    subject TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- The address there, for people to tell accounts apart.
    email TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    PRIMARY KEY (provider, subject),
    UNIQUE (user_id, provider)
);

-- Mail on its way: gone when it is delivered or given up.
CREATE TABLE mails (
    id TEXT NOT NULL PRIMARY KEY,
    -- What it says, for the log.
    letter TEXT NOT NULL,
    -- Receiver, subject and texts, sealed JSON: links in them are secrets.
    sealed TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- When it is tried next; nobody else tries before a lease that moved it has ended.
    due_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX mails_by_due ON mails (due_at);
