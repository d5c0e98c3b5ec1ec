-- The whole schema (PostgreSQL 17). Names here are the names in code, pages and docs.
-- Owner of a table = the only package that reads or writes it: [store] by plain JDBC, [catalog] and [access] by Panache.

-- ── tenants ──────────────────────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE dedup_domain (                       -- [store] a tenant: bytes are shared inside it and never across
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, code text NOT NULL UNIQUE DEFAULT left(replace(gen_random_uuid()::text, '-', ''), 8),   -- in every pack key
  chunk_min int NOT NULL DEFAULT 32768, chunk_avg int NOT NULL DEFAULT 131072, chunk_max int NOT NULL DEFAULT 524288,
  level smallint NOT NULL DEFAULT 3);
CREATE TABLE cache (                              -- [catalog]
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  domain_id bigint NOT NULL REFERENCES dedup_domain,
  name text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?$'),
  summary text NOT NULL DEFAULT '', public boolean NOT NULL DEFAULT false, priority int NOT NULL DEFAULT 41,
  release_policy text NOT NULL DEFAULT 'automatic' CHECK (release_policy IN ('automatic','manual')),
  upstream_key_names text[] NOT NULL DEFAULT '{}',
  retention jsonb NOT NULL DEFAULT '{}', quota_bytes bigint, created_at timestamptz NOT NULL DEFAULT now(), deleted_at timestamptz);
CREATE TABLE cache_key (                          -- [catalog] several per cache; each `signing` one signs every narinfo when it is answered; rotation adds a key with a new name, the old one signs on until retired; a key without secret = a builder that this cache knows
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, cache_id bigint NOT NULL REFERENCES cache ON DELETE CASCADE,
  name text NOT NULL, public_key bytea NOT NULL CHECK (octet_length(public_key) = 32), secret_wrapped bytea,
  signing boolean NOT NULL, created_at timestamptz NOT NULL DEFAULT now(), UNIQUE (cache_id, name),
  CHECK (NOT signing OR secret_wrapped IS NOT NULL));
