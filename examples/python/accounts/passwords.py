"""Passwords: what a new one must be, and Argon2id, in the same form and at the same cost as in C# (19 MiB, 2 passes)."""

import os
import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from anywire.failures import invalid, too_many

MIN_LENGTH, MAX_LENGTH = 8, 128
MAX_WAITING = 64


class Passwords:
    """Checks and hashes. At most half of the cores hash at once, 64 more wait, one more is refused. Any thread may use it."""

    def __init__(self, common):
        """common: the file of passwords that are tried first, one a line."""
        with open(common, encoding="utf-8") as lines:
            self._common = frozenset(line.strip().lower() for line in lines if line.strip())
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, hash_len=32, salt_len=16)
        at_once = max(1, (os.cpu_count() or 1) // 2)
        self._slots = threading.Semaphore(at_once)
        self._places = threading.Semaphore(at_once + MAX_WAITING)
        # Nobody's password: an unknown name costs the same work as a known one.
        self._nobody = self._hasher.hash(os.urandom(32))

    def check(self, password, name_key, field):
        """A password that somebody wants to have. It is never repeated in the answer."""
        length = len(_normal(password))
        if length < MIN_LENGTH:
            raise invalid(field, "TOO_SHORT", f"A password has at least {MIN_LENGTH} characters, better 15. A few words in a row are easy to remember.")
        if length > MAX_LENGTH:
            raise invalid(field, "TOO_LONG", f"A password has at most {MAX_LENGTH} characters, this one has {length}.")
        if password.lower() == name_key:
            raise invalid(field, "IS_NAME", "The password is the name, which everybody knows. Choose another one.")
        if password.lower() in self._common or len(set(password)) == 1:
            raise invalid(field, "COMMON", "This password is among those that are tried first by whoever breaks in. Choose another one, such as a few words in a row.")

    def hash(self, password, call):
        return self._work(call, lambda: self._hasher.hash(_normal(password)))

    def verify(self, password, stored, call):
        """Whether it is the password that was hashed. Does the same work when there is none (None), and answers False."""
        if not password or len(_normal(password)) > MAX_LENGTH:
            return False
        return self._work(call, lambda: self._matches(password, stored or self._nobody)) and stored is not None

    def _matches(self, password, stored):
        try:
            return self._hasher.verify(stored, _normal(password))
        except VerificationError:
            return False

    def _work(self, call, work):
        if not self._places.acquire(blocking=False):
            raise too_many("Too many people are logging in right now. Try again in a moment.", 2)
        try:
            with self._slots:
                call.check_time()
                return work()
        finally:
            self._places.release()


def _normal(password):
    # Keyboards differ in how they compose an accented letter; the password is the same.
    return unicodedata.normalize("NFC", password)
