"""Which method a path and a verb mean: the contract's google.api.http rules, and POST /package.Service/Method for every method."""

import re
import urllib.parse
from dataclasses import dataclass, field
from typing import Callable

from .failures import Failure


@dataclass(frozen=True)
class Method:
    """A method of a contract and what handles it.

    fields: its request's fields by name, each with its kind (fields.py). callers: who may call it; empty: any service of the cluster.
    A handler takes the request as a dict and the call, and gives the reply as a dict, or None for google.protobuf.Empty.
    location: where what was made is found, with fields of the reply in it; the answer is then 201.
    """
    name: str
    handler: Callable
    verb: str = ""
    path: str = ""
    fields: dict = field(default_factory=dict)
    callers: frozenset = frozenset()
    max_request: int = 65536
    location: str = ""


class Routes:
    """The methods of some services. Immutable; any thread may use it."""

    def __init__(self):
        self._routes = []

    def add(self, service, methods):
        for method in methods:
            self._routes.append(("POST", re.compile(re.escape(f"/{service}/{method.name}")), method))
            if method.path:
                self._routes.append((method.verb, _pattern(method.path), method))

    def find(self, verb, path):
        """The method, and the fields in the path."""
        verbs = set()
        for route_verb, pattern, method in self._routes:
            if match := pattern.fullmatch(path):
                if route_verb == verb:
                    return method, {name: urllib.parse.unquote(value) for name, value in match.groupdict().items()}
                verbs.add(route_verb)
        if verbs:
            allowed = ", ".join(sorted(verbs))
            raise Failure("UNIMPLEMENTED", f"This path does not answer to {verb}; it does to {allowed}.", http_status=405, headers={"Allow": allowed})
        raise Failure("UNIMPLEMENTED", "There is nothing at this path.", http_status=404)


def _pattern(path):
    # "/v1/accounts/{id}:setSuspended": a field is one segment, and a colon ends it.
    parts = re.split(r"\{(\w+)\}", path)
    return re.compile("".join(f"(?P<{part}>[^/:]+)" if i % 2 else re.escape(part) for i, part in enumerate(parts)))
