-- The store: NARs, and the packs that contain their bytes. Only the package store uses these tables; others read the views.

CREATE TABLE pack (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key uuid NOT NULL,
  domain_id bigint NOT NULL REFERENCES dedup_domain,
  backend smallint NOT NULL DEFAULT 0,
  copy bigint NOT NULL DEFAULT 0,
  state "char" NOT NULL DEFAULT 'W' CHECK (state IN ('W', 'L', 'Q', 'C')),
  bytes bigint NOT NULL DEFAULT 0,
  raw_bytes bigint NOT NULL DEFAULT 0,
  chunks int NOT NULL DEFAULT 0,
  crc32c int,
  created_at timestamptz NOT NULL DEFAULT now(),
  lease_until timestamptz,
  condemned_at timestamptz,
  next_try timestamptz,
  tries smallint NOT NULL DEFAULT 0,
  verified_at timestamptz DEFAULT now(),
  seen_at timestamptz NOT NULL DEFAULT now(),
  check_after timestamptz,
  damage text,
  UNIQUE (key, copy),
  CHECK ((state = 'W') = (lease_until IS NOT NULL)),
  CHECK ((state = 'C') = (condemned_at IS NOT NULL))
);
COMMENT ON TABLE pack IS 'An object in the backend with compressed chunks';
COMMENT ON COLUMN pack.key IS 'UUIDv7 that footers use; never reused';
COMMENT ON COLUMN pack.copy IS 'Part of the name of the object: a pack that was moved keeps its key, and no object name is used twice';
COMMENT ON COLUMN pack.state IS 'W being written, L live, Q damaged (no new references), C condemned; only forward';
COMMENT ON COLUMN pack.lease_until IS 'State W: the writer is alive until then';
COMMENT ON COLUMN pack.next_try IS 'State C: when to try the deletion';
COMMENT ON COLUMN pack.verified_at IS 'When it was last read completely; -infinity: in doubt, so next';
COMMENT ON COLUMN pack.seen_at IS 'When the size of the object was last compared';
COMMENT ON COLUMN pack.check_after IS 'Not to be read before: it is being read, or could not be';
COMMENT ON COLUMN pack.damage IS 'State Q: the finding';
CREATE INDEX pack_stale_write ON pack (lease_until) WHERE state = 'W';
CREATE INDEX pack_condemned ON pack (next_try) WHERE state = 'C';
CREATE INDEX pack_scrub ON pack (verified_at NULLS FIRST) WHERE state = 'L';
CREATE INDEX pack_seen ON pack (seen_at) WHERE state = 'L';
CREATE INDEX pack_damaged ON pack (verified_at) WHERE state = 'Q';
-- packs in another backend: read at every start and while packs are moved
CREATE INDEX pack_place ON pack (backend, id) INCLUDE (bytes) WHERE state = 'L';

CREATE TABLE nar (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  domain_id bigint NOT NULL REFERENCES dedup_domain,
  nar_hash bytea NOT NULL CHECK (octet_length(nar_hash) = 32),
  nar_size bigint NOT NULL,
  state "char" NOT NULL DEFAULT 'L' CHECK (state IN ('L', 'B')),
  kind smallint NOT NULL,
  encoding uuid NOT NULL,
  file_size bigint NOT NULL,
  file_hash bytea,
  inline bytea,
  extents bytea,
  chunk_lens bytea,
  listing bytea,
  created_at timestamptz NOT NULL DEFAULT now(),
  damaged_at timestamptz,
  UNIQUE (domain_id, nar_hash),
  CHECK ((kind = 0) = (inline IS NOT NULL))
);
ALTER TABLE nar ALTER COLUMN inline SET STORAGE EXTERNAL, ALTER COLUMN listing SET STORAGE EXTERNAL;
COMMENT ON TABLE nar IS 'The contents of store paths, once per domain';
COMMENT ON COLUMN nar.nar_hash IS 'SHA-256';
COMMENT ON COLUMN nar.state IS 'L live, B broken: bytes are lost or damaged';
COMMENT ON COLUMN nar.kind IS '0 inline, 1 one whole pack, 2 extents of several packs';
COMMENT ON COLUMN nar.encoding IS 'Another value whenever the compressed bytes change; part of URL and ETag';
COMMENT ON COLUMN nar.file_size IS 'Bytes of the zstd form';
COMMENT ON COLUMN nar.file_hash IS 'SHA-256 of the zstd form, known for kinds 0 and 1';
COMMENT ON COLUMN nar.inline IS 'Kind 0: the zstd frame itself';
COMMENT ON COLUMN nar.extents IS 'Kinds 1 and 2: runs of chunks in packs';
COMMENT ON COLUMN nar.chunk_lens IS 'Kinds 1 and 2: pairs of varints, raw and compressed';
COMMENT ON COLUMN nar.listing IS 'JSON listing with narOffset, zstd';
COMMENT ON COLUMN nar.damaged_at IS 'State B: when it was found';
CREATE INDEX nar_file_hash ON nar (file_hash) WHERE file_hash IS NOT NULL;
CREATE INDEX nar_broken ON nar (id) WHERE state = 'B';

