-- Collections of caches: who asked, and what each freed. What it found to be kept is a mark; marks of a crashed database are
-- no loss, since each path is judged again, by what is there, when it is about to go.
CREATE TABLE collection (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, cache_id bigint NOT NULL REFERENCES cache ON DELETE CASCADE,
  dry boolean NOT NULL, by text, started_at timestamptz NOT NULL DEFAULT now(), ended_at timestamptz,
  paths bigint NOT NULL DEFAULT 0, bytes bigint NOT NULL DEFAULT 0, releases bigint NOT NULL DEFAULT 0);
CREATE INDEX collection_cache ON collection (cache_id, id DESC);
CREATE UNLOGGED TABLE collection_mark (collection_id bigint NOT NULL, round int NOT NULL, path_id bigint NOT NULL,
  PRIMARY KEY (collection_id, path_id));
CREATE INDEX collection_mark_round ON collection_mark (collection_id, round, path_id);

-- Sizes of all NARs, also of those whose bytes were lost: their paths are counted until they go.
CREATE VIEW nar_weight AS SELECT id, nar_size FROM nar;

CREATE INDEX pin_path ON pin (path_id);
ALTER TABLE pin ADD COLUMN created_at timestamptz NOT NULL DEFAULT now(), ADD COLUMN created_by text;
