-- What the catalog's reads need beyond the keys. Names are compared as bytes, whatever collation the database has.
CREATE INDEX path_newest ON path (cache_id, pushed_at DESC, id DESC);
CREATE INDEX path_name ON path (cache_id, name COLLATE "C");
CREATE INDEX path_deriver ON path (cache_id, deriver) WHERE deriver IS NOT NULL;
CREATE INDEX package_name ON package (cache_id, ecosystem, normalised COLLATE "C");
CREATE INDEX release_default ON release (package_id, prerelease, version_key DESC, id DESC) WHERE state = 'released';
CREATE INDEX release_newest ON release (published_at DESC, id DESC) WHERE state = 'released';
CREATE INDEX artifact_filename ON artifact (filename, release_id) WHERE state = 'released';
CREATE INDEX tag_release ON tag (release_id);
