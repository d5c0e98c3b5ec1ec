-- Packages, their releases, and the files of releases.

CREATE TABLE package (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  cache_id bigint NOT NULL REFERENCES cache ON DELETE CASCADE,
  ecosystem text NOT NULL,
  name text NOT NULL,
  normalized text NOT NULL,
  owned boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now(),
  default_release bigint,
  UNIQUE (cache_id, ecosystem, normalized)
);
COMMENT ON TABLE package IS 'Packages of a cache';
COMMENT ON COLUMN package.normalized IS 'Name in the form in which the ecosystem compares names';
COMMENT ON COLUMN package.owned IS 'It was published to a registry or promoted';
COMMENT ON COLUMN package.default_release IS
  'The release shown without a version: the newest one, yanked and pre-releases last; null if nothing is released. Kept with every change of a release, because lists, search and dependents read it';
CREATE INDEX package_name ON package (cache_id, ecosystem, normalized COLLATE "C");
CREATE INDEX package_default ON package (default_release) WHERE default_release IS NOT NULL;
-- names that readers confuse are rejected, so a first upload looks for them
CREATE INDEX package_alike ON package (cache_id, ecosystem, (lower(translate(normalized, '-_.', ''))));
CREATE INDEX package_looks ON package (cache_id, ecosystem, (translate(lower(normalized), 'ilo-_.', '110')));

CREATE TABLE release (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  package_id bigint NOT NULL REFERENCES package ON DELETE CASCADE,
  version text NOT NULL,
  version_key bytea NOT NULL,
  prerelease boolean NOT NULL DEFAULT false,
  state text NOT NULL CHECK (state IN ('proposed', 'released')),
  facts jsonb NOT NULL,
  recognizer int NOT NULL,
  published_at timestamptz NOT NULL,
  published_by text,
  UNIQUE (package_id, version)
);
COMMENT ON TABLE release IS 'Versions of packages';
COMMENT ON COLUMN release.version_key IS 'Byte order of the keys is the order of the versions';
COMMENT ON COLUMN release.facts IS 'Summary, license, readme, manifest and so on, as JSON';
COMMENT ON COLUMN release.recognizer IS 'Version of the recognizer that wrote the facts; older rows are recognized again';
CREATE INDEX release_order ON release (package_id, version_key DESC);
CREATE INDEX release_default ON release (package_id, prerelease, version_key DESC, id DESC) WHERE state = 'released';
CREATE INDEX release_newest ON release (published_at DESC, id DESC) WHERE state = 'released';
-- every npm install asks for vulnerable releases; the planner must know that they are few
CREATE INDEX release_vulnerable ON release (package_id) WHERE state = 'released' AND facts -> 'vulnerabilities' <> '[]';
CREATE STATISTICS release_vulnerabilities ON (facts -> 'vulnerabilities') FROM release;

CREATE TABLE artifact (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  release_id bigint NOT NULL REFERENCES release ON DELETE CASCADE,
  build char(32) COLLATE "C" NOT NULL,
  output text NOT NULL DEFAULT 'out',
  platform text NOT NULL DEFAULT 'any',
  filename text NOT NULL,
  path_id bigint NOT NULL REFERENCES path ON DELETE RESTRICT,
  byte_offset bigint NOT NULL,
  length bigint NOT NULL,
  sha256 bytea NOT NULL,
  sha512 bytea,
  sha1 bytea,
  origin text NOT NULL CHECK (origin IN ('published', 'exact', 'derived', 'path', 'upstream')),
  state text NOT NULL CHECK (state IN ('proposed', 'released')),
  promised_at timestamptz,
  at timestamptz NOT NULL,
  UNIQUE (release_id, path_id, filename),
  CHECK (promised_at IS NULL OR state = 'released')
);
COMMENT ON TABLE artifact IS 'Files and store paths of a release. The bytes are [byte_offset, byte_offset + length) of the NAR';
COMMENT ON COLUMN artifact.build IS
  'Hash part of the deriver, else of the path: a release shows its newest build per platform';
COMMENT ON COLUMN artifact.origin IS
  'published to a registry, exact (a file in a pushed path), derived (made from a tree), path (a whole store path), or from an upstream';
COMMENT ON COLUMN artifact.state IS 'A release is released if one of its artifacts is';
COMMENT ON COLUMN artifact.promised_at IS 'When a client first saw the digests: the file name then never means other bytes';
COMMENT ON COLUMN artifact.at IS 'Time of the push, so that recognizing again keeps the order';
CREATE UNIQUE INDEX artifact_promise ON artifact (release_id, filename) WHERE promised_at IS NOT NULL;
CREATE INDEX artifact_release ON artifact (release_id, at DESC);
CREATE INDEX artifact_path ON artifact (path_id);
CREATE INDEX artifact_sha256 ON artifact (sha256);
CREATE INDEX artifact_sha512 ON artifact (sha512) WHERE sha512 IS NOT NULL;
CREATE INDEX artifact_build ON artifact (build);
-- of all states: without statistics, the planner would read all of a partial index
CREATE INDEX artifact_named ON artifact (filename, release_id);

