-- Who follows whom.
CREATE TABLE follows (
    follower_id INTEGER NOT NULL,
    followee_id INTEGER NOT NULL,
    id          INTEGER NOT NULL,    -- in the order in which people were followed: what pages are sorted by
    PRIMARY KEY (follower_id, followee_id)
) STRICT, WITHOUT ROWID;

-- Both hold the other column as well, because the table's key is part of each index.
CREATE INDEX follows_by_follower ON follows (follower_id, id);
CREATE INDEX follows_by_followee ON follows (followee_id, id);

-- How many each account follows and is followed by: changed in the transaction that changes follows.
CREATE TABLE counts (
    account_id INTEGER PRIMARY KEY,
    following  INTEGER NOT NULL CHECK (following >= 0),
    followers  INTEGER NOT NULL CHECK (followers >= 0)
) STRICT;

-- What Accounts told of accounts that are not, or were not, in good standing.
CREATE TABLE closed_accounts (
    account_id INTEGER PRIMARY KEY,
    state      INTEGER NOT NULL,     -- AccountState: 1 active again, 2 suspended, 3 deleted for good
    changed_at INTEGER NOT NULL      -- Unix milliseconds, by Accounts' clock: an older event changes nothing
) STRICT;
