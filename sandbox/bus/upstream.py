"""Where a broker is and how it lets us in."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias
from urllib.parse import unquote, urlsplit

from agents import mqtt
from sandbox.errors import BrokerError, UsageError

__all__ = ["BrokerKind", "Upstream", "external", "probe", "tls_context"]

BrokerKind: TypeAlias = Literal["nats", "mosquitto", "external"]

_PORTS: Final = {"mqtt": 1883, "mqtts": 8883}
_REASONS: Final = {
    1: "it does not speak MQTT 3.1.1",
    2: "it refuses the client id",
    3: "it is not available",
    4: "user or password is wrong",
    5: "it does not let this user in",
}


@dataclass(frozen=True, slots=True)
class Upstream:
    """A broker's address and our credentials; ``version`` is the program's own word for the record."""

    host: str
    port: int
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False
    kind: BrokerKind = "external"
    version: str = ""

    @property
    def address(self) -> str:
        """The URL without credentials: what may be shown and recorded."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'mqtts' if self.tls else 'mqtt'}://{host}:{self.port}"

    def hello(self, client: str, keep_alive: int = 60) -> bytes:
        """Make the CONNECT that this broker gets: our credentials, a clean session."""
        password = None if self.password is None else self.password.encode()
        return mqtt.connect(
            mqtt.Connect(client, self.user, password, clean=True, keep_alive=keep_alive)
        )


def external(url: str) -> Upstream:
    """Read ``mqtt://[user:password@]host[:port]``, or ``mqtts://`` for TLS.

    Raises:
        UsageError: the URL is not of this form.
    """
    form = "Write mqtt://user:password@host:port, or mqtts:// for TLS."
    try:
        url.encode()
    except UnicodeEncodeError:
        raise UsageError(f"The bus's URL is not UTF-8. {form}") from None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise UsageError(
            f"The bus's URL cannot be read. {form}"
        ) from None  # its words may hold the password
    shown = url.rpartition("@")[2]  # never the password
    if parts.scheme not in _PORTS:
        raise UsageError(f"The bus's URL has the scheme {parts.scheme!r}. {form}")
    if not parts.hostname:
        raise UsageError(f"The bus's URL {shown!r} names no host. {form}")
    try:
        parts.hostname.encode("idna")
    except UnicodeError:
        raise UsageError(
            f"The bus's URL {shown!r} has a host that cannot be: between its dots stand 1 to 63"
            f" characters. {form}"
        ) from None
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise UsageError(f"The bus's URL {shown!r} goes on after the port. {form}")
    if parts.password is not None and not parts.username:
        raise UsageError(f"The bus's URL has a password without a user. {form}")
    return Upstream(
        host=parts.hostname,
        port=_PORTS[parts.scheme] if port is None else port,
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password is not None else None,
        tls=parts.scheme == "mqtts",
    )


def tls_context(upstream: Upstream) -> ssl.SSLContext | None:
    """Make the TLS settings for connections to this broker; None without TLS."""
    return ssl.create_default_context() if upstream.tls else None


async def probe(upstream: Upstream, *, client: str, seconds: float = 5.0) -> None:
    """Make sure that the broker answers and lets us in: a CONNECT, its CONNACK, a DISCONNECT.

    Raises:
        BrokerError: it cannot be reached, does not answer in time, or refuses.
    """
    where = upstream.address
    try:
        async with asyncio.timeout(seconds):
            code = await _greet(upstream, client)
    except TimeoutError:
        raise BrokerError(
            f"The broker at {where} did not answer a CONNECT within {seconds:g} s."
            " Check that it speaks MQTT there."
        ) from None
    except OSError as error:
        raise BrokerError(
            f"The broker at {where} cannot be reached: {error.strerror or error}."
            " Start it, or correct the URL."
        ) from None
    except (mqtt.MqttError, EOFError) as error:
        raise BrokerError(
            f"What listens at {where} is no MQTT broker: {error}. Correct the URL."
        ) from None
    if code:
        reason = _REASONS.get(code, f"return code {code}")
        raise BrokerError(f"The broker at {where} refused us: {reason}. Correct the URL.")


async def _greet(upstream: Upstream, client: str) -> int:
    reader, writer = await asyncio.open_connection(
        upstream.host, upstream.port, ssl=tls_context(upstream)
    )
    try:
        writer.write(upstream.hello(client))
        framer = mqtt.Framer(1024)
        while (packet := framer.next()) is None:
            data = await reader.read(1024)
            if not data:
                raise EOFError("it closed the connection")
            framer.feed(data)
        if packet.kind != mqtt.CONNACK:
            raise mqtt.MqttError("its first packet is no CONNACK")
        code = mqtt.read_connack(packet)[1]
        if not code:
            writer.write(mqtt.disconnect())
        return code
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
