-- Who may do what.
CREATE TABLE tenant (
    name TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    -- JSON: users::Quotas
    quotas TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE account (
    id TEXT PRIMARY KEY,
    login TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    -- Argon2id in PHC form; absent until the person has followed a link.
    password TEXT,
    is_administrator BIGINT NOT NULL,
    is_off BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE membership (
    tenant TEXT NOT NULL REFERENCES tenant (name) ON DELETE CASCADE,
    account TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    -- owner, operator, viewer
    role TEXT NOT NULL,
    PRIMARY KEY (tenant, account)
);

-- What a browser or a link proves; only digests are stored.
CREATE TABLE session (
    digest BYTEA PRIMARY KEY,
    account TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    csrf TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

-- One-time links by which a person sets a password; without an account: makes the first administrator.
CREATE TABLE link (
    digest BYTEA PRIMARY KEY,
    account TEXT REFERENCES account (id) ON DELETE CASCADE,
    expires_at BIGINT NOT NULL
);

CREATE TABLE attempt (
    subject TEXT PRIMARY KEY,
    failures BIGINT NOT NULL,
    until BIGINT NOT NULL
);

CREATE TABLE token (
    tenant TEXT NOT NULL REFERENCES tenant (name) ON DELETE CASCADE,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    digest BYTEA NOT NULL UNIQUE,
    -- read, run or manage
    reach TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (tenant, id)
);

-- Private or plain servers that tenants may name.
CREATE TABLE allowed_server (
    server TEXT PRIMARY KEY,
    added_at BIGINT NOT NULL
);

-- What is exported where.
CREATE TABLE integration (
    tenant TEXT NOT NULL REFERENCES tenant (name) ON DELETE CASCADE,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- JSON object: form field to value
    fields TEXT NOT NULL,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, name)
);

CREATE TABLE project (
    tenant TEXT NOT NULL REFERENCES tenant (name) ON DELETE CASCADE,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    -- The project's id in TestOps.
    number TEXT NOT NULL,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, name)
);

-- A project's use of an integration; its id names the ledger's scope.
CREATE TABLE credentials (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    project TEXT NOT NULL,
    integration TEXT NOT NULL,
    fields TEXT NOT NULL,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    -- JSON of the last connection test
    test TEXT,
    tested_at BIGINT,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, project, integration),
    FOREIGN KEY (tenant, project) REFERENCES project (tenant, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant, integration) REFERENCES integration (tenant, id) ON DELETE CASCADE
);

CREATE TABLE sync (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    credentials TEXT NOT NULL,
    name TEXT NOT NULL,
    destination TEXT NOT NULL,
    test_case_aql TEXT NOT NULL,
    launches_aql TEXT NOT NULL,
    disable_test_case_create BIGINT NOT NULL,
    disable_launches_sync BIGINT NOT NULL,
    disable_export BIGINT NOT NULL,
    -- JSON object: option to value
    mapping TEXT NOT NULL,
    -- JSON: schedule::Timing
    schedule TEXT NOT NULL,
    delay_minutes BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    -- How it stands: JSON of why it is off, absent where it is on.
    disabled TEXT,
    failures BIGINT NOT NULL,
    succeeded_at BIGINT,
    due_at BIGINT,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, credentials, name),
    FOREIGN KEY (tenant, credentials) REFERENCES credentials (tenant, id) ON DELETE CASCADE
);
CREATE INDEX sync_due ON sync (due_at);

-- What was done.
CREATE TABLE run (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    sync TEXT NOT NULL,
    -- plan, export, verify, undo, undo-plan
    mode TEXT NOT NULL,
    -- queued, running, done, stopped, interrupted, skipped
    status TEXT NOT NULL,
    -- schedule, person, token, retry, change
    origin TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    -- JSON: runs::Options
    options TEXT NOT NULL,
    idempotency_key TEXT,
    asked_at BIGINT NOT NULL,
    started_at BIGINT,
    finished_at BIGINT,
    -- JSON: why it stopped
    stopped TEXT,
    -- JSON: runs::Summary
    summary TEXT NOT NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, idempotency_key),
    FOREIGN KEY (tenant, sync) REFERENCES sync (tenant, id) ON DELETE CASCADE
);
CREATE INDEX run_of_sync ON run (tenant, sync, asked_at);
CREATE INDEX run_status ON run (status, tenant, asked_at);
-- At most one run of a sync is queued or under way.
CREATE UNIQUE INDEX run_open ON run (tenant, sync) WHERE status IN ('queued', 'running');

