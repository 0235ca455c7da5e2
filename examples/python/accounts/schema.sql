-- Times are Unix milliseconds. Ids are time-ordered and never given out twice (last_id).
CREATE TABLE IF NOT EXISTS last_id (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), id INTEGER NOT NULL) STRICT;
INSERT INTO last_id VALUES (1, 0) ON CONFLICT DO NOTHING;

CREATE TABLE IF NOT EXISTS accounts (
    id               INTEGER PRIMARY KEY,
    name             TEXT    NOT NULL,            -- as typed
    name_key         TEXT    NOT NULL UNIQUE,     -- lower case: what names are compared and searched by
    display_name     TEXT    NOT NULL DEFAULT '', -- '' where none was set
    display_key      TEXT    NOT NULL,            -- lower case, the name where none was set: what is searched
    biography        TEXT    NOT NULL DEFAULT '',
    password         TEXT    NOT NULL,            -- Argon2id in PHC form
    created_at       INTEGER NOT NULL,
    suspended        INTEGER NOT NULL DEFAULT 0,
    state_changed_at INTEGER NOT NULL             -- only ever grows, so that receivers know the later of two events
) STRICT;
CREATE INDEX IF NOT EXISTS accounts_by_display_key ON accounts (display_key);

-- The names of deleted accounts, hashed: never given out again.
CREATE TABLE IF NOT EXISTS retired_names (name_hash BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS sessions (
    id           INTEGER PRIMARY KEY,
    account_id   INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    token_hash   BLOB    NOT NULL UNIQUE,         -- SHA-256 of the token
    label        TEXT    NOT NULL,
    api_token    INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,                -- to the minute
    expires_at   INTEGER                          -- NULL: never
) STRICT;
CREATE INDEX IF NOT EXISTS sessions_by_account ON sessions (account_id);

-- What others still have to be told: a row for each event and receiver, gone once it was handled.
CREATE TABLE IF NOT EXISTS outbox (id INTEGER PRIMARY KEY, receiver TEXT NOT NULL, body TEXT NOT NULL) STRICT;

CREATE TABLE IF NOT EXISTS secrets (
    only_row    INTEGER PRIMARY KEY CHECK (only_row = 1),
    key_id      TEXT NOT NULL,                    -- what assertions are signed with: its kid,
    private_key BLOB NOT NULL,                    -- and the key, PKCS #8
    device_key  BLOB NOT NULL                     -- what device names are authenticated with
) STRICT;
