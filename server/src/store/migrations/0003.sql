-- Which worker carries a run out, and when it was last there: milliseconds since the Unix epoch.
ALTER TABLE run ADD COLUMN worker TEXT;
ALTER TABLE run ADD COLUMN seen_at BIGINT;

-- What one of several services does for all of them, and until when.
CREATE TABLE duty (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    until BIGINT NOT NULL
);
INSERT INTO duty VALUES ('upkeep', '', 0);
