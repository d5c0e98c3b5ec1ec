-- A pack that is moved to another backend keeps its key, by which footers name it; its bytes get another name there, since no
-- name of an object is ever used twice.
ALTER TABLE pack ADD COLUMN copy bigint NOT NULL DEFAULT 0, DROP CONSTRAINT pack_key_key, ADD UNIQUE (key, copy);
-- What lies elsewhere is looked for at every start and while packs are moved.
CREATE INDEX pack_place ON pack (backend, id) INCLUDE (bytes) WHERE state = 'L';
