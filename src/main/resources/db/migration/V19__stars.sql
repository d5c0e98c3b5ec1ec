-- Stars [catalog]: packages that people marked as ones they like. Clients call people by names and addresses, by which they
-- are looked for.
CREATE TABLE star (
  package_id bigint NOT NULL REFERENCES package ON DELETE CASCADE, person_id bigint NOT NULL REFERENCES person ON DELETE CASCADE,
  at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (package_id, person_id));
CREATE INDEX star_person ON star (person_id);
CREATE INDEX person_name ON person (name);
CREATE INDEX person_email ON person (email) WHERE email IS NOT NULL;
