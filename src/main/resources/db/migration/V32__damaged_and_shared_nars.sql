ALTER TABLE nar ADD COLUMN damaged_at timestamptz;   -- state B: when it was found
UPDATE nar n SET damaged_at = coalesce((SELECT min(p.verified_at) FROM pack_ref r JOIN pack p ON p.id = r.pack_id
  WHERE r.nar_id = n.id AND p.state = 'Q'), now()) WHERE state = 'B';
-- What the catalog sees of damaged NARs; nar_facts has the others. A snapshot that is older than the column has no time.
CREATE VIEW nar_damage AS SELECT id, domain_id, nar_hash, nar_size, file_size, file_hash, encoding, kind,
  coalesce(damaged_at, created_at) AS damaged_at FROM nar WHERE state = 'B';
-- Whether a cache has a NAR, also where most paths of all caches have the same one.
CREATE INDEX path_nar_cache ON path (nar_id, cache_id);
CREATE INDEX nar_upload_nar_cache ON nar_upload (nar_id, cache_id);
DROP INDEX path_nar, nar_upload_nar;
