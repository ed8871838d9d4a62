"""The assertion for error responses, which all have the same body."""

import httpx


def assert_error(response: httpx.Response, status: int, says: str = "") -> None:
    """Assert that a response has the status and the body ``{"detail": "<message>"}``, whose message contains a text."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    body = response.json()
    assert list(body) == ["detail"]
    assert isinstance(body["detail"], str)
    assert body["detail"] != ""
    assert says.lower() in body["detail"].lower()