CREATE TABLE cache_usage (                        -- [catalog] kept in the transaction that changes path; quota and cache page read it; bytes = NAR bytes of its paths (logical: what sharing saves is nobody's quota and tells nothing)
  cache_id bigint PRIMARY KEY REFERENCES cache ON DELETE CASCADE, paths bigint NOT NULL DEFAULT 0, bytes bigint NOT NULL DEFAULT 0);

-- ── bytes [store]; invariants and protocols in facts/storage.md ──────────────────────────────────────────────────────
CREATE TABLE pack (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key uuid NOT NULL UNIQUE, domain_id bigint NOT NULL REFERENCES dedup_domain,
  backend smallint NOT NULL DEFAULT 0, state "char" NOT NULL DEFAULT 'W' CHECK (state IN ('W','L','Q','C')),
  bytes bigint NOT NULL DEFAULT 0, raw_bytes bigint NOT NULL DEFAULT 0, chunks int NOT NULL DEFAULT 0, crc32c int,
  created_at timestamptz NOT NULL DEFAULT now(), lease_until timestamptz, condemned_at timestamptz, next_try timestamptz,
  tries smallint NOT NULL DEFAULT 0, verified_at timestamptz,
  CHECK ((state = 'W') = (lease_until IS NOT NULL)), CHECK ((state = 'C') = (condemned_at IS NOT NULL)));
CREATE INDEX pack_stale_write ON pack (lease_until) WHERE state = 'W';
CREATE INDEX pack_condemned ON pack (next_try) WHERE state = 'C';
CREATE INDEX pack_scrub ON pack (verified_at NULLS FIRST) WHERE state = 'L';
CREATE TABLE nar (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, domain_id bigint NOT NULL REFERENCES dedup_domain,
  nar_hash bytea NOT NULL CHECK (octet_length(nar_hash) = 32), nar_size bigint NOT NULL,
  state "char" NOT NULL DEFAULT 'L' CHECK (state IN ('L','B')), kind smallint NOT NULL, encoding uuid NOT NULL,
  file_size bigint NOT NULL, file_hash bytea, inline bytea, extents bytea, chunk_lens bytea, listing bytea,
  created_at timestamptz NOT NULL DEFAULT now(), CHECK ((kind = 0) = (inline IS NOT NULL)), UNIQUE (domain_id, nar_hash));
ALTER TABLE nar ALTER COLUMN inline SET STORAGE EXTERNAL, ALTER COLUMN listing SET STORAGE EXTERNAL;
CREATE TABLE pack_ref (pack_id bigint NOT NULL REFERENCES pack ON DELETE RESTRICT, nar_id bigint NOT NULL REFERENCES nar ON DELETE CASCADE,
  PRIMARY KEY (pack_id, nar_id));
CREATE INDEX pack_ref_nar ON pack_ref (nar_id);
CREATE TABLE pack_suspect (pack_id bigint NOT NULL, at timestamptz NOT NULL DEFAULT now());   -- queue of step P; also filled by cascades
CREATE FUNCTION pack_ref_gone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO pack_suspect (pack_id) SELECT DISTINCT pack_id FROM gone; RETURN NULL; END $$;
CREATE TRIGGER pack_ref_gone AFTER DELETE ON pack_ref REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION pack_ref_gone();
CREATE UNLOGGED TABLE chunk_hint (domain_id bigint NOT NULL, h bytea NOT NULL, pack_id bigint NOT NULL, ord int NOT NULL, PRIMARY KEY (domain_id, h)) WITH (fillfactor = 80);
CREATE TABLE nar_upload (                         -- what a nix client PUT under nar/; HEAD and the later narinfo PUT look here; holds its NAR 7 days
  cache_id bigint NOT NULL REFERENCES cache ON DELETE CASCADE, file_name text NOT NULL, nar_id bigint NOT NULL REFERENCES nar ON DELETE RESTRICT,
  at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (cache_id, file_name));
CREATE INDEX nar_upload_nar ON nar_upload (nar_id);

-- ── store paths [catalog] ────────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE path (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, cache_id bigint NOT NULL REFERENCES cache ON DELETE CASCADE,
  hash_part char(32) COLLATE "C" NOT NULL, name text NOT NULL, nar_id bigint NOT NULL REFERENCES nar ON DELETE RESTRICT,
  refs text[] NOT NULL, deriver text, ca text, sigs text[] NOT NULL DEFAULT '{}',
  origin text NOT NULL DEFAULT 'pushed' CHECK (origin IN ('pushed','published','derived','upstream')),   -- only 'pushed' is recognised
  pushed_by text, pushed_at timestamptz NOT NULL DEFAULT now(), last_access date NOT NULL DEFAULT current_date,
  UNIQUE (cache_id, hash_part)) WITH (fillfactor = 90);
CREATE INDEX path_nar ON path (nar_id);
CREATE INDEX path_refs ON path USING gin (refs);
CREATE TABLE observation (                        -- the same path seen with other bytes: refused (409), kept as evidence
  cache_id bigint NOT NULL REFERENCES cache ON DELETE CASCADE, hash_part char(32) COLLATE "C" NOT NULL, nar_hash bytea NOT NULL,
  signer text NOT NULL,                           -- key name of a pushed signature, else the pushing principal
  at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (cache_id, hash_part, nar_hash, signer));
CREATE TABLE realisation (cache_id bigint NOT NULL REFERENCES cache ON DELETE CASCADE, key text NOT NULL, body jsonb NOT NULL, PRIMARY KEY (cache_id, key));
CREATE TABLE build_log (cache_id bigint NOT NULL REFERENCES cache ON DELETE CASCADE, drv text NOT NULL, zstd bytea NOT NULL, at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (cache_id, drv));
CREATE TABLE derivation_meta (                    -- nix-env --json --meta rows, joined on the output's hash part; unmatched rows go after 7 days
  cache_id bigint NOT NULL REFERENCES cache ON DELETE CASCADE, hash_part char(32) COLLATE "C" NOT NULL, attr text NOT NULL, meta jsonb NOT NULL,
  at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (cache_id, hash_part, attr));
CREATE TABLE pin (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, cache_id bigint NOT NULL REFERENCES cache ON DELETE CASCADE, name text NOT NULL,
  path_id bigint NOT NULL REFERENCES path ON DELETE RESTRICT, reason text NOT NULL DEFAULT '', keep_until timestamptz, UNIQUE (cache_id, name));

-- ── packages [catalog] ───────────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE package (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, cache_id bigint NOT NULL REFERENCES cache ON DELETE CASCADE, ecosystem text NOT NULL,
  name text NOT NULL, normalised text NOT NULL, owned boolean NOT NULL DEFAULT false,   -- owned: a registry publish or a promotion made it ours
  created_at timestamptz NOT NULL DEFAULT now(), UNIQUE (cache_id, ecosystem, normalised));
CREATE TABLE release (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, package_id bigint NOT NULL REFERENCES package ON DELETE CASCADE,
  version text NOT NULL, version_key bytea NOT NULL, prerelease boolean NOT NULL DEFAULT false,      -- byte order of version_key = version order
  state text NOT NULL CHECK (state IN ('proposed','released')), facts jsonb NOT NULL, recogniser int NOT NULL,
  published_at timestamptz NOT NULL, published_by text, UNIQUE (package_id, version));
CREATE INDEX release_order ON release (package_id, version_key DESC);
CREATE TABLE artifact (                           -- one file or path of a release; bytes = [byte_offset, +length) of the path's NAR
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, release_id bigint NOT NULL REFERENCES release ON DELETE CASCADE,
  build char(32) COLLATE "C" NOT NULL,            -- hash part of the deriver, else of the path: a release shows its newest build per platform
  output text NOT NULL DEFAULT 'out', platform text NOT NULL DEFAULT 'any', filename text NOT NULL,
  path_id bigint NOT NULL REFERENCES path ON DELETE RESTRICT, byte_offset bigint NOT NULL, length bigint NOT NULL,
  sha256 bytea NOT NULL, sha512 bytea, sha1 bytea, origin text NOT NULL CHECK (origin IN ('published','exact','derived','path','upstream')),
  state text NOT NULL CHECK (state IN ('proposed','released')),   -- judged per artifact; a release is released when one of its artifacts is
  promised_at timestamptz, at timestamptz NOT NULL,   -- at: the path's pushed_at, so that recognising again keeps the order
  UNIQUE (release_id, path_id, filename), CHECK (promised_at IS NULL OR state = 'released'));
CREATE UNIQUE INDEX artifact_promise ON artifact (release_id, filename) WHERE promised_at IS NOT NULL;
CREATE INDEX artifact_release ON artifact (release_id, at DESC);
CREATE INDEX artifact_path ON artifact (path_id);
CREATE INDEX artifact_sha256 ON artifact (sha256);
CREATE INDEX artifact_sha512 ON artifact (sha512) WHERE sha512 IS NOT NULL;
CREATE TABLE dependency (                         -- ord: place in the manifest; one name may stand several times (npm aliases, PyPI markers)
  release_id bigint NOT NULL REFERENCES release ON DELETE CASCADE, ord int NOT NULL, cache_id bigint NOT NULL, ecosystem text NOT NULL,
  normalised text NOT NULL, name text NOT NULL, range text NOT NULL DEFAULT '', kind text NOT NULL, PRIMARY KEY (release_id, ord));
CREATE INDEX dependency_reverse ON dependency (cache_id, ecosystem, normalised);
CREATE TABLE tag (package_id bigint NOT NULL REFERENCES package ON DELETE CASCADE, name text NOT NULL, release_id bigint NOT NULL REFERENCES release ON DELETE CASCADE,
  at timestamptz NOT NULL DEFAULT now(), by text, PRIMARY KEY (package_id, name));
CREATE TABLE withdrawal (release_id bigint NOT NULL REFERENCES release ON DELETE CASCADE, kind text NOT NULL, reason text NOT NULL DEFAULT '',
  at timestamptz NOT NULL DEFAULT now(), by text, PRIMARY KEY (release_id, kind));
CREATE TABLE tombstone (                          -- promised files only: other bytes never again, the same bytes allowed; filename '' = the release itself, recognition then only proposes it
  cache_id bigint NOT NULL REFERENCES cache ON DELETE CASCADE, ecosystem text NOT NULL, normalised text NOT NULL, version text NOT NULL, filename text NOT NULL,
  sha256 bytea, reason text NOT NULL DEFAULT '', at timestamptz NOT NULL DEFAULT now(), by text,
  PRIMARY KEY (cache_id, ecosystem, normalised, version, filename), CHECK ((filename = '') = (sha256 IS NULL)));
CREATE TABLE ecosystem_state (cache_id bigint NOT NULL REFERENCES cache ON DELETE CASCADE, ecosystem text NOT NULL, package_id bigint REFERENCES package ON DELETE CASCADE,
  key text NOT NULL, body jsonb NOT NULL, version int NOT NULL DEFAULT 1, UNIQUE NULLS NOT DISTINCT (cache_id, ecosystem, package_id, key));
CREATE TABLE download_day (release_id bigint NOT NULL REFERENCES release ON DELETE CASCADE, day date NOT NULL, n bigint NOT NULL, PRIMARY KEY (release_id, day));

-- ── people and rights [access] ───────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE person (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, issuer text NOT NULL, subject text NOT NULL, name text NOT NULL, email text, admin boolean NOT NULL DEFAULT false,
  seen_at timestamptz NOT NULL DEFAULT now(), UNIQUE (issuer, subject));
CREATE TABLE membership (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, cache_id bigint NOT NULL REFERENCES cache ON DELETE CASCADE, person_id bigint REFERENCES person ON DELETE CASCADE,
  group_name text, role text NOT NULL CHECK (role IN ('reader','publisher','maintainer','owner')), CHECK ((person_id IS NULL) <> (group_name IS NULL)),
  UNIQUE NULLS NOT DISTINCT (cache_id, person_id, group_name));
CREATE TABLE token (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, hash bytea NOT NULL UNIQUE, person_id bigint REFERENCES person ON DELETE CASCADE, label text NOT NULL,
  scope jsonb NOT NULL, created_at timestamptz NOT NULL DEFAULT now(), expires_at timestamptz, revoked_at timestamptz, last_used date, origin jsonb);   -- origin: the CI identity it was exchanged for
CREATE TABLE trust_rule (                         -- which CI identities may publish: id-token claims matched exactly or by pattern
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, cache_id bigint NOT NULL REFERENCES cache ON DELETE CASCADE, ecosystem text NOT NULL, packages text NOT NULL,
  issuer text NOT NULL, claims jsonb NOT NULL, created_at timestamptz NOT NULL DEFAULT now(), created_by text);
CREATE TABLE audit (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(), cache_id bigint, actor text NOT NULL, via text NOT NULL, action text NOT NULL,
  object text NOT NULL, allowed boolean NOT NULL, address inet, detail jsonb);
CREATE INDEX audit_cache ON audit (cache_id, id DESC);

-- ── change log [catalog]: seq is taken LAST in a transaction from the one-row head, so commit order = seq order and one number is a cursor ──
CREATE TABLE change_head (one boolean PRIMARY KEY DEFAULT true CHECK (one), seq bigint NOT NULL DEFAULT 0,
  epoch uuid NOT NULL DEFAULT gen_random_uuid());   -- a restore sets a new one: followers and ETags of another epoch start again
INSERT INTO change_head DEFAULT VALUES;
CREATE TABLE change (seq bigint PRIMARY KEY, cache_id bigint NOT NULL, kind text NOT NULL, package_id bigint, release_id bigint, hash_part char(32), at timestamptz NOT NULL DEFAULT now());

CREATE TABLE follower (name text PRIMARY KEY, epoch uuid NOT NULL, seq bigint NOT NULL, at timestamptz NOT NULL DEFAULT now());   -- [search] each replica's index: lag is visible

-- ── jobs [ops]: db-scheduler's own table ─────────────────────────────────────────────────────────────────────────────
CREATE TABLE scheduled_tasks (task_name text NOT NULL, task_instance text NOT NULL, task_data bytea, execution_time timestamptz NOT NULL, picked boolean NOT NULL, picked_by text,
  last_success timestamptz, last_failure timestamptz, consecutive_failures int, last_heartbeat timestamptz, version bigint NOT NULL, priority smallint, PRIMARY KEY (task_name, task_instance));
CREATE INDEX ON scheduled_tasks (execution_time);
CREATE INDEX ON scheduled_tasks (last_heartbeat);

-- ── what the store shows to others: the catalog joins it, so that a narinfo is one indexed query and nar stays the store's ──
CREATE VIEW nar_facts AS SELECT id, domain_id, nar_hash, nar_size, file_size, file_hash, encoding, kind FROM nar WHERE state = 'L';
