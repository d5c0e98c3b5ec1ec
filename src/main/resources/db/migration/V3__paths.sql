-- Store paths of caches, and what nix says about them.

CREATE TABLE path (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  cache_id bigint NOT NULL REFERENCES cache ON DELETE CASCADE,
  hash_part char(32) COLLATE "C" NOT NULL,
  name text NOT NULL,
  nar_id bigint NOT NULL REFERENCES nar ON DELETE RESTRICT,
  refs text[] NOT NULL,
  deriver text,
  ca text,
  sigs text[] NOT NULL DEFAULT '{}',
  origin text NOT NULL DEFAULT 'pushed' CHECK (origin IN ('pushed', 'published', 'derived', 'upstream')),
  pushed_by text,
  pushed_at timestamptz NOT NULL DEFAULT now(),
  last_access date NOT NULL DEFAULT current_date,
  UNIQUE (cache_id, hash_part)
) WITH (fillfactor = 90);
COMMENT ON TABLE path IS 'Store paths';
COMMENT ON COLUMN path.refs IS 'Base names of references';
COMMENT ON COLUMN path.ca IS 'Content address, if it has one';
COMMENT ON COLUMN path.sigs IS 'Signatures that were pushed';
COMMENT ON COLUMN path.origin IS 'pushed by nix, published to a registry, derived (made by a transcoder), or fetched from an upstream';
CREATE INDEX path_nar_cache ON path (nar_id, cache_id);
CREATE INDEX path_refs ON path USING gin (refs);
CREATE INDEX path_newest ON path (cache_id, pushed_at DESC, id DESC);
CREATE INDEX path_name ON path (cache_id, name COLLATE "C");
CREATE INDEX path_deriver ON path (cache_id, deriver) WHERE deriver IS NOT NULL;

CREATE TABLE observation (
  cache_id bigint NOT NULL REFERENCES cache ON DELETE CASCADE,
  hash_part char(32) COLLATE "C" NOT NULL,
  nar_hash bytea NOT NULL,
  signer text NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (cache_id, hash_part, nar_hash, signer)
);
COMMENT ON TABLE observation IS 'Pushes of an existing path with another NAR hash: rejected, and kept as evidence';
COMMENT ON COLUMN observation.signer IS 'Key name of the pushed signature, else the principal';

CREATE TABLE realisation (
  cache_id bigint NOT NULL REFERENCES cache ON DELETE CASCADE,
  key text NOT NULL,
  body jsonb NOT NULL,
  PRIMARY KEY (cache_id, key)
);
COMMENT ON TABLE realisation IS 'Realisations of content-addressed derivations';
COMMENT ON COLUMN realisation.key IS 'sha256:{hash of the derivation}!{output}';

CREATE TABLE build_log (
  cache_id bigint NOT NULL REFERENCES cache ON DELETE CASCADE,
  drv text NOT NULL,
  zstd bytea NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (cache_id, drv)
);
COMMENT ON TABLE build_log IS 'Build logs by the base name of their derivation';

CREATE TABLE derivation_meta (
  cache_id bigint NOT NULL REFERENCES cache ON DELETE CASCADE,
  hash_part char(32) COLLATE "C" NOT NULL,
  attr text NOT NULL,
  meta jsonb NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (cache_id, hash_part, attr)
);
COMMENT ON TABLE derivation_meta IS
  'Entries of nix-env --query --json --meta by the hash part of an output; those without a path are deleted after 7 days';

CREATE TABLE pin (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  cache_id bigint NOT NULL REFERENCES cache ON DELETE CASCADE,
  name text NOT NULL,
  path_id bigint NOT NULL REFERENCES path ON DELETE RESTRICT,
  reason text NOT NULL DEFAULT '',
  keep_until timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  created_by text,
  UNIQUE (cache_id, name)
);
COMMENT ON TABLE pin IS 'Paths that garbage collection keeps with their closures';
CREATE INDEX pin_path ON pin (path_id);

CREATE TABLE collection (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  cache_id bigint NOT NULL REFERENCES cache ON DELETE CASCADE,
  dry boolean NOT NULL,
  by text,
  started_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  paths bigint NOT NULL DEFAULT 0,
  bytes bigint NOT NULL DEFAULT 0,
  releases bigint NOT NULL DEFAULT 0
);
COMMENT ON TABLE collection IS 'Garbage collections: who requested them, and what they deleted';
CREATE INDEX collection_cache ON collection (cache_id, id DESC);

CREATE UNLOGGED TABLE collection_mark (
  collection_id bigint NOT NULL,
  round int NOT NULL,
  path_id bigint NOT NULL,
  PRIMARY KEY (collection_id, path_id)
);
COMMENT ON TABLE collection_mark IS
  'Paths that a running garbage collection keeps. May be lost: each path is checked again before it is deleted';
CREATE INDEX collection_mark_round ON collection_mark (collection_id, round, path_id);

CREATE TABLE import_run (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  cache_id bigint NOT NULL REFERENCES cache ON DELETE CASCADE,
  source text NOT NULL,
  listing boolean NOT NULL,
  trusted_keys text[] NOT NULL,
  private_addresses boolean NOT NULL,
  state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done', 'stopped')),
  note text NOT NULL DEFAULT '',
  started_by text NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  UNIQUE (cache_id, source)
);
COMMENT ON TABLE import_run IS 'Imports of other binary caches; one per source, continued when it is started again or after a crash';
COMMENT ON COLUMN import_run.listing IS 'The list of paths of the source must still be read';

CREATE TABLE import_path (
  run_id bigint NOT NULL REFERENCES import_run ON DELETE CASCADE,
  hash_part char(32) COLLATE "C" NOT NULL,
  state text NOT NULL DEFAULT 'wanted' CHECK (state IN ('wanted', 'known', 'fetched', 'here', 'missing', 'failed')),
  name text NOT NULL DEFAULT '',
  nar_info text NOT NULL DEFAULT '',
  nar_size bigint NOT NULL DEFAULT 0,
  waits_for int NOT NULL DEFAULT 0,
  reason text NOT NULL DEFAULT '',
  ended_at timestamptz,
  PRIMARY KEY (run_id, hash_part)
);
COMMENT ON TABLE import_path IS 'Paths of an import';
COMMENT ON COLUMN import_path.state IS 'wanted: its narinfo must be read; known: its NAR must be fetched; the others are final';
COMMENT ON COLUMN import_path.waits_for IS 'Number of references that are not final: they are fetched first';
CREATE INDEX import_path_next ON import_path (run_id, state DESC, hash_part) WHERE state IN ('wanted', 'known') AND waits_for = 0;

CREATE TABLE import_reference (
  run_id bigint NOT NULL REFERENCES import_run ON DELETE CASCADE,
  reference char(32) COLLATE "C" NOT NULL,
  referrer char(32) COLLATE "C" NOT NULL,
  PRIMARY KEY (run_id, reference, referrer)
);
COMMENT ON TABLE import_reference IS 'References of an import that are not final';
