-- People, their permissions, credentials, and the audit log.

CREATE TABLE person (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  issuer text NOT NULL,
  subject text NOT NULL,
  name text NOT NULL,
  email text,
  admin boolean NOT NULL DEFAULT false,
  seen_at timestamptz NOT NULL DEFAULT now(),
  groups text[] NOT NULL DEFAULT '{}',
  UNIQUE (issuer, subject)
);
COMMENT ON TABLE person IS 'People who signed in';
COMMENT ON COLUMN person.issuer IS 'OpenID Connect issuer; with subject, the identity';
COMMENT ON COLUMN person.email IS 'Verified e-mail address';
COMMENT ON COLUMN person.groups IS 'Groups at the last sign-in; they also apply to the person''s tokens';
CREATE INDEX person_name ON person (name);
CREATE INDEX person_email ON person (email) WHERE email IS NOT NULL;

CREATE TABLE membership (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  cache_id bigint NOT NULL REFERENCES cache ON DELETE CASCADE,
  person_id bigint REFERENCES person ON DELETE CASCADE,
  group_name text,
  role text NOT NULL CHECK (role IN ('reader', 'publisher', 'maintainer', 'owner')),
  UNIQUE NULLS NOT DISTINCT (cache_id, person_id, group_name),
  CHECK ((person_id IS NULL) <> (group_name IS NULL))
);
COMMENT ON TABLE membership IS 'Roles of people and groups in caches';
CREATE INDEX membership_person ON membership (person_id) WHERE person_id IS NOT NULL;
CREATE INDEX membership_group ON membership (group_name) WHERE group_name IS NOT NULL;

CREATE TABLE token (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  hash bytea NOT NULL UNIQUE,
  person_id bigint REFERENCES person ON DELETE CASCADE,
  label text NOT NULL,
  scope jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used date,
  origin jsonb
);
COMMENT ON TABLE token IS 'Tokens; the text itself is not stored';
COMMENT ON COLUMN token.person_id IS 'Null: a token of the instance';
COMMENT ON COLUMN token.origin IS 'CI run that the token was issued to, and the trusted publisher that accepted it';
CREATE INDEX token_person ON token (person_id, id DESC);
CREATE INDEX token_rule ON token ((cast(origin ->> 'rule' AS bigint))) WHERE origin IS NOT NULL;

CREATE TABLE trust_rule (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  cache_id bigint NOT NULL REFERENCES cache ON DELETE CASCADE,
  ecosystem text NOT NULL,
  packages text NOT NULL,
  issuer text NOT NULL,
  claims jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  created_by text
);
COMMENT ON TABLE trust_rule IS 'Trusted publishers: CI runs that may publish';
COMMENT ON COLUMN trust_rule.packages IS 'Pattern of package names';
COMMENT ON COLUMN trust_rule.claims IS 'Required claims of the ID token, exact values or patterns';
CREATE INDEX trust_rule_cache ON trust_rule (cache_id, id);
CREATE INDEX trust_rule_issuer ON trust_rule (issuer, ecosystem);

CREATE TABLE token_trust_rule (
  rule_id bigint NOT NULL,
  token_id bigint NOT NULL REFERENCES token ON DELETE CASCADE,
  PRIMARY KEY (rule_id, token_id)
);
COMMENT ON TABLE token_trust_rule IS 'All trusted publishers that a token of a CI run was issued through: it is revoked when one of them is deleted';
CREATE INDEX token_trust_rule_token ON token_trust_rule (token_id);

CREATE TABLE spent_identity (
  issuer text NOT NULL,
  number text NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (issuer, number)
);
COMMENT ON TABLE spent_identity IS 'ID tokens (claim jti) that were exchanged; each is accepted once';
CREATE INDEX spent_identity_expiry ON spent_identity (expires_at);

CREATE TABLE client_login (
  code text PRIMARY KEY,
  secret_hash bytea NOT NULL UNIQUE,
  cache text NOT NULL,
  ecosystem text NOT NULL,
  client text NOT NULL,
  address text NOT NULL,
  token_wrapped bytea,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL
);
COMMENT ON TABLE client_login IS 'Logins of clients that show a URL and wait a few minutes for a person to open it';
COMMENT ON COLUMN client_login.secret_hash IS 'Hash of the secret that the client polls with';
COMMENT ON COLUMN client_login.token_wrapped IS 'Encrypted token that the client gets';
CREATE INDEX client_login_expiry ON client_login (expires_at);

CREATE TABLE star (
  package_id bigint NOT NULL REFERENCES package ON DELETE CASCADE,
  person_id bigint NOT NULL REFERENCES person ON DELETE CASCADE,
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (package_id, person_id)
);
COMMENT ON TABLE star IS 'Packages that people starred';
CREATE INDEX star_person ON star (person_id);

CREATE TABLE audit (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(),
  cache_id bigint,
  actor text NOT NULL,
  via text NOT NULL,
  action text NOT NULL,
  object text NOT NULL,
  allowed boolean NOT NULL,
  address inet,
  detail jsonb
);
COMMENT ON TABLE audit IS 'Audit log';
COMMENT ON COLUMN audit.cache_id IS 'Null: an event of the instance. No foreign key, because events outlive caches';
CREATE INDEX audit_cache ON audit (cache_id, id DESC);
CREATE INDEX audit_actor ON audit (actor, id DESC);
CREATE INDEX audit_at ON audit (at);
