-- Logins of clients that show an address and wait [access]: each waits a few minutes for a person who opens it. What the client
-- asks with is known by its hash, and the token that it will get lies wrapped in between.
CREATE TABLE client_login (
  code text PRIMARY KEY, secret_hash bytea NOT NULL UNIQUE, cache text NOT NULL, ecosystem text NOT NULL, client text NOT NULL, address text NOT NULL,
  token_wrapped bytea, created_at timestamptz NOT NULL DEFAULT now(), expires_at timestamptz NOT NULL);
CREATE INDEX client_login_expiry ON client_login (expires_at);
