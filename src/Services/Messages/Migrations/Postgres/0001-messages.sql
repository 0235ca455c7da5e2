-- What people said. When it was said is in the id.
CREATE TABLE messages (
  id BIGINT PRIMARY KEY,
  author_id BIGINT NOT NULL,
  author_name TEXT NOT NULL,
  text TEXT NOT NULL
);
CREATE INDEX messages_by_author ON messages (author_id, id);

-- Deletions, so that a live stream that catches up learns of them, and other replicas. Kept for a week.
CREATE TABLE deletions (
  change_id BIGINT PRIMARY KEY,
  message_id BIGINT NOT NULL,
  author_id BIGINT NOT NULL
);

-- What was posted under which key. Kept for some days, also when the message is deleted.
CREATE TABLE idempotency_keys (
  message_id BIGINT PRIMARY KEY,
  author_id BIGINT NOT NULL,
  key TEXT COLLATE "C" NOT NULL,
  UNIQUE (author_id, key)
);

-- How many messages each author has, and whether they may be seen.
CREATE TABLE authors (
  id BIGINT PRIMARY KEY,
  messages BIGINT NOT NULL DEFAULT 0,
  state BIGINT NOT NULL DEFAULT 1,      -- twite.v1.AccountState
  state_at BIGINT NOT NULL DEFAULT 0,   -- Unix ms: when Accounts said so
  changed_in BIGINT NOT NULL DEFAULT 0  -- the change that the state was last changed in: how other replicas learn of it
) WITH (fillfactor = 80);
CREATE INDEX authors_hidden ON authors (state) WHERE state <> 1;
CREATE INDEX authors_changed ON authors (changed_in) WHERE changed_in <> 0;

-- The words of each message: those of its text have weight A, its tags B, its author's name C. Cut and folded by the program.
CREATE TABLE messages_search (
  id BIGINT PRIMARY KEY,
  words TSVECTOR NOT NULL
);
CREATE INDEX messages_search_words ON messages_search USING gin (words);
