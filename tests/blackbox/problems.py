"""Errors of the bridge, which are all shaped as RFC 9457 describes it."""

from local.http import Answer


def problem(answer: Answer) -> tuple[int, str | None]:
    """The status of an error, and the field that it names."""
    assert answer.headers["content-type"] == "application/problem+json", answer
    body = answer.json()
    assert body["status"] == answer.status
    assert body["title"] and body["detail"]
    return answer.status, body.get("field")
