-- Who declares a name is counted for each line of a list: with the release in the index none of the rows is read for it.
CREATE INDEX dependency_declaring ON dependency (cache_id, ecosystem, normalised, release_id);
DROP INDEX dependency_reverse;
