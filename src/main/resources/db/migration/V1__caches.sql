-- Caches: the tenants of a server.

CREATE TABLE dedup_domain (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  code text NOT NULL UNIQUE DEFAULT left(replace(gen_random_uuid()::text, '-', ''), 8),
  chunk_min int NOT NULL DEFAULT 32768,
  chunk_avg int NOT NULL DEFAULT 131072,
  chunk_max int NOT NULL DEFAULT 524288,
  level smallint NOT NULL DEFAULT 3
);
COMMENT ON TABLE dedup_domain IS 'A tenant: bytes are shared inside it and never across';
COMMENT ON COLUMN dedup_domain.code IS 'Part of the key of each pack';
COMMENT ON COLUMN dedup_domain.chunk_min IS 'Chunk sizes in bytes';
COMMENT ON COLUMN dedup_domain.level IS 'zstd compression level';

CREATE TABLE cache (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  domain_id bigint NOT NULL REFERENCES dedup_domain,
  name text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?$'),
  summary text NOT NULL DEFAULT '',
  public boolean NOT NULL DEFAULT false,
  priority int NOT NULL DEFAULT 41,
  release_policy text NOT NULL DEFAULT 'automatic' CHECK (release_policy IN ('automatic', 'manual')),
  upstream_key_names text[] NOT NULL DEFAULT '{}',
  retention jsonb NOT NULL DEFAULT '{}',
  quota_bytes bigint,
  upload_bytes_per_minute bigint,
  created_at timestamptz NOT NULL DEFAULT now(),
  deleted_at timestamptz,
  removing_at timestamptz,
  removed_at timestamptz
);
COMMENT ON TABLE cache IS 'A binary cache and its registries';
COMMENT ON COLUMN cache.priority IS 'Priority in nix-cache-info; nix asks caches with lower numbers first';
COMMENT ON COLUMN cache.release_policy IS 'manual: recognized packages are only proposed';
COMMENT ON COLUMN cache.retention IS 'Retention policy as JSON; {} keeps everything';
COMMENT ON COLUMN cache.deleted_at IS 'From here on the cache is invisible and can be restored';
COMMENT ON COLUMN cache.removing_at IS 'From here on it cannot be restored: its contents are being removed';
COMMENT ON COLUMN cache.removed_at IS 'Only its name is left';
CREATE INDEX cache_deleted ON cache (deleted_at) WHERE deleted_at IS NOT NULL;

CREATE TABLE cache_key (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  cache_id bigint NOT NULL REFERENCES cache ON DELETE CASCADE,
  name text NOT NULL,
  public_key bytea NOT NULL CHECK (octet_length(public_key) = 32),
  secret_wrapped bytea,
  signing boolean NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (cache_id, name),
  CHECK (NOT signing OR secret_wrapped IS NOT NULL)
);
COMMENT ON TABLE cache_key IS
  'Ed25519 keys of a cache. Each signing key signs every narinfo in the response; rotation adds a key, and the old one signs until it is retired';
COMMENT ON COLUMN cache_key.secret_wrapped IS 'Encrypted with the instance key; null for keys of builders that the cache only knows';

CREATE TABLE cache_usage (
  cache_id bigint PRIMARY KEY REFERENCES cache ON DELETE CASCADE,
  paths bigint NOT NULL DEFAULT 0,
  bytes bigint NOT NULL DEFAULT 0
);
COMMENT ON TABLE cache_usage IS 'Totals of a cache, changed in the transaction that changes path';
COMMENT ON COLUMN cache_usage.bytes IS 'NAR bytes of the paths, before compression and deduplication';

CREATE TABLE cache_version (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  n bigint NOT NULL DEFAULT 0
);
COMMENT ON TABLE cache_version IS
  'Grows with every change of cache or cache_key. Servers keep those rows in memory; each request reads the number together with the head of the change log';
INSERT INTO cache_version DEFAULT VALUES;
CREATE FUNCTION cache_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE cache_version SET n = n + 1; RETURN NULL; END $$;
CREATE TRIGGER cache_changed AFTER INSERT OR UPDATE OR DELETE ON cache FOR EACH STATEMENT EXECUTE FUNCTION cache_changed();
CREATE TRIGGER cache_key_changed AFTER INSERT OR UPDATE OR DELETE ON cache_key FOR EACH STATEMENT EXECUTE FUNCTION cache_changed();
