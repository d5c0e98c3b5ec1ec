-- Of all states: an index of the released ones alone seems small while the tables have no statistics, and then all of it is read
-- for each artifact that is asked for by something else.
CREATE INDEX artifact_named ON artifact (filename, release_id);
DROP INDEX artifact_filename;
