"""Tells the others of closed accounts, at least once: a row of the outbox stays until its receiver has answered for it."""

import json
import sys
import threading

from anywire.failures import Failure

_METHODS = {
    "messages": "/twite.v1.MessagesService/OnAccountClosed",
    "follows": "/twite.v1.FollowsService/OnAccountClosed",
    "notifications": "/twite.v1.NotificationsService/OnAccountClosed",
}


class Outbox:
    """A thread per receiver, so that one that is away holds up no other. Events of one receiver go in their order."""

    def __init__(self, store, receivers):
        """receivers: a Service by name."""
        self._store = store
        self._lanes = {name: (service, threading.Event()) for name, service in receivers.items()}
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=lane, daemon=True) for lane in self._lanes.items()]

    def start(self):
        for thread in self._threads:
            thread.start()

    def wake(self):
        """There is something new."""
        for _, new in self._lanes.values():
            new.set()

    def stop(self):
        self._stop.set()
        self.wake()
        for thread in self._threads:
            thread.join(timeout=10)

    def _run(self, name, lane):
        service, new = lane
        delay = 1.0
        while not self._stop.is_set():
            new.clear()
            rows = self._store.read("SELECT id, body FROM outbox WHERE receiver = ? ORDER BY id LIMIT 1", name)
            if not rows:
                # Another process that shares the file may have left some behind.
                new.wait(timeout=5)
                continue
            try:
                service.call("POST", _METHODS[name], json.loads(rows[0]["body"]), timeout=10)
                self._store.run("DELETE FROM outbox WHERE id = ?", rows[0]["id"])
                delay = 1.0
            except Failure as error:
                print(f"{name} was not told of event accounts-{rows[0]['id']}, again in {delay:g} s: {error}", file=sys.stderr, flush=True)
                self._stop.wait(delay)
                delay = min(delay * 2, 30.0)
