"""accounts.db: SQLite, an acknowledged write is on disk, several processes may use it at once."""

import contextlib
import hashlib
import json
import os
import pathlib
import secrets
import sqlite3
import threading
import time

from anywire.failures import failure

from . import assertions

DAY = 86_400_000
SESSION_LIFETIME = 30 * DAY
MAX_PER_ACCOUNT = 100
TOLD_OF_CLOSING = ("messages", "follows", "notifications")

# Tells this file from the one of the service in C#, which has tables of the same names.
_APPLICATION_ID = 0x54775079


class WrongFile(Exception):
    """The file is another program's."""


class Store:
    """Any thread may use it: one reads and one writes at a time."""

    def __init__(self, folder):
        os.makedirs(folder, mode=0o700, exist_ok=True)
        path = os.path.join(folder, "accounts.db")
        # Only its owner may read it: there are secrets in it.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self._writer, self._writing = _open(path), threading.Lock()
        self._reader, self._reading = _open(path), threading.Lock()
        has_tables = self._writer.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] > 0
        if has_tables and self._writer.execute("PRAGMA application_id").fetchone()[0] != _APPLICATION_ID:
            raise WrongFile(f"{path} was made by another program, such as Twite's own Accounts. Give this one a folder of its own (--data).")
        self._writer.execute("PRAGMA journal_mode = WAL")
        self._writer.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
        self._writer.executescript(pathlib.Path(__file__).with_name("schema.sql").read_text())
        key_id, private_key = assertions.new_key()
        with self.write() as db:
            db.execute("INSERT INTO secrets VALUES (1, ?, ?, ?) ON CONFLICT DO NOTHING", (key_id, private_key, secrets.token_bytes(32)))
            row = db.execute("SELECT * FROM secrets").fetchone()
        self.key_id, self.private_key, self.device_key = row["key_id"], row["private_key"], row["device_key"]

    @contextlib.contextmanager
    def write(self):
        """A transaction: on disk when it ends well, undone when it does not."""
        with self._writing:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                self._writer.execute("ROLLBACK")
                raise

    def read(self, sql, *values):
        with self._reading:
            return self._reader.execute(sql, values).fetchall()

    def find(self, column, value):
        """An account by id or name_key; None when there is none."""
        return next(iter(self.read(f"SELECT * FROM accounts WHERE {column} = ?", value)), None)

    def search(self, column, prefix, limit):
        """Accounts in good standing whose name_key or display_key starts with something. A range: % and _ mean themselves."""
        return self.read(
            f"SELECT * FROM accounts WHERE {column} >= ? AND {column} < ? AND suspended = 0 ORDER BY {column}, id LIMIT ?",
            prefix, prefix + "\U0010ffff", limit)

    def is_taken(self, name_key):
        """Whether a name was given out, now or ever."""
        return bool(self.read(
            "SELECT 1 FROM accounts WHERE name_key = ? UNION SELECT 1 FROM retired_names WHERE name_hash = ?", name_key, _hash(name_key)))

    def create(self, name, name_key, password, token, label):
        with self.write() as db:
            new = next_id(db)
            now = new >> 20
            retired = db.execute("SELECT 1 FROM retired_names WHERE name_hash = ?", (_hash(name_key),)).fetchone()
            made = not retired and db.execute(
                "INSERT INTO accounts (id, name, name_key, display_key, password, created_at, state_changed_at) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (new, name, name_key, name_key, password, now, now)).rowcount
            if not made:
                raise name_taken(name)
            expires_at = start_session(db, new, token, label)
            return account_of(db, new), expires_at

    def start_session(self, account_id, token, label, api_token=False):
        """Stores a session or an API token by the hash of its secret; when it expires."""
        with self.write() as db:
            require_active(account_of(db, account_id))
            if not api_token:
                # One more than 100 ends the one that was not used for longest.
                db.execute(
                    "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE account_id = ? AND api_token = 0 "
                    "ORDER BY last_used_at DESC, id DESC LIMIT -1 OFFSET ?)", (account_id, MAX_PER_ACCOUNT - 1))
            elif db.execute("SELECT count(*) FROM sessions WHERE account_id = ? AND api_token = 1", (account_id,)).fetchone()[0] >= MAX_PER_ACCOUNT:
                raise failure("FAILED_PRECONDITION", "TOO_MANY_TOKENS", f"An account has at most {MAX_PER_ACCOUNT} API tokens. End one that is no longer needed first.")
            return start_session(db, account_id, token, label, api_token)

    def find_session(self, token):
        """A session that has not expired, with its account; None when there is none. Being used lets it live longer."""
        now = now_ms()
        found = self.read(
            "SELECT s.id AS session_id, s.last_used_at, s.expires_at, a.* FROM sessions s JOIN accounts a ON a.id = s.account_id "
            "WHERE s.token_hash = ? AND (s.expires_at IS NULL OR s.expires_at > ?)", _hash(token), now)
        if not found:
            return None
        minute = now - now % 60_000
        # Once a minute, so that not every page writes.
        if found[0]["last_used_at"] < minute:
            with self.write() as db:
                db.execute(
                    "UPDATE sessions SET last_used_at = ?, expires_at = CASE WHEN expires_at IS NULL THEN NULL ELSE ? END WHERE id = ?",
                    (minute, minute + SESSION_LIFETIME, found[0]["session_id"]))
                db.execute("DELETE FROM sessions WHERE expires_at <= ?", (now,))
        return found[0]

    def run(self, sql, *values):
        """One statement as a transaction."""
        with self.write() as db:
            db.execute(sql, values)

    def close(self, account_id, state):
        """Suspends an account, lifts that, or deletes it, and leaves an event for each of the others in the same transaction."""
        with self.write() as db:
            account = account_of(db, account_id)
            if account is None:
                raise not_found()
            suspended = state == "ACCOUNT_STATE_SUSPENDED"
            if state != "ACCOUNT_STATE_DELETED" and bool(account["suspended"]) == suspended:
                return account
            at = max(account["state_changed_at"] + 1, now_ms())
            for receiver in TOLD_OF_CLOSING:
                event = next_id(db)
                header = {"id": f"accounts-{event}", "occurredAt": timestamp(at)}
                body = {"header": header, "accountId": str(account_id), "state": state}
                db.execute("INSERT INTO outbox VALUES (?, ?, ?)", (event, receiver, json.dumps(body)))
            if state == "ACCOUNT_STATE_DELETED":
                db.execute("DELETE FROM accounts WHERE id = ?", (account_id,))
                db.execute("INSERT INTO retired_names VALUES (?)", (_hash(account["name_key"]),))
            else:
                db.execute("UPDATE accounts SET suspended = ?, state_changed_at = ? WHERE id = ?", (suspended, at, account_id))
            return account_of(db, account_id)


def account_of(db, account_id):
    return db.execute("SELECT * FROM accounts WHERE id = ?", (account_id,)).fetchone()


def start_session(db, account_id, token, label, api_token=False):
    now = now_ms()
    expires_at = None if api_token else now + SESSION_LIFETIME
    db.execute("INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (next_id(db), account_id, _hash(token), label, api_token, now, now - now % 60_000, expires_at))
    return expires_at


def next_id(db):
    """Time-ordered: milliseconds since 1970 in the upper bits; one more than the last when the clock stands or steps back."""
    return db.execute("UPDATE last_id SET id = max(id + 1, ?) RETURNING id", (now_ms() << 20,)).fetchone()[0]


def require_active(account):
    """The account that somebody acts for: an assertion outlives it for up to a minute."""
    if account is None:
        raise failure("UNAUTHENTICATED", "ACCOUNT_CLOSED", "This account no longer exists.")
    if account["suspended"]:
        raise failure("PERMISSION_DENIED", "SUSPENDED", f"The account {account['name']} is suspended. Ask whoever runs this network for the reason.")
    return account


def name_taken(name):
    return failure("ALREADY_EXISTS", "NAME_TAKEN", f"The name {name} is taken. Choose another one.")


def not_found():
    return failure("NOT_FOUND", "NOT_FOUND", "There is no such account, or no longer.")


def now_ms():
    return time.time_ns() // 1_000_000


def timestamp(milliseconds):
    """google.protobuf.Timestamp in JSON."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(milliseconds // 1000)) + f".{milliseconds % 1000:03d}Z"


def _hash(secret):
    return hashlib.sha256(secret.encode()).digest()


def _open(path):
    connection = sqlite3.connect(path, timeout=5, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    return connection
