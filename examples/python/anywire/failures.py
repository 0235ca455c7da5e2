"""How a call fails, and its form on the wire: application/problem+json (RFC 9457) with gRPC's status and google.rpc's details."""

import json
from http import HTTPStatus

PROBLEM = "application/problem+json"

# gRPC's status codes, by the HTTP status that each goes out with.
HTTP_STATUS = {
    "INVALID_ARGUMENT": 400, "FAILED_PRECONDITION": 400, "OUT_OF_RANGE": 400, "UNAUTHENTICATED": 401, "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404, "ABORTED": 409, "ALREADY_EXISTS": 409, "RESOURCE_EXHAUSTED": 429, "CANCELLED": 499, "UNKNOWN": 500,
    "INTERNAL": 500, "DATA_LOSS": 500, "UNIMPLEMENTED": 501, "UNAVAILABLE": 503, "DEADLINE_EXCEEDED": 504,
}

_TYPES = "type.googleapis.com/google.rpc."


class Failure(Exception):
    """A call that failed. Its message is a sentence for people."""

    def __init__(self, code, message, details=(), http_status=None, headers=None):
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = list(details)
        self.http_status = http_status or HTTP_STATUS[code]
        self.headers = headers or {}

    def violations(self):
        """Which fields broke which rule: (field, reason, description)."""
        return [
            (violation.get("field", ""), violation.get("reason", ""), violation.get("description", ""))
            for detail in self.details if detail.get("@type") == _TYPES + "BadRequest"
            for violation in detail.get("fieldViolations", [])
        ]

    def retry_after(self):
        """The seconds after which trying again makes sense; None when it does not say."""
        delays = [d["retryDelay"] for d in self.details if d.get("@type") == _TYPES + "RetryInfo"]
        return float(delays[0].removesuffix("s")) if delays else None

    def to_problem(self):
        """The body that it is answered with."""
        problem = {
            "type": "about:blank", "title": _title(self.http_status), "status": self.http_status,
            "detail": self.message, "code": self.code,
        }
        if self.details:
            problem["details"] = self.details
        return json.dumps(problem, ensure_ascii=False).encode()

    @staticmethod
    def from_answer(service, status, content_type, body):
        """From an answer that is no success: what the problem says, or what the status alone does when it is no problem of ours."""
        if content_type.split(";")[0].strip() == PROBLEM:
            try:
                problem = json.loads(body)
                if problem.get("code") in HTTP_STATUS:
                    return Failure(problem["code"], problem.get("detail", ""), problem.get("details", []), status)
            except (ValueError, AttributeError):
                pass
        return Failure("UNKNOWN", f"{service} did not answer as a service does, but with HTTP status {status}; perhaps a proxy did in its place.", http_status=status)


def invalid(field, reason, message):
    """INVALID_ARGUMENT: which field broke which rule. A front end shows the message beside that field."""
    violation = {"field": field, "reason": reason, "description": message}
    return Failure("INVALID_ARGUMENT", message, [{"@type": _TYPES + "BadRequest", "fieldViolations": [violation]}])


def failure(code, reason, message):
    """Any other code, with a stable reason that programs can tell apart."""
    return Failure(code, message, [{"@type": _TYPES + "ErrorInfo", "reason": reason}])


def too_many(message, retry_after):
    """RESOURCE_EXHAUSTED, with the seconds after which trying again makes sense."""
    return Failure("RESOURCE_EXHAUSTED", message, [{"@type": _TYPES + "RetryInfo", "retryDelay": f"{retry_after:.3f}s"}])


def _title(status):
    return "Client Closed Request" if status == 499 else HTTPStatus(status).phrase
