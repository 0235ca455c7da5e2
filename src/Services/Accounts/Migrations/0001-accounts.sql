-- People. Times are Unix milliseconds throughout.
CREATE TABLE accounts (
    id               INTEGER PRIMARY KEY,
    name             TEXT    NOT NULL,            -- as typed
    name_key         TEXT    NOT NULL UNIQUE,     -- lower case: what names are compared and searched by
    display_name     TEXT    NOT NULL,            -- '' where none was set
    display_key      TEXT    NOT NULL,            -- lower case, the name where none was set: what is searched
    biography        TEXT    NOT NULL,
    password         TEXT,                        -- Argon2id in PHC form; NULL: nobody can log in
    created_at       INTEGER NOT NULL,
    state            INTEGER NOT NULL DEFAULT 1,  -- AccountState: 1 active, 2 suspended
    state_changed_at INTEGER NOT NULL             -- only ever grows, so that receivers know the latest of two events
) STRICT;

CREATE INDEX accounts_by_display_key ON accounts (display_key);

-- The names of deleted accounts, hashed: never given out again, and no record of who was here.
CREATE TABLE retired_names (
    name_hash BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    id           INTEGER PRIMARY KEY,
    account_id   INTEGER NOT NULL REFERENCES accounts (id),
    token_hash   BLOB    NOT NULL UNIQUE,         -- SHA-256 of the token
    label        TEXT    NOT NULL,
    api_token    INTEGER NOT NULL,                -- 1: an API token
    created_at   INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,                -- to the minute
    expires_at   INTEGER                          -- NULL: never
) STRICT;

CREATE INDEX sessions_by_account ON sessions (account_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at) WHERE expires_at IS NOT NULL;

-- A row for each change that makes remembered sessions of an account stale: how the processes of a network learn of
-- each other's. Ids have no gaps; only the last 10,000 are kept, and who finds a gap forgets all sessions.
CREATE TABLE session_changes (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL
) STRICT;

-- What assertions are signed with. The file is readable by its owner only.
CREATE TABLE assertion_keys (
    id          TEXT    PRIMARY KEY,
    private_key BLOB    NOT NULL,                 -- PKCS #8, P-256
    created_at  INTEGER NOT NULL
) STRICT;

-- What device names are authenticated with (HMAC-SHA256). One row.
CREATE TABLE device_key (
    only_row   INTEGER PRIMARY KEY CHECK (only_row = 1),
    secret_key BLOB    NOT NULL
) STRICT;
