-- People. Times are Unix milliseconds throughout.
CREATE TABLE accounts (
    id               BIGINT  PRIMARY KEY,
    name             TEXT    NOT NULL,            -- as typed
    name_key         TEXT COLLATE "C" NOT NULL UNIQUE,  -- lower case: what names are compared and searched by
    display_name     TEXT    NOT NULL,            -- '' where none was set
    display_key      TEXT COLLATE "C" NOT NULL,         -- lower case, the name where none was set: what is searched
    biography        TEXT    NOT NULL,
    password         TEXT,                        -- Argon2id in PHC form; NULL: nobody can log in
    created_at       BIGINT  NOT NULL,
    state            BIGINT  NOT NULL DEFAULT 1,  -- AccountState: 1 active, 2 suspended
    state_changed_at BIGINT  NOT NULL             -- only ever grows, so that receivers know the latest of two events
);

CREATE INDEX accounts_by_display_key ON accounts (display_key);

-- The names of deleted accounts, hashed: never given out again, and no record of who was here.
CREATE TABLE retired_names (
    name_hash BYTEA PRIMARY KEY
);

CREATE TABLE sessions (
    id           BIGINT  PRIMARY KEY,
    account_id   BIGINT  NOT NULL REFERENCES accounts (id),
    token_hash   BYTEA   NOT NULL UNIQUE,         -- SHA-256 of the token
    label        TEXT    NOT NULL,
    api_token    BIGINT  NOT NULL,                -- 1: an API token
    created_at   BIGINT  NOT NULL,
    last_used_at BIGINT  NOT NULL,                -- to the minute
    expires_at   BIGINT                           -- NULL: never
);

CREATE INDEX sessions_by_account ON sessions (account_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at) WHERE expires_at IS NOT NULL;

-- A row for each change that makes remembered sessions of an account stale: how the processes of a network learn of
-- each other's. Ids have no gaps; only the last 10,000 are kept, and who finds a gap forgets all sessions.
CREATE TABLE session_changes (
    id         BIGINT PRIMARY KEY,
    account_id BIGINT NOT NULL
);

-- What assertions are signed with. Nobody but the service may read this schema.
CREATE TABLE assertion_keys (
    id          TEXT    PRIMARY KEY,
    private_key BYTEA   NOT NULL,                 -- PKCS #8, P-256
    created_at  BIGINT  NOT NULL
);

-- What device names are authenticated with (HMAC-SHA256). One row.
CREATE TABLE device_key (
    only_row   BIGINT  PRIMARY KEY CHECK (only_row = 1),
    secret_key BYTEA   NOT NULL
);
