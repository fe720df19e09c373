"""What a schema can't say: requests that are valid by the document and rightly refused."""

import schemathesis

FORMS = ("", ".equals", ".startsWith", ".contains")
TEXTS = ("subjectId", "sessionId", "displayName")


@schemathesis.hook
def filter_case(context, case):
    """Drops them; what is wrong by the document stays."""
    if not case.meta.generation.mode.is_positive:
        return True
    query = case.query or {}
    body = case.body if isinstance(case.body, dict) else {}
    # The API only takes tokens that it has made: they have a checksum.
    has_token = any(name in part for part in (query, body) for name in ("resultsToken", "confirmToken"))
    # OpenAPI 3.1 can't say that two parameters exclude each other.
    has_two_forms = any(sum(text + form in query for form in FORMS) > 1 for text in TEXTS)
    # Nor that one needs another: the page before which one?
    steps_back = "requestPriorResults" in query or body.get("requestPriorResults") is True
    return not (has_token or has_two_forms or steps_back)
