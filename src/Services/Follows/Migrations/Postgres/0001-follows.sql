-- Who follows whom.
CREATE TABLE follows (
    follower_id BIGINT NOT NULL,
    followee_id BIGINT NOT NULL,
    id          BIGINT NOT NULL,    -- in the order in which people were followed: what pages are sorted by
    PRIMARY KEY (follower_id, followee_id)
);

-- Both hold the other column as well, so that the table need not be read.
CREATE INDEX follows_by_follower ON follows (follower_id, id) INCLUDE (followee_id);
CREATE INDEX follows_by_followee ON follows (followee_id, id) INCLUDE (follower_id);

-- How many each account follows and is followed by: changed in the transaction that changes follows.
CREATE TABLE counts (
    account_id BIGINT PRIMARY KEY,
    following  BIGINT NOT NULL CHECK (following >= 0),
    followers  BIGINT NOT NULL CHECK (followers >= 0)
);

-- What Accounts told of accounts that are not, or were not, in good standing.
CREATE TABLE closed_accounts (
    account_id BIGINT PRIMARY KEY,
    state      BIGINT NOT NULL,     -- AccountState: 1 active again, 2 suspended, 3 deleted for good
    changed_at BIGINT NOT NULL      -- Unix milliseconds, by Accounts' clock: an older event changes nothing
);
