"""The methods of AccountsService (contracts/twite/accounts.proto): a handler each, and the table that gives them their routes and callers."""

import hashlib
import hmac
import secrets

from anywire import fields
from anywire.failures import Failure, failure, invalid
from anywire.routes import Method

from . import names, profiles
from .store import name_taken, not_found, require_active, account_of, timestamp
from .throttles import Throttle, address_key

SERVICE = "twite.v1.AccountsService"
_WEB, _OPERATOR = frozenset(["web"]), frozenset(["admin"])


class Accounts:
    """Any thread may call any method."""

    def __init__(self, store, passwords, keyring, outbox):
        self._store, self._passwords, self._keyring, self._outbox = store, passwords, keyring, outbox
        self._by_address, self._sign_ups = Throttle(25, 300), Throttle(5, 1800)
        self._by_account, self._by_device, self._by_owner = Throttle(25, 3600), Throttle(25, 3600), Throttle(25, 3600)

    def methods(self):
        text, int64 = fields.text, fields.int64
        both = _WEB | _OPERATOR
        session = {"label": text, "client_address": text}
        return [
            Method("SignUp", self.sign_up, "POST", "/v1/accounts", {"name": text, "password": text, **session}, both, 4096, location="/v1/accounts/{account[id]}"),
            Method("LogIn", self.log_in, "POST", "/v1/sessions", {"name": text, "password": text, "device": text, **session}, both, 4096),
            Method("LogOut", self.log_out, "POST", "/v1/sessions:end", {"token": text}, _WEB, 512),
            Method("VerifySession", self.verify_session, "POST", "/v1/sessions:verify", {"token": text}, both, 512),
            Method("GetAccount", self.get_account, "GET", "/v1/accounts/{id}", {"id": int64}, max_request=64),
            Method("LookUpAccount", self.look_up_account, "GET", "/v1/accounts:lookup", {"name": text}, max_request=256),
            Method("ListAccounts", self.list_accounts, "GET", "/v1/accounts", {"ids": fields.many(int64), "names": fields.many(text)}, max_request=16384),
            Method("SearchAccounts", self.search_accounts, "GET", "/v1/accounts:search", {"query": text, "limit": fields.int32}, max_request=2048),
            Method("UpdateProfile", self.update_profile, "PATCH", "/v1/profile", {"display_name": text, "biography": text}, _WEB, 8192),
            Method("ChangePassword", self.change_password, "POST", "/v1/profile:changePassword",
                   {"current_password": text, "new_password": text, "keep_session_id": int64}, _WEB, 4096),
            Method("ListSessions", self.list_sessions, "GET", "/v1/sessions", {}, _WEB, 512),
            Method("EndSession", self.end_session, "DELETE", "/v1/sessions/{id}", {"id": int64}, _WEB, 64),
            Method("CreateToken", self.create_token, "POST", "/v1/tokens", {"name": text, "label": text}, both, 1024),
            Method("SetSuspended", self.set_suspended, "POST", "/v1/accounts/{id}:setSuspended", {"id": int64, "suspended": fields.flag}, _OPERATOR, 64),
            Method("DeleteAccount", self.delete_account, "POST", "/v1/profile:delete", {"password": text}, _WEB, 1024),
            Method("AssertionKeys", lambda _, __: self._keyring.reply, "GET", "/v1/assertion-keys"),
            Method("ImportAccounts", _left_out("Importing accounts"), "POST", "/v1/accounts:import", {"accounts": fields.many(lambda value, _: value)}, _OPERATOR, 1 << 18),
            Method("Handled", _left_out("Confirming events, which over HTTP are confirmed by their answer,"), "POST", "/v1/accounts:handled",
                   {"event_ids": fields.many(text)}, frozenset(["messages", "follows", "notifications"])),
        ]

    def sign_up(self, request, call):
        name = request["name"] or ""
        key = names.choose(name, "name")
        self._passwords.check(request["password"] or "", key, "password")
        if self._store.is_taken(key):
            raise name_taken(name)
        address = address_key(request["client_address"])
        self._sign_ups.count(address)
        try:
            token = secrets.token_urlsafe(32)
            account, expires_at = self._store.create(name, key, self._passwords.hash(request["password"], call), token, profiles.label(request["label"] or ""))
        except BaseException:
            self._sign_ups.take_back(address)
            raise
        return self._session(account, token, expires_at)

    def log_in(self, request, call):
        name = request["name"] or ""
        key = names.key_of(name)
        account = self._store.find("name_key", key) if key else None
        device = self._device_key(account, request["device"] or "")
        # An unknown name is counted too: otherwise being throttled would tell it from a known one.
        counted = [(self._by_address, address_key(request["client_address"])), (self._by_device, device) if device else (self._by_account, key or "")]
        self._check_password(counted, account, request["password"], "There is no account with this name and password. Check both.", call)
        require_active(account)
        token = secrets.token_urlsafe(32)
        return self._session(account, token, self._store.start_session(account["id"], token, profiles.label(request["label"] or "")))

    def log_out(self, request, _):
        self._store.run("DELETE FROM sessions WHERE token_hash = ?", hashlib.sha256((request["token"] or "").encode()).digest())

    def verify_session(self, request, _):
        session = self._store.find_session(request["token"] or "")
        if session is None:
            raise failure("UNAUTHENTICATED", "SESSION_ENDED", "This session has ended. Log in again.")
        if session["suspended"]:
            raise failure("UNAUTHENTICATED", "SUSPENDED", f"The account {session['name']} is suspended.")
        assertion, expires_at = self._keyring.sign(session["id"], session["name"])
        return {
            "account": _account(session), "assertion": assertion, "assertionExpiresAt": timestamp(expires_at * 1000),
            "sessionId": str(session["session_id"]),
        }

    def get_account(self, request, _):
        return _account(self._store.find("id", request["id"] or 0) or _raise(not_found()))

    def look_up_account(self, request, _):
        key = names.key_of(request["name"] or "")
        return _account((self._store.find("name_key", key) if key else None) or _raise(not_found()))

    def list_accounts(self, request, _):
        ids, typed = request["ids"] or [], request["names"] or []
        if len(ids) + len(typed) > 500:
            raise invalid("ids" if len(ids) > 500 else "names", "TOO_MANY", "At most 500 accounts can be asked for at once. Ask for fewer.")
        keys = [key for name in typed if (key := names.key_of(name))]
        places = [", ".join("?" * len(values)) for values in (ids, keys)]
        rows = self._store.read(f"SELECT * FROM accounts WHERE id IN ({places[0]}) OR name_key IN ({places[1]}) ORDER BY id", *ids, *keys)
        return {"accounts": [_account(row) for row in rows]}

    def search_accounts(self, request, _):
        query, limit = request["query"] or "", request["limit"] or 20
        if len(query) > 500:
            raise invalid("query", "TOO_LONG", "A search has at most 500 characters.")
        if limit < 0:
            raise invalid("limit", "NEGATIVE", "The limit is the number of accounts wanted: 1 to 80, or 0 for 20.")
        typed, limit = query.strip().lstrip("@"), min(limit, 80)
        if not typed:
            return {}
        # Who is called so comes before who calls themselves so.
        found = (self._store.search("name_key", typed.lower(), limit) if names.key_of(typed) else []) + self._store.search("display_key", typed.lower(), limit)
        return {"accounts": [_account(row) for row in list({row["id"]: row for row in found}.values())[:limit]]}

    def update_profile(self, request, call):
        user = self._keyring.require(call.user)
        display_name = None if request["display_name"] is None else profiles.display_name(request["display_name"], "display_name")
        biography = None if request["biography"] is None else profiles.biography(request["biography"], "biography")
        with self._store.write() as db:
            account = require_active(account_of(db, user))
            shown = account["display_name"] if display_name is None else display_name
            db.execute("UPDATE accounts SET display_name = ?, display_key = ?, biography = ? WHERE id = ?", (
                shown, shown.lower() or account["name_key"], account["biography"] if biography is None else biography, user))
            return _account(account_of(db, user))

    def change_password(self, request, call):
        account = self._require_account(call)
        self._passwords.check(request["new_password"] or "", account["name_key"], "new_password")
        self._confirm(account, request["current_password"], call)
        hashed = self._passwords.hash(request["new_password"], call)
        with self._store.write() as db:
            require_active(account_of(db, account["id"]))
            db.execute("UPDATE accounts SET password = ? WHERE id = ?", (hashed, account["id"]))
            db.execute("DELETE FROM sessions WHERE account_id = ? AND api_token = 0 AND id <> ?", (account["id"], request["keep_session_id"] or 0))

    def list_sessions(self, _, call):
        rows = self._store.read(
            "SELECT * FROM sessions WHERE account_id = ? AND (expires_at IS NULL OR expires_at > unixepoch() * 1000) ORDER BY id DESC", self._require_account(call)["id"])
        return {"sessions": [{
            "id": str(row["id"]), "label": row["label"], "createdAt": timestamp(row["created_at"]), "lastUsedAt": timestamp(row["last_used_at"]),
            "apiToken": bool(row["api_token"]),
        } for row in rows]}

    def end_session(self, request, call):
        self._store.run("DELETE FROM sessions WHERE id = ? AND account_id = ?", request["id"] or 0, self._require_account(call)["id"])

    def create_token(self, request, call):
        name = request["name"] or ""
        if name and call.caller == "admin":
            account = self._store.find("name_key", names.key_of(name)) or _raise(not_found())
        else:
            account = self._require_account(call)
            if name and name.lower() != account["name_key"]:
                raise failure("PERMISSION_DENIED", "NOT_YOURS", f"You are {account['name']}: you can make API tokens for yourself only.")
        token = secrets.token_urlsafe(32)
        self._store.start_session(account["id"], token, profiles.label(request["label"] or ""), api_token=True)
        return {"token": token, "account": _account(account)}

    def set_suspended(self, request, _):
        account = self._store.close(request["id"] or 0, "ACCOUNT_STATE_SUSPENDED" if request["suspended"] else "ACCOUNT_STATE_ACTIVE")
        self._outbox.wake()
        return _account(account)

    def delete_account(self, request, call):
        account = self._require_account(call)
        self._confirm(account, request["password"], call)
        self._store.close(account["id"], "ACCOUNT_STATE_DELETED")
        self._outbox.wake()

    def _require_account(self, call):
        return require_active(self._store.find("id", self._keyring.require(call.user)))

    def _confirm(self, account, password, call):
        """The password of somebody who is logged in, before something that cannot be undone."""
        self._check_password([(self._by_owner, str(account["id"]))], account, password, "This is not your password. Type it again.", call)

    def _check_password(self, counted, account, password, message, call):
        done = []
        try:
            for throttle, key in counted:
                throttle.count(key)
                done.append((throttle, key))
            right = self._passwords.verify(password or "", account["password"] if account else None, call)
        except BaseException:
            _take_back(done)
            raise
        if not right:
            raise failure("UNAUTHENTICATED", "WRONG_PASSWORD", message)
        _take_back(done)

    def _session(self, account, token, expires_at):
        return {"token": token, "account": _account(account), "expiresAt": timestamp(expires_at), "device": self._new_device(account)}

    def _new_device(self, account):
        nonce = secrets.token_urlsafe(16)
        return f"{nonce}.{self._device_mac(account, nonce)}"

    def _device_key(self, account, device):
        """What a device that was logged in before is counted under; None for any other."""
        nonce, _, mac = device.partition(".")
        return nonce if account and mac and hmac.compare_digest(mac.encode(), self._device_mac(account, nonce).encode()) else None

    def _device_mac(self, account, nonce):
        return hmac.new(self._store.device_key, f"{account['id']}.{nonce}".encode(), hashlib.sha256).hexdigest()[:32]


def _account(row):
    return {
        "id": str(row["id"]), "name": row["name"], "displayName": row["display_name"] or row["name"], "biography": row["biography"],
        "createdAt": timestamp(row["created_at"]), "suspended": bool(row["suspended"]),
    }


def _left_out(what):
    def refuse(*_):
        raise Failure("UNIMPLEMENTED", f"{what} is left out of this service in Python.")
    return refuse


def _take_back(counted):
    for throttle, key in counted:
        throttle.take_back(key)


def _raise(error):
    raise error
