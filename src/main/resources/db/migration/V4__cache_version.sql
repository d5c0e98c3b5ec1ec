-- Grows with every change of a cache's row, so that processes may keep those rows in memory: one look at the head of the
-- change log, which every request takes anyway, tells whether they still stand.
CREATE TABLE cache_version (one boolean PRIMARY KEY DEFAULT true CHECK (one), n bigint NOT NULL DEFAULT 0);
INSERT INTO cache_version DEFAULT VALUES;
CREATE FUNCTION cache_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE cache_version SET n = n + 1; RETURN NULL; END $$;
CREATE TRIGGER cache_changed AFTER INSERT OR UPDATE OR DELETE ON cache FOR EACH STATEMENT EXECUTE FUNCTION cache_changed();
