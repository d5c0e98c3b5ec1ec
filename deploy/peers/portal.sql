-- Copies of the package portal-seed, as many as :n, in the cache main: each with its versions, files, dependencies, tags and
-- downloads. All files are those of the seed; every twentieth package is depended on far more than the others.
\set ON_ERROR_STOP on
\set QUIET on
set synchronous_commit = off;
begin;
create temp table seed as
select c.id as cache, r.*, a.output, a.platform, a.filename, a.byte_offset, a.length, a.sha256, a.sha512, a.sha1, a.origin, a.at,
  t.nar_id, r.id = p.default_release as newest
from cache c join package p on p.cache_id = c.id and p.ecosystem = 'npm' and p.normalized = 'portal-seed'
  join release r on r.package_id = p.id join artifact a on a.release_id = r.id join path t on t.id = a.path_id
where c.name = 'main';

insert into package (cache_id, ecosystem, name, normalized, owned)
select distinct cache, 'npm', 'portal-' || i, 'portal-' || i, true from seed, generate_series(1, :n) i;

insert into release (package_id, version, version_key, prerelease, state, facts, recognizer, published_at, published_by)
select p.id, s.version, s.version_key, s.prerelease, s.state, s.facts, s.recognizer, s.published_at, s.published_by
from seed s join package p on p.cache_id = s.cache and p.name like 'portal-%' and p.name <> 'portal-seed' order by p.id;

create temp table copy as
select s.*, k.id as package, k.name, r.id as release, row_number() over (partition by s.newest order by k.id) as place
from package k join release r on r.package_id = k.id join seed s on s.cache = k.cache_id and s.version = r.version
where k.name like 'portal-%' and k.name <> 'portal-seed';

insert into path (cache_id, hash_part, name, nar_id, refs, origin)
select cache, lpad(release::text, 32, 'p'), name || '-' || version || '.tgz', nar_id, '{}', 'published' from copy;

insert into artifact (release_id, build, output, platform, filename, path_id, byte_offset, length, sha256, sha512, sha1, origin, state,
  promised_at, at)
select c.release, t.hash_part, c.output, c.platform, c.name || '-' || c.version || '.tgz', t.id, c.byte_offset, c.length, c.sha256,
  c.sha512, c.sha1, c.origin, 'released', now(), c.at
from copy c join path t on t.cache_id = c.cache and t.hash_part = lpad(c.release::text, 32, 'p');

select setseed(0.5);
insert into dependency (release_id, ord, cache_id, ecosystem, normalized, name, range, kind)
select release, ord, cache, 'npm', 'portal-' || wanted, 'portal-' || wanted, '^1.0.0', 'runtime'
from (select c.release, c.cache, d.ord, 1 + floor(:n * power(random(), 4))::int as wanted
  from copy c cross join lateral generate_series(1, case when c.newest then 6 else 2 end) as d (ord)) w;

update package p set default_release = c.release from copy c where c.package = p.id and c.newest;
insert into tag (package_id, name, release_id) select package, 'latest', release from copy where newest;
insert into download_day (release_id, day, n)
select c.release, current_date - d, 1 + (c.place % 50) from copy c, generate_series(0, 29) d where c.newest and c.place % 5 = 0;
update cache_usage u set paths = u.paths + (select count(*) from copy) from seed s where u.cache_id = s.cache;

with head as (update change_head set seq = seq + (select count(*) from copy where newest) returning seq)
insert into change (seq, cache_id, kind, package_id, release_id)
select head.seq - row_number() over (order by c.package desc) + 1, c.cache, 'release', c.package, c.release from head, copy c where c.newest;
commit;
vacuum analyze package, release, path, artifact, dependency, tag, download_day, change;
