-- Who hears of what: channels for every sync or for some, and how long a sync may go without success.
ALTER TABLE channel ADD COLUMN every_sync BIGINT NOT NULL DEFAULT 1;
ALTER TABLE channel ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
-- When something was last sent there.
ALTER TABLE channel ADD COLUMN sent_at BIGINT;
-- JSON list of ids of channels, beside those of every sync.
ALTER TABLE sync ADD COLUMN notify TEXT NOT NULL DEFAULT '[]';
-- Hours without a success after which somebody hears of it; 0: never.
ALTER TABLE sync ADD COLUMN stale_hours BIGINT NOT NULL DEFAULT 0;

-- When the first of the secrets ends, as people entered it.
ALTER TABLE credentials ADD COLUMN expires_at BIGINT;
ALTER TABLE project ADD COLUMN expires_at BIGINT;

-- What people were reminded of, so that they are reminded once.
CREATE TABLE reminder (
    tenant TEXT NOT NULL REFERENCES tenant (name) ON DELETE CASCADE,
    subject TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (tenant, subject)
);

-- Accounts at an OpenID provider.
CREATE TABLE identity (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    account TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    PRIMARY KEY (issuer, subject)
);

-- Log-ins that are at the provider; only digests of their states are stored.
CREATE TABLE single_sign_on (
    state BYTEA PRIMARY KEY,
    nonce TEXT NOT NULL,
    verifier TEXT NOT NULL,
    next TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX run_finished ON run (tenant, finished_at);

-- Verdicts that are kept of a run; 0 once they were removed.
ALTER TABLE run ADD COLUMN verdicts BIGINT NOT NULL DEFAULT 0;
UPDATE run SET verdicts = (SELECT COUNT(*) FROM verdict WHERE verdict.tenant = run.tenant AND verdict.run = run.id);