CREATE TABLE attestation (
  artifact_id bigint NOT NULL REFERENCES artifact ON DELETE CASCADE,
  n int NOT NULL,
  predicate_type text NOT NULL,
  says jsonb NOT NULL,
  bundle text NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (artifact_id, n)
);
COMMENT ON TABLE attestation IS 'Attestations of published files';
COMMENT ON COLUMN attestation.says IS 'What pages show';
COMMENT ON COLUMN attestation.bundle IS 'As it was received';

CREATE TABLE dependency (
  release_id bigint NOT NULL REFERENCES release ON DELETE CASCADE,
  ord int NOT NULL,
  cache_id bigint NOT NULL,
  ecosystem text NOT NULL,
  normalized text NOT NULL,
  name text NOT NULL,
  range text NOT NULL DEFAULT '',
  kind text NOT NULL,
  PRIMARY KEY (release_id, ord)
);
COMMENT ON TABLE dependency IS 'Declared dependencies';
COMMENT ON COLUMN dependency.ord IS 'Position in the manifest; a name can occur several times (npm aliases, PyPI markers)';
COMMENT ON COLUMN dependency.cache_id IS 'Cache of the release: dependents are counted from the index alone';
CREATE INDEX dependency_declaring ON dependency (cache_id, ecosystem, normalized, release_id);

CREATE TABLE tag (
  package_id bigint NOT NULL REFERENCES package ON DELETE CASCADE,
  name text NOT NULL,
  release_id bigint NOT NULL REFERENCES release ON DELETE CASCADE,
  at timestamptz NOT NULL DEFAULT now(),
  by text,
  PRIMARY KEY (package_id, name)
);
COMMENT ON TABLE tag IS 'npm dist-tags and the like';
CREATE INDEX tag_release ON tag (release_id);

CREATE TABLE withdrawal (
  release_id bigint NOT NULL REFERENCES release ON DELETE CASCADE,
  kind text NOT NULL,
  reason text NOT NULL DEFAULT '',
  at timestamptz NOT NULL DEFAULT now(),
  by text,
  PRIMARY KEY (release_id, kind)
);
COMMENT ON TABLE withdrawal IS 'Releases that were yanked or deprecated';

CREATE TABLE tombstone (
  cache_id bigint NOT NULL REFERENCES cache ON DELETE CASCADE,
  ecosystem text NOT NULL,
  normalized text NOT NULL,
  version text NOT NULL,
  filename text NOT NULL,
  sha256 bytea,
  reason text NOT NULL DEFAULT '',
  at timestamptz NOT NULL DEFAULT now(),
  by text,
  PRIMARY KEY (cache_id, ecosystem, normalized, version, filename),
  CHECK ((filename = '') = (sha256 IS NULL))
);
COMMENT ON TABLE tombstone IS 'Deleted files that clients saw: the same bytes may return, other bytes never';
COMMENT ON COLUMN tombstone.filename IS 'Empty: the whole release, which recognition then only proposes';

CREATE TABLE declined (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  cache_id bigint NOT NULL REFERENCES cache ON DELETE CASCADE,
  ecosystem text NOT NULL,
  name text NOT NULL,
  normalized text NOT NULL,
  version text NOT NULL,
  sha256 bytea NOT NULL,
  hash_part char(32) COLLATE "C" NOT NULL,
  whole boolean NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  by text
);
COMMENT ON TABLE declined IS 'Proposed artifacts that a maintainer declined: recognition does not propose them again';
COMMENT ON COLUMN declined.whole IS 'A whole store path was declined; false: a file, by its digest, in any path';
-- md5: names can be longer than an index entry
CREATE UNIQUE INDEX declined_once ON declined (cache_id, ecosystem, md5(normalized), md5(version), sha256, hash_part);
CREATE INDEX declined_path ON declined (cache_id, hash_part);

CREATE TABLE ecosystem_state (
  cache_id bigint NOT NULL REFERENCES cache ON DELETE CASCADE,
  ecosystem text NOT NULL,
  package_id bigint REFERENCES package ON DELETE CASCADE,
  key text NOT NULL,
  body jsonb NOT NULL,
  version int NOT NULL DEFAULT 1,
  UNIQUE NULLS NOT DISTINCT (cache_id, ecosystem, package_id, key)
);
COMMENT ON TABLE ecosystem_state IS 'State of registries that only they understand';

CREATE TABLE download_day (
  release_id bigint NOT NULL REFERENCES release ON DELETE CASCADE,
  day date NOT NULL,
  n bigint NOT NULL,
  PRIMARY KEY (release_id, day)
);
COMMENT ON TABLE download_day IS 'Downloads of a release per day (UTC)';
CREATE INDEX download_day_day ON download_day (day);
