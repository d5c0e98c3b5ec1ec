-- Groups as the identity provider named them when the person last signed in: his tokens may what they may.
ALTER TABLE person ADD COLUMN groups text[] NOT NULL DEFAULT '{}';
CREATE INDEX membership_person ON membership (person_id) WHERE person_id IS NOT NULL;
CREATE INDEX membership_group ON membership (group_name) WHERE group_name IS NOT NULL;
CREATE INDEX token_person ON token (person_id, id DESC);
CREATE INDEX audit_actor ON audit (actor, id DESC);
CREATE INDEX audit_at ON audit (at);