-- what other packages read of nar
CREATE VIEW nar_facts AS
  SELECT id, domain_id, nar_hash, nar_size, file_size, file_hash, encoding, kind FROM nar WHERE state = 'L';
COMMENT ON VIEW nar_facts IS 'NARs that can be served; joined by the catalog, so that a narinfo is one indexed query';
CREATE VIEW nar_weight AS SELECT id, nar_size FROM nar;
COMMENT ON VIEW nar_weight IS 'Sizes of all NARs, also of broken ones: their paths count until they are deleted';
CREATE VIEW nar_damage AS
  SELECT id, domain_id, nar_hash, nar_size, file_size, file_hash, encoding, kind, coalesce(damaged_at, created_at) AS damaged_at
  FROM nar WHERE state = 'B';
COMMENT ON VIEW nar_damage IS 'Broken NARs';

CREATE TABLE pack_ref (
  pack_id bigint NOT NULL REFERENCES pack ON DELETE RESTRICT,
  nar_id bigint NOT NULL REFERENCES nar ON DELETE CASCADE,
  PRIMARY KEY (pack_id, nar_id)
);
COMMENT ON TABLE pack_ref IS 'Packs that a NAR uses, written in the transaction that writes its extents';
CREATE INDEX pack_ref_nar ON pack_ref (nar_id);

CREATE TABLE pack_suspect (
  pack_id bigint NOT NULL,
  at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE pack_suspect IS 'Packs that may have lost their last reference; a queue of the sweep';
CREATE FUNCTION pack_ref_gone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO pack_suspect (pack_id) SELECT DISTINCT pack_id FROM gone; RETURN NULL; END $$;
CREATE TRIGGER pack_ref_gone AFTER DELETE ON pack_ref REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION pack_ref_gone();

CREATE UNLOGGED TABLE chunk_hint (
  domain_id bigint NOT NULL,
  h bytea NOT NULL,
  pack_id bigint NOT NULL,
  ord int NOT NULL,
  PRIMARY KEY (domain_id, h)
) WITH (fillfactor = 80);
COMMENT ON TABLE chunk_hint IS 'Advice where a chunk may be: 1 chunk in 16. The footer of the pack decides';

CREATE TABLE nar_upload (
  cache_id bigint NOT NULL REFERENCES cache ON DELETE CASCADE,
  file_name text NOT NULL,
  nar_id bigint NOT NULL REFERENCES nar ON DELETE RESTRICT,
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (cache_id, file_name)
);
COMMENT ON TABLE nar_upload IS 'NARs that nix uploaded before their narinfo; kept for 7 days';
CREATE INDEX nar_upload_nar_cache ON nar_upload (nar_id, cache_id);

CREATE TABLE scrub (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  day date NOT NULL DEFAULT '-infinity',
  day_bytes bigint NOT NULL DEFAULT 0,
  day_budget bigint NOT NULL DEFAULT 0,
  wanted_at timestamptz,
  inline_after bigint,
  inline_begun timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE scrub IS 'Progress of the checks of packs and inline NARs';
COMMENT ON COLUMN scrub.day_bytes IS 'Bytes read on that day';
COMMENT ON COLUMN scrub.day_budget IS 'Bytes to read on that day';
COMMENT ON COLUMN scrub.wanted_at IS 'Everything that was last read before this time is to be read';
COMMENT ON COLUMN scrub.inline_after IS 'Last inline NAR that was checked in this round; null: the round is complete';
INSERT INTO scrub DEFAULT VALUES;
