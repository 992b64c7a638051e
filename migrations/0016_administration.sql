-- What administrators decide while the host runs; a name without a row is as the settings file has it.
CREATE TABLE platform_settings (
    -- 'maintenance_mode' or 'new_registrations_enabled'.
    name TEXT NOT NULL PRIMARY KEY,
    -- JSON.
    value TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- Why somebody is kept out; null while nobody is, and where it was done without a reason.
ALTER TABLE users ADD COLUMN suspension_reason TEXT;
