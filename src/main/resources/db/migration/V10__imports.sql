-- Imports of other binary caches [catalog]: what is wanted, what each path waits for and what became of it. A run that was
-- killed goes on from these rows.
CREATE TABLE import_run (                         -- one for each source of a cache; started again, it takes up what is left
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, cache_id bigint NOT NULL REFERENCES cache ON DELETE CASCADE,
  source text NOT NULL, listing boolean NOT NULL,   -- the source's list of paths is still to be read
  trusted_keys text[] NOT NULL, private_addresses boolean NOT NULL,
  state text NOT NULL DEFAULT 'running' CHECK (state IN ('running','done','stopped')), note text NOT NULL DEFAULT '',
  started_by text NOT NULL, started_at timestamptz NOT NULL DEFAULT now(), ended_at timestamptz, UNIQUE (cache_id, source));
CREATE TABLE import_path (                        -- wanted: its narinfo is to be read; known: its NAR is to be fetched; the others are final
  run_id bigint NOT NULL REFERENCES import_run ON DELETE CASCADE, hash_part char(32) COLLATE "C" NOT NULL,
  state text NOT NULL DEFAULT 'wanted' CHECK (state IN ('wanted','known','fetched','here','missing','failed')),
  name text NOT NULL DEFAULT '', nar_info text NOT NULL DEFAULT '', nar_size bigint NOT NULL DEFAULT 0,
  waits_for int NOT NULL DEFAULT 0,               -- references that are not final yet: they go first
  reason text NOT NULL DEFAULT '', ended_at timestamptz, PRIMARY KEY (run_id, hash_part));
CREATE INDEX import_path_next ON import_path (run_id, state DESC, hash_part) WHERE state IN ('wanted','known') AND waits_for = 0;
CREATE TABLE import_reference (                   -- only while the reference is not final
  run_id bigint NOT NULL REFERENCES import_run ON DELETE CASCADE, reference char(32) COLLATE "C" NOT NULL,
  referrer char(32) COLLATE "C" NOT NULL, PRIMARY KEY (run_id, reference, referrer));
