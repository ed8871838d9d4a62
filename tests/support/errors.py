"""The one shape that every error has."""

import httpx


def assert_error(response: httpx.Response, status: int, says: str = "") -> None:
    """The answer has the status, and exactly ``{"detail": "<message>"}`` as JSON."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    body = response.json()
    assert list(body) == ["detail"]
    assert isinstance(body["detail"], str)
    assert body["detail"] != ""
    assert says.lower() in body["detail"].lower()
