-- Checks of what lies in the backend. A pack was whole when it was written, so both times begin then.
ALTER TABLE pack
  ADD COLUMN seen_at timestamptz NOT NULL DEFAULT now(),   -- when its size was last looked at
  ADD COLUMN check_after timestamptz,                      -- not to be read before: somebody reads it, or could not
  ADD COLUMN damage text,                                  -- state Q: what was found
  ALTER COLUMN verified_at SET DEFAULT now();              -- when all of it was last read; -infinity: in doubt, so next
UPDATE pack SET verified_at = created_at WHERE verified_at IS NULL;
CREATE INDEX pack_seen ON pack (seen_at) WHERE state = 'L';
CREATE INDEX pack_damaged ON pack (verified_at) WHERE state = 'Q';
CREATE INDEX nar_broken ON nar (id) WHERE state = 'B';
CREATE TABLE scrub (                              -- [store] how far the checks are
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  day date NOT NULL DEFAULT '-infinity', day_bytes bigint NOT NULL DEFAULT 0, day_budget bigint NOT NULL DEFAULT 0,   -- to be read and read that day
  wanted_at timestamptz,                          -- everything is to be read that was last read before
  inline_after bigint, inline_begun timestamptz NOT NULL DEFAULT now());   -- the round over NARs in rows: the last one looked at; null: the round is over
INSERT INTO scrub DEFAULT VALUES;
CREATE TABLE snapshot (                           -- [ops] snapshots that can be restored; the objects in the backend are the truth
  id text PRIMARY KEY, begun_at timestamptz NOT NULL, ended_at timestamptz NOT NULL, bytes bigint NOT NULL, rows bigint NOT NULL,
  until timestamptz NOT NULL);                    -- so long the sweep spares what it may name
