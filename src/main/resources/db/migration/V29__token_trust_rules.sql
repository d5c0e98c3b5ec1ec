-- All rules that a CI run's token was issued through: it ends when one of them is removed. token.origin names only the first.
CREATE TABLE token_trust_rule (rule_id bigint NOT NULL, token_id bigint NOT NULL REFERENCES token ON DELETE CASCADE, PRIMARY KEY (rule_id, token_id));
CREATE INDEX token_trust_rule_token ON token_trust_rule (token_id);
