-- A new name that readers would take for one that is here is refused, so that one is looked for with every first publish.
CREATE INDEX package_alike ON package (cache_id, ecosystem, (lower(translate(normalised, '-_.', ''))));
