-- What happened to somebody: a row per entry of their list.
CREATE TABLE notifications (
  id BIGINT PRIMARY KEY,          -- time-ordered
  account_id BIGINT NOT NULL,     -- whose list it is on
  type BIGINT NOT NULL,           -- NotificationType: 1 mention, 2 follow
  actor_id BIGINT NOT NULL,       -- who did it
  message_id BIGINT NOT NULL,     -- where somebody was mentioned; 0 for a follow
  created_at BIGINT NOT NULL      -- Unix ms
);
CREATE INDEX notifications_of ON notifications (account_id, id);
CREATE INDEX notifications_by ON notifications (actor_id, account_id, type);
-- Also makes sure that one message mentions somebody once.
CREATE UNIQUE INDEX notifications_about ON notifications (message_id, account_id) WHERE message_id <> 0;

-- Up to where somebody has read their list.
CREATE TABLE read_marks (
  account_id BIGINT PRIMARY KEY,
  up_to_id BIGINT NOT NULL
);

-- Messages whose deletion was heard of: the news of their posting may still come.
CREATE TABLE deleted_messages (
  message_id BIGINT PRIMARY KEY,
  deleted_at BIGINT NOT NULL      -- Unix ms
);
CREATE INDEX deleted_messages_at ON deleted_messages (deleted_at);

-- What Accounts told of accounts that are not, or were not, in good standing.
CREATE TABLE closed_accounts (
  account_id BIGINT PRIMARY KEY,
  state BIGINT NOT NULL,          -- AccountState: 1 active again, 2 suspended, 3 deleted for good
  changed_at BIGINT NOT NULL      -- Unix ms, by Accounts' clock: an older event changes nothing
);

-- The front ends that are to be told at once.
CREATE TABLE leases (
  instance TEXT COLLATE "C" PRIMARY KEY,
  receiver_address TEXT NOT NULL,
  expires_at BIGINT NOT NULL      -- Unix ms
);
