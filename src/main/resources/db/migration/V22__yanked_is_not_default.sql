-- What is yanked is not shown without a version as long as anything else is there.
UPDATE package p SET default_release = s.id
FROM (SELECT DISTINCT ON (r.package_id) r.package_id, r.id FROM release r
      WHERE r.state = 'released'
        AND r.package_id IN (SELECT x.package_id FROM release x JOIN withdrawal w ON w.release_id = x.id AND w.kind = 'yanked')
      ORDER BY r.package_id,
        EXISTS (SELECT FROM withdrawal w WHERE w.release_id = r.id AND w.kind = 'yanked'),
        r.prerelease, r.version_key DESC, r.id DESC) s
WHERE p.id = s.package_id AND p.default_release IS DISTINCT FROM s.id;
