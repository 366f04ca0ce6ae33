-- What was reserved of a credential's rate windows, and when, on the database's clock. It belongs to the credential,
-- whichever tenant uses it.
CREATE TABLE budget (
  origin text COLLATE "C" NOT NULL, version text COLLATE "C" NOT NULL,
  limits text NOT NULL, taken text NOT NULL, paused_until bigint NOT NULL,
  PRIMARY KEY (origin, version)
);
