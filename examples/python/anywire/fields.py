"""Reads a request's fields from proto3 JSON, path and query, each as its kind."""

import re

from .failures import invalid

_INTEGER = re.compile(r"-?[0-9]{1,20}")


def text(value, field):
    if not isinstance(value, str):
        raise _refused(field, "is no text")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise _refused(field, "holds half of a surrogate pair") from None
    return value


def flag(value, field):
    if value in ("true", "false"):
        return value == "true"
    if not isinstance(value, bool):
        raise _refused(field, "is neither true nor false")
    return value


def int32(value, field):
    return _integer(value, field, 32)


def int64(value, field):
    return _integer(value, field, 64)


def many(kind):
    """A list of a kind; one value alone, as a query has it, is a list of one."""
    def read(value, field):
        return [kind(one, f"{field}[{i}]") for i, one in enumerate(value if isinstance(value, list) else [value])]
    read.is_list = True
    return read


def read(fields, given):
    """The request: every field of the contract by its name, None where it was not given.

    given has names in either form (displayName, display_name). What the contract does not have is refused.
    """
    request = dict.fromkeys(fields)
    names = {form: name for name in fields for form in (name, camel(name))}
    for key, value in given:
        name = names.get(key)
        if name is None:
            raise _refused(key[:40], "is not in the contract")
        if request[name] is not None:
            raise _refused(name, "is given twice")
        if value is not None:
            request[name] = fields[name](value, name)
    return request


def camel(name):
    """lowerCamelCase, as names are written in JSON."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _integer(value, field, bits):
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not -(1 << (bits - 1)) <= value < 1 << (bits - 1):
        raise _refused(field, f"is no {bits}-bit integer")
    return value


def _refused(field, why):
    return invalid(field, "MALFORMED", f"{field} {why}.")
