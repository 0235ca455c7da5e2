"""Counts what happened per key within a sliding window, in memory, and says when it was too much."""

import collections
import ipaddress
import math
import threading
import time

from anywire.failures import too_many


class Throttle:
    """At most count per window (seconds) and key. Remembers 50,000 keys; when full, the one heard of least recently is forgotten."""

    def __init__(self, count, window):
        self._count, self._window = count, window
        self._keys = collections.OrderedDict()
        self._lock = threading.Lock()

    def count(self, key):
        """Counts an attempt before it is made, so that many at once do not outrun the count. None counts nothing."""
        if key is None:
            return
        now = time.monotonic()
        with self._lock:
            times = self._keys.setdefault(key, collections.deque())
            self._keys.move_to_end(key)
            while times and times[0] <= now - self._window:
                times.popleft()
            if len(times) >= self._count:
                wait = times[0] + self._window - now
                minutes = max(1, math.ceil(wait / 60))
                raise too_many(f"Too many attempts. Try again in {minutes} {'minute' if minutes == 1 else 'minutes'}.", wait)
            times.append(now)
            if len(self._keys) > 50_000:
                self._keys.popitem(last=False)

    def take_back(self, key):
        """It was no failure."""
        with self._lock:
            if self._keys.get(key):
                self._keys[key].pop()


def address_key(address):
    """IPv4 whole, IPv6 by its 64-bit network, since one customer has that many addresses; None: not throttled."""
    if not address:
        return None
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if ip.version == 6 and ip.ipv4_mapped:
        return str(ip.ipv4_mapped)
    return str(ip) if ip.version == 4 else str(ipaddress.ip_network((ip, 64), strict=False))
