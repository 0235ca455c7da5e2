-- The last ids given out. One row; whoever takes an id holds the write lock, so ids are visible in their order.
CREATE TABLE ids (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  last_change INTEGER NOT NULL,
  last_event INTEGER NOT NULL
) STRICT;
INSERT INTO ids (only, last_change, last_event) VALUES (1, 0, 0);

-- Events that others still have to be told, or have not confirmed yet.
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY,
  receiver TEXT NOT NULL,
  type TEXT NOT NULL,
  body BLOB NOT NULL,
  trace_parent TEXT,
  occurred_at INTEGER NOT NULL,   -- Unix ms
  due_at INTEGER NOT NULL,        -- Unix ms; not touched before: a claim's expiry, a retry's time, never for a parked one
  claim TEXT,                     -- the relay that is at it
  attempts INTEGER NOT NULL DEFAULT 0,
  failure TEXT,                   -- why the last attempt failed
  parked_at INTEGER               -- Unix ms; set when it was refused for good
) STRICT;
CREATE INDEX outbox_due ON outbox (receiver, due_at);

-- The events of others that were handled here, to recognise one that comes again.
CREATE TABLE handled_events (
  id TEXT PRIMARY KEY,
  handled_at INTEGER NOT NULL     -- Unix ms
) STRICT, WITHOUT ROWID;
CREATE INDEX handled_events_at ON handled_events (handled_at);
