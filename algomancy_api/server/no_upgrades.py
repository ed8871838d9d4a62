"""Requests for another protocol than HTTP/1.1, which are read as if they had not asked for it."""

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class WithoutUpgrades(HttpToolsProtocol):
    """A connection that stays with HTTP/1.1, but for web sockets, as a server is free to (RFC 9110, section 7.8).

    The parser takes a request that asks for more, such as HTTP/2, to end with its head: its body would be lost or,
    worse, read as a request of its own.
    """

    def feed(self, data: bytes) -> None:
        """Parse what has arrived.

        Raises:
            HttpParserError: It is not HTTP.
        """
        try:
            self.parser.feed_data(data)
        except HttpParserUpgrade as upgrade:
            self._go_on(memoryview(data)[upgrade.args[0] :])

    def _go_on(self, rest: memoryview) -> None:
        while True:
            if super()._should_upgrade():
                self.handle_websocket_upgrade()
                return
            if self.parser.get_method() == b"CONNECT":
                raise HttpParserError("this is no proxy")
            self._begin_again()
            try:
                self.parser.feed_data(rest)
            except HttpParserUpgrade as upgrade:
                rest = rest[upgrade.args[0] :]
            else:
                return

    def _should_upgrade(self) -> bool:
        """Whether to leave a request alone that asks for another protocol: until it has been looked at."""
        return True

    def _begin_again(self) -> None:
        """Parse the head once more, without the wish."""
        line = b"%b %b HTTP/%b\r\n" % (self.parser.get_method(), self.url, self.parser.get_http_version().encode())
        headers = [b"%b: %b\r\n" % (name, value) for name, value in self.headers if name != b"upgrade"]
        self.parser = HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as in uvicorn
        self.parser.feed_data(b"".join([line, *headers, b"\r\n"]))
