-- The last ids given out. One row; whoever has locked it writes, so ids are visible in their order, on any number of replicas.
CREATE TABLE ids (
  one BIGINT PRIMARY KEY CHECK (one = 1),
  last_change BIGINT NOT NULL,
  last_event BIGINT NOT NULL
) WITH (fillfactor = 10);
INSERT INTO ids (one, last_change, last_event) VALUES (1, 0, 0);

-- Events that others still have to be told, or have not confirmed yet.
CREATE TABLE outbox (
  id BIGINT PRIMARY KEY,
  receiver TEXT COLLATE "C" NOT NULL,
  type TEXT NOT NULL,
  body BYTEA NOT NULL,
  trace_parent TEXT,
  occurred_at BIGINT NOT NULL,    -- Unix ms
  due_at BIGINT NOT NULL,         -- Unix ms; not touched before: a claim's expiry, a retry's time, never for a parked one
  claim TEXT,                     -- the relay that is at it
  attempts BIGINT NOT NULL DEFAULT 0,
  failure TEXT,                   -- why the last attempt failed
  parked_at BIGINT                -- Unix ms; set when it was refused for good
);
CREATE INDEX outbox_due ON outbox (receiver, due_at);

-- The events of others that were handled here, to recognise one that comes again.
CREATE TABLE handled_events (
  id TEXT COLLATE "C" PRIMARY KEY,
  handled_at BIGINT NOT NULL      -- Unix ms
);
CREATE INDEX handled_events_at ON handled_events (handled_at);
