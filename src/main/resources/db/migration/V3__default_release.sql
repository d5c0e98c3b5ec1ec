-- What a package shows without a version: its newest released release, no prerelease if there is another; null while it has
-- nothing released. Kept by the catalog with every change of a release. Lists, search and dependents all ask for it, and
-- finding it anew for each package of a cache takes seconds.
ALTER TABLE package ADD COLUMN default_release bigint;
UPDATE package p SET default_release = (SELECT r.id FROM release r WHERE r.package_id = p.id AND r.state = 'released'
  ORDER BY r.prerelease, r.version_key DESC, r.id DESC LIMIT 1);
CREATE INDEX package_default ON package (default_release) WHERE default_release IS NOT NULL;
