-- What somebody knows of a NAR is the hash of its file, as a narinfo or an address says it.
CREATE INDEX nar_file_hash ON nar (file_hash) WHERE file_hash IS NOT NULL;
