-- The change log, jobs and snapshots.

CREATE TABLE change_head (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  seq bigint NOT NULL DEFAULT 0,
  epoch uuid NOT NULL DEFAULT gen_random_uuid()
);
COMMENT ON TABLE change_head IS
  'Head of the change log. A transaction takes its number last, so the order of commits is the order of numbers, and one number is a cursor';
COMMENT ON COLUMN change_head.epoch IS 'A restore sets a new one: followers and ETags of another epoch start again';
INSERT INTO change_head DEFAULT VALUES;

CREATE TABLE change (
  seq bigint PRIMARY KEY,
  cache_id bigint NOT NULL,
  kind text NOT NULL,
  package_id bigint,
  release_id bigint,
  hash_part char(32),
  at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE change IS 'The change log';

CREATE TABLE follower (
  name text PRIMARY KEY,
  epoch uuid NOT NULL,
  seq bigint NOT NULL,
  at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE follower IS 'Position of each server''s search index in the change log';

CREATE TABLE scheduled_tasks (
  task_name text NOT NULL,
  task_instance text NOT NULL,
  task_data bytea,
  execution_time timestamptz NOT NULL,
  picked boolean NOT NULL,
  picked_by text,
  last_success timestamptz,
  last_failure timestamptz,
  consecutive_failures int,
  last_heartbeat timestamptz,
  version bigint NOT NULL,
  priority smallint,
  PRIMARY KEY (task_name, task_instance)
);
COMMENT ON TABLE scheduled_tasks IS 'Jobs; the table of db-scheduler';
CREATE INDEX ON scheduled_tasks (execution_time);
CREATE INDEX ON scheduled_tasks (last_heartbeat);

CREATE TABLE snapshot (
  id text PRIMARY KEY,
  begun_at timestamptz NOT NULL,
  ended_at timestamptz NOT NULL,
  bytes bigint NOT NULL,
  rows bigint NOT NULL,
  until timestamptz NOT NULL
);
COMMENT ON TABLE snapshot IS 'Snapshots that can be restored; the objects in the backend are the truth';
COMMENT ON COLUMN snapshot.until IS 'Until then the sweep keeps the packs that the snapshot may use';
