-- As many paths as :n in the cache main, each with the NAR of the first path there, references, a deriver and a signature.
\set ON_ERROR_STOP on
\set QUIET on
set synchronous_commit = off;
begin;
insert into path (cache_id, hash_part, name, nar_id, refs, deriver, sigs)
select p.cache_id, lpad(i::text, 32, '0'), 'portion-' || i || '-1.0', p.nar_id,
  array(select lpad(((i * 7 + r) % :n)::text, 32, '0') || '-portion-' || (i * 7 + r) % :n || '-1.0' from generate_series(1, 6) r),
  lpad((:n + i)::text, 32, '0') || '-portion-' || i || '-1.0.drv',
  array['builder-1:' || translate(encode(sha512(i::text::bytea), 'base64'), e'\n', '')]
from (select * from path where cache_id = (select id from cache where name = 'main') order by id limit 1) p, generate_series(0, :n - 1) i;
commit;
vacuum analyze path;