CREATE TABLE verdict (
    tenant TEXT NOT NULL,
    run TEXT NOT NULL,
    number BIGINT NOT NULL,
    entity TEXT NOT NULL,
    item TEXT NOT NULL,
    name TEXT NOT NULL,
    outcome TEXT NOT NULL,
    issue_key TEXT,
    -- JSON: the whole item
    body TEXT NOT NULL,
    PRIMARY KEY (tenant, run, number),
    FOREIGN KEY (tenant, run) REFERENCES run (tenant, id) ON DELETE CASCADE
);

CREATE TABLE audit (
    -- Empty for what concerns the whole instance.
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX audit_order ON audit (tenant, at);

-- Secrets: sealed with the tenant's key, which is sealed with the instance's.
CREATE TABLE data_key (
    tenant TEXT NOT NULL REFERENCES tenant (name) ON DELETE CASCADE,
    id TEXT NOT NULL,
    -- Which of the instance's keys sealed it.
    master TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE TABLE secret (
    tenant TEXT NOT NULL REFERENCES tenant (name) ON DELETE CASCADE,
    -- Id of the project, the credentials or the channel that it belongs to.
    owner TEXT NOT NULL,
    field TEXT NOT NULL,
    origin TEXT NOT NULL,
    key TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    entered_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, owner, field)
);

-- Who hears of what.
CREATE TABLE channel (
    tenant TEXT NOT NULL REFERENCES tenant (name) ON DELETE CASCADE,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    -- JSON: notify::Target
    target TEXT NOT NULL,
    -- JSON list of notify::Occasion
    occasions TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, name)
);

CREATE TABLE message (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    channel TEXT NOT NULL,
    -- JSON: notify::Message
    body TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    -- Absent once it was sent or given up.
    next_at BIGINT,
    sent_at BIGINT,
    error TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, channel) REFERENCES channel (tenant, id) ON DELETE CASCADE
);
CREATE INDEX message_next ON message (next_at);

-- A row of each table, as a service of this version wrote them.
INSERT INTO tenant VALUES ('acme', 'Acme', '{"syncs":100,"runs-at-once":2,"stored-verdicts":1000000,"requests-per-hour":36000}', 1);
INSERT INTO account VALUES ('a', 'admin@example.com', 'Admin', '$argon2id$', 1, 0, 1);
INSERT INTO membership VALUES ('acme', 'a', 'owner');
INSERT INTO session VALUES (x'01', 'a', 'csrf', 1, 1, 2);
INSERT INTO link VALUES (x'02', 'a', 2);
INSERT INTO attempt VALUES ('admin@example.com', 1, 2);
INSERT INTO token VALUES ('acme', 't', 'CI', x'03', 'run', 'admin@example.com', 1, 2, NULL);
INSERT INTO allowed_server VALUES ('jira.internal:443', 1);
INSERT INTO integration VALUES ('acme', 'i', 'Xray', 'xray-dc', '{"endpoint":"https://jira.internal"}', 1, 1);
INSERT INTO project VALUES ('acme', 'p', 'Calculator', 'https://testops.example.com', '1', 1, 1);
INSERT INTO credentials VALUES ('acme', 'c', 'p', 'i', '{}', 1, 1, NULL, NULL);
INSERT INTO sync VALUES ('acme', 's', 'c', 'main', 'CALC', '', '', 0, 0, 0, '{}', '{"type":"off"}', 0, 1, 1, NULL, 0, 5, NULL);
INSERT INTO run VALUES ('acme', 'r', 's', 'export', 'done', 'person', 'admin@example.com', '{}', NULL, 2, 3, 4, NULL, '{}');
INSERT INTO verdict VALUES ('acme', 'r', 1, 'test-case', '7', 'adds', 'created', 'CALC-1', '{}');
INSERT INTO audit VALUES ('acme', 'l', 1, 'admin@example.com', 'add sync', 'main', 'CALC');
INSERT INTO data_key VALUES ('acme', 'k', 'm', x'04', 1);
INSERT INTO secret VALUES ('acme', 'c', 'token', 'https://jira.internal', 'k', x'05', 1);
INSERT INTO channel VALUES ('acme', 'h', 'Team', '{"type":"mail","to":["team@example.com"]}', '[]', 1);
INSERT INTO message VALUES ('acme', 'm', 'h', '{}', 0, NULL, NULL, NULL, 1);
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
