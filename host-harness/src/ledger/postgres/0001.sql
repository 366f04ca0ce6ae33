-- Texts are compared by their bytes, whatever the database's own collation is: `scan` promises that order.
CREATE TABLE link (
  tenant text COLLATE "C" NOT NULL, integration text COLLATE "C" NOT NULL,
  entity text COLLATE "C" NOT NULL, destination text COLLATE "C" NOT NULL,
  -- Numeric ids by number, then all others: `number` is the id where it is one, else the greatest integer.
  number bigint NOT NULL, id text COLLATE "C" NOT NULL,
  version bigint NOT NULL, phase text NOT NULL,
  issue_id text, issue_key text, fingerprint text NOT NULL, stamp text NOT NULL, attempt bigint NOT NULL,
  token text, created_by text COLLATE "C", updated_at bigint NOT NULL, detail text NOT NULL,
  PRIMARY KEY (tenant, integration, entity, destination, number, id)
);
CREATE INDEX link_created_by ON link (tenant, integration, created_by) WHERE created_by IS NOT NULL;

CREATE TABLE tenant (name text COLLATE "C" PRIMARY KEY, rows bigint NOT NULL);

CREATE TABLE lease (
  tenant text COLLATE "C" NOT NULL, integration text COLLATE "C" NOT NULL, destination text COLLATE "C" NOT NULL,
  -- Milliseconds since 1970 on the database's clock.
  holder text NOT NULL, epoch bigint NOT NULL, expires_at bigint NOT NULL,
  PRIMARY KEY (tenant, integration, destination)
);

CREATE TABLE run (
  tenant text COLLATE "C" NOT NULL, integration text COLLATE "C" NOT NULL, run_id text COLLATE "C" NOT NULL,
  mode text NOT NULL, export text NOT NULL, undoes text, settings_digest text NOT NULL,
  started_at bigint NOT NULL, finished_at bigint,
  outcome text, fault text, side text, reason text, totals text NOT NULL,
  PRIMARY KEY (tenant, integration, run_id)
);
CREATE INDEX run_started_at ON run (tenant, integration, started_at);

CREATE TABLE digest_key (one integer PRIMARY KEY CHECK (one = 1), key bytea NOT NULL);

CREATE TABLE standing (
  tenant text COLLATE "C" NOT NULL, origin text COLLATE "C" NOT NULL,
  -- Digest of user name and secret, keyed with digest_key.
  version text COLLATE "C" NOT NULL,
  -- Who grants the access to which destination project; both empty for the credential itself.
  access text COLLATE "C" NOT NULL, destination text COLLATE "C" NOT NULL,
  connection text NOT NULL, state text NOT NULL,
  kind text, side text, message text, hint text, since bigint, seen bigint,
  -- When log-ins were refused: milliseconds since 1970, with commas.
  refused text NOT NULL,
  trial_by text, trial_until bigint, proved_at bigint, cleared_at bigint, revision bigint NOT NULL,
  gateway boolean NOT NULL, asked_at bigint,
  PRIMARY KEY (tenant, origin, version, access, destination)
);

-- For which server each secret was entered. Never the secret.
CREATE TABLE origin (
  tenant text COLLATE "C" NOT NULL, integration text COLLATE "C" NOT NULL, secret text COLLATE "C" NOT NULL,
  origin text NOT NULL,
  PRIMARY KEY (tenant, integration, secret)
);

-- Which cluster and timeline wrote the rows, and since when another than before does.
CREATE TABLE cluster (
  one integer PRIMARY KEY CHECK (one = 1), system_identifier text NOT NULL, timeline text NOT NULL, restored_at bigint
);
