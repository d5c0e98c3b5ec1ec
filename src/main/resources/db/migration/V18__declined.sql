-- What a maintainer declined of a release that was proposed: recognition does not propose it again. Of a file its bytes count,
-- wherever they lie; a whole path is what was declined itself. Names may be longer than an entry of an index.
CREATE TABLE declined (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, cache_id bigint NOT NULL REFERENCES cache ON DELETE CASCADE,
  ecosystem text NOT NULL, name text NOT NULL, normalised text NOT NULL, version text NOT NULL,
  sha256 bytea NOT NULL, hash_part char(32) COLLATE "C" NOT NULL, whole boolean NOT NULL,
  at timestamptz NOT NULL DEFAULT now(), by text);
CREATE UNIQUE INDEX declined_once ON declined (cache_id, ecosystem, md5(normalised), md5(version), sha256, hash_part);
CREATE INDEX declined_path ON declined (cache_id, hash_part);
