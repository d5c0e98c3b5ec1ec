-- What somebody signed about a published file, as it was sent; says: what pages tell of it
CREATE TABLE attestation (
  artifact_id bigint NOT NULL REFERENCES artifact ON DELETE CASCADE, n int NOT NULL, predicate_type text NOT NULL, says jsonb NOT NULL,
  bundle text NOT NULL, at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (artifact_id, n));
