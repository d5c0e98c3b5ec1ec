-- An ID token is exchanged once: its number is kept for as long as it could be sent again.
CREATE TABLE spent_identity (issuer text NOT NULL, number text NOT NULL, expires_at timestamptz NOT NULL, PRIMARY KEY (issuer, number));
CREATE INDEX spent_identity_expiry ON spent_identity (expires_at);

CREATE INDEX trust_rule_cache ON trust_rule (cache_id, id);
CREATE INDEX trust_rule_issuer ON trust_rule (issuer, ecosystem);

-- Tokens of CI runs, by the rule that let them in: they end with it.
CREATE INDEX token_rule ON token ((cast(origin ->> 'rule' AS bigint))) WHERE origin IS NOT NULL;
