"""Requests with an `Upgrade` header: they are served as HTTP/1.1, but for web sockets."""

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class WithoutUpgrades(HttpToolsProtocol):
    """A connection that ignores `Upgrade`, but for web sockets, as a server may (RFC 9110, section 7.8).

    The parser ends a request with `Upgrade`, to HTTP/2 for example, after its head. Its body would be lost or, worse,
    parsed as another request.
    """

    def feed(self, data: bytes) -> None:
        """Parse received data.

        Raises:
            HttpParserError: The data is not HTTP.
        """
        try:
            self.parser.feed_data(data)
        except HttpParserUpgrade as upgrade:
            self._resume(memoryview(data)[upgrade.args[0] :])

    def _resume(self, rest: memoryview) -> None:
        while True:
            if super()._should_upgrade():
                self.handle_websocket_upgrade()
                return
            if self.parser.get_method() == b"CONNECT":
                raise HttpParserError("CONNECT is for proxies")
            self._parse_without_upgrade()
            try:
                self.parser.feed_data(rest)
            except HttpParserUpgrade as upgrade:
                rest = rest[upgrade.args[0] :]
            else:
                return

    def _should_upgrade(self) -> bool:
        """Always True, so that uvicorn leaves requests with `Upgrade` to `feed`."""
        return True

    def _parse_without_upgrade(self) -> None:
        """Parse the head again, without its `Upgrade` header."""
        line = b"%b %b HTTP/%b\r\n" % (self.parser.get_method(), self.url, self.parser.get_http_version().encode())
        headers = [b"%b: %b\r\n" % (name, value) for name, value in self.headers if name != b"upgrade"]
        self.parser = HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as in uvicorn
        self.parser.feed_data(b"".join([line, *headers, b"\r\n"]))
