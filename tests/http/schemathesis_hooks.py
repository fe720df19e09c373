"""Requests that are valid according to the document but rightly refused: a schema can't say so."""

import schemathesis

FORMS = ("", ".equals", ".startsWith", ".contains")
TEXTS = ("subjectId", "sessionId", "displayName")


@schemathesis.hook
def filter_case(context, case):
    """Drops these requests, and keeps those that are invalid according to the document."""
    if not case.meta.generation.mode.is_positive:
        return True
    query = case.query or {}
    body = case.body if isinstance(case.body, dict) else {}
    # The API only accepts tokens that it made: they have a checksum.
    has_token = any(name in part for part in (query, body) for name in ("resultsToken", "confirmToken"))
    # OpenAPI 3.1 can't say that two parameters exclude each other.
    has_two_forms = any(sum(text + form in query for form in FORMS) > 1 for text in TEXTS)
    # Nor that a parameter needs another one. The previous page needs a position.
    steps_back = "requestPriorResults" in query or body.get("requestPriorResults") is True
    return not (has_token or has_two_forms or steps_back)
