-- Names that differ only in characters which look alike are looked for with every first upload, as PyPI does.
CREATE INDEX package_looks ON package (cache_id, ecosystem, (translate(lower(normalised), 'ilo-_.', '110')));
