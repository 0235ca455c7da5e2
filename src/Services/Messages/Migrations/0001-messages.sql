-- What people said. When it was said is in the id.
CREATE TABLE messages (
  id INTEGER PRIMARY KEY,
  author_id INTEGER NOT NULL,
  author_name TEXT NOT NULL,
  text TEXT NOT NULL
) STRICT;
-- The id is the rowid and stands in every index entry: an author's messages are sorted by it.
CREATE INDEX messages_by_author ON messages (author_id);

-- Deletions, so that a live stream that catches up learns of them. Kept for a week.
CREATE TABLE deletions (
  change_id INTEGER PRIMARY KEY,
  message_id INTEGER NOT NULL,
  author_id INTEGER NOT NULL
) STRICT;

-- What was posted under which key. Kept for some days, also when the message is deleted.
CREATE TABLE idempotency_keys (
  message_id INTEGER PRIMARY KEY,
  author_id INTEGER NOT NULL,
  key TEXT NOT NULL,
  UNIQUE (author_id, key)
) STRICT;

-- How many messages each author has, and whether they may be seen.
CREATE TABLE authors (
  id INTEGER PRIMARY KEY,
  messages INTEGER NOT NULL DEFAULT 0,
  state INTEGER NOT NULL DEFAULT 1,     -- twite.v1.AccountState
  state_at INTEGER NOT NULL DEFAULT 0   -- Unix ms: when Accounts said so
) STRICT;
CREATE INDEX authors_hidden ON authors (state) WHERE state <> 1;

-- The words, without the texts; sorted by rowid, the message's id. Written and deleted by the program, once per commit.
CREATE VIRTUAL TABLE messages_search USING fts5 (
  text, tags, author,
  content = '', columnsize = 0, tokenize = "unicode61 remove_diacritics 2 tokenchars '_'"
);
