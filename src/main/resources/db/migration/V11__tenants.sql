-- Caches as tenants: a limit beside quota_bytes, and how far the removal of a deleted one has come. From removing_at on it
-- cannot come back; from removed_at on nothing is left but its name.
ALTER TABLE cache ADD COLUMN upload_bytes_per_minute bigint, ADD COLUMN removing_at timestamptz, ADD COLUMN removed_at timestamptz;
CREATE INDEX cache_deleted ON cache (deleted_at) WHERE deleted_at IS NOT NULL;
-- Keys are kept in memory like rows of caches, and are as old as those.
CREATE TRIGGER cache_key_changed AFTER INSERT OR UPDATE OR DELETE ON cache_key FOR EACH STATEMENT EXECUTE FUNCTION cache_changed();
