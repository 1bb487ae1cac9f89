"""What may pass between an agent's connection and the broker: packets in, packets out, no I/O."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from agents import mqtt
from sandbox.bus.notice import Refusal
from sandbox.bus.rate import Limits
from sandbox.bus.rights import Permits

__all__ = ["Expelled", "Judge"]

_MESSAGES: Final = frozenset({0x30, 0x32, 0x3A})
"""First bytes of a PUBLISH that may pass: QoS 0 or 1, not to be retained."""

_ANSWERS: Final = frozenset({mqtt.PUBACK, mqtt.SUBACK, mqtt.UNSUBACK, mqtt.PINGRESP})
_CONTROL_BYTES: Final = 4096
"""The largest packet that is no message: room for some forty filters of the longest names."""

_REFUSED: Final = 0x80


class Expelled(Exception):
    """The connection has to end; ``answer`` is sent first. ``sample`` is ``why`` if none is given."""

    def __init__(
        self,
        what: Refusal,
        why: str,
        *,
        topic: bytes = b"",
        sample: bytes = b"",
        answer: bytes = b"",
    ) -> None:
        super().__init__(why)
        self.what = what
        self.why = why
        self.topic = topic
        self.sample = sample[:256] or why.encode()
        self.answer = answer


class _Refuse(Protocol):
    def __call__(self, what: Refusal, *, topic: bytes = b"", sample: bytes = b"") -> None: ...


class Judge:
    """Rules on every packet of one connection; what passes waits in ``to_broker`` and ``to_agent``.

    Permitted messages pass as the bytes they are. A refused message at QoS 1 is acknowledged all
    the same: MQTT 3.1.1 has no refusal, and a client that is not answered sends it for ever.
    """

    __slots__ = (
        "_asked",
        "_filters",
        "_limits",
        "_linked",
        "_permits",
        "_refuse",
        "left",
        "to_agent",
        "to_broker",
        "will",
    )

    def __init__(
        self, permits: Permits, limits: Limits, *, refuse: _Refuse, linked: Callable[[], None]
    ) -> None:
        self._permits = permits
        self._limits = limits
        self._refuse = refuse
        self._linked = linked
        self._filters: set[str] = set()
        self._asked: dict[int, list[bool]] = {}
        self.to_broker: list[bytes] = []
        self.to_agent: list[bytes] = []
        self.will: mqtt.Will | None = None
        """Kept here and not at the broker, so that the rights at the time of its use decide."""
        self.left = False
        """The agent has said goodbye."""

    def greet(self, packet: mqtt.Packet) -> int:
        """Rule on the first packet and return the keep-alive it asks for, in seconds.

        Raises:
            Expelled: it is no CONNECT of 3.1.1, or its will is beyond the agent's rights.
            MqttError: it is malformed.
        """
        if packet.kind != mqtt.CONNECT:
            raise Expelled("malformed", "its first packet was no CONNECT", sample=packet.raw)
        try:
            hello = mqtt.read_connect(packet)
        except mqtt.VersionError as error:
            raise Expelled(
                "version", str(error), sample=packet.raw, answer=mqtt.connack(1)
            ) from None
        will = hello.will
        if will is not None:
            if will.retain or will.qos == 2 or not self._permits.may_publish(will.topic.encode()):
                raise Expelled(
                    "will",
                    "its will is beyond its rights",
                    topic=will.topic.encode(),
                    sample=will.payload,
                    answer=mqtt.connack(5),
                )
            self.will = will
        return hello.keep_alive

    def last_will(self) -> bytes:
        """Give the packet to send for an agent that vanished, or nothing."""
        will = self.will
        if will is None or self.left or not self._permits.may_publish(will.topic.encode()):
            return b""
        return mqtt.publish(will.topic, will.payload)

    def outward(self, packet: mqtt.Packet) -> None:
        """Rule on a packet from the agent.

        Raises:
            Expelled: the connection has to end.
            MqttError: likewise, since the packet is malformed.
        """
        if packet.head in _MESSAGES:
            topic = mqtt.topic_of(packet)
            if self._permits.may_publish(topic):
                self.to_broker.append(packet.raw)
            else:
                self._swallow("publish", topic, packet)
            return
        kind = packet.kind
        if kind == mqtt.PUBLISH:
            self._other_message(packet)
        elif len(packet.raw) > _CONTROL_BYTES:
            raise Expelled("size", f"a packet of type {kind} with {len(packet.raw)} bytes")
        elif kind == mqtt.SUBSCRIBE:
            self._subscribe(packet)
        elif kind == mqtt.UNSUBSCRIBE:
            self._unsubscribe(packet)
        elif kind == mqtt.PUBACK:
            mqtt.read_id(packet)
            self.to_broker.append(packet.raw)
        elif packet.raw == b"\xc0\x00":
            self.to_broker.append(packet.raw)
        elif packet.raw == b"\xe0\x00":
            self.left = True
        else:
            raise Expelled("malformed", f"a packet of type {kind} from a client", sample=packet.raw)

    def inward(self, packet: mqtt.Packet) -> None:
        """Rule on a packet from the broker.

        Raises:
            MqttError: the broker sent what it must not.
        """
        kind = packet.kind
        if kind == mqtt.PUBLISH:
            topic = mqtt.topic_of(packet)
            if self._permits.may_hear(topic):
                self.to_agent.append(packet.raw)
                return
            message = mqtt.read_publish(packet)
            self._refuse("delivery", topic=topic, sample=message.payload)
            if message.qos == 1:
                self.to_broker.append(mqtt.puback(message.id))
        elif kind == mqtt.SUBACK and self._asked:
            self.to_agent.append(self._suback(packet))
        elif kind in _ANSWERS:
            self.to_agent.append(packet.raw)
        elif kind == mqtt.CONNACK:
            if mqtt.read_connack(packet)[1] == 0:
                self._linked()
            self.to_agent.append(packet.raw)
        else:
            raise mqtt.MqttError(f"a packet of type {kind} from the broker")

    def _swallow(self, what: Refusal, topic: bytes, packet: mqtt.Packet) -> None:
        body = packet.start + 2 + len(topic)
        if packet.head & 6:
            self.to_agent.append(mqtt.puback(int.from_bytes(packet.raw[body : body + 2], "big")))
            body += 2
        self._refuse(what, topic=topic, sample=packet.raw[body : body + 256])

    def _other_message(self, packet: mqtt.Packet) -> None:
        topic = mqtt.topic_of(packet)
        if packet.head & 4:
            raise Expelled("qos", "it published at QoS 2", topic=topic)
        self._swallow("retain", topic, packet)

    def _subscribe(self, packet: mqtt.Packet) -> None:
        id, asked = mqtt.read_subscribe(packet)
        if len(asked) > self._limits.filters or len(self._asked) > self._limits.filters:
            raise Expelled("subscribe", f"{len(asked)} filters at once", sample=packet.raw)
        verdicts = [self._admits(pattern) for pattern, _ in asked]
        # QoS 2 is granted as 1, so that no delivery needs its second handshake.
        granted = [(f, min(qos, 1)) for (f, qos), yes in zip(asked, verdicts, strict=True) if yes]
        if granted == asked:
            self.to_broker.append(packet.raw)
        elif granted:
            self._asked[id] = verdicts
            self.to_broker.append(mqtt.subscribe(id, granted))
        else:
            self.to_agent.append(mqtt.suback(id, [_REFUSED] * len(asked)))

    def _admits(self, pattern: str) -> bool:
        if self._permits.may_subscribe(pattern) and (
            pattern in self._filters or len(self._filters) < self._limits.filters
        ):
            self._filters.add(pattern)
            return True
        self._refuse("subscribe", topic=pattern.encode())
        return False

    def _suback(self, packet: mqtt.Packet) -> bytes:
        id, codes = mqtt.read_suback(packet)
        verdicts = self._asked.pop(id, None)
        if verdicts is None:
            return packet.raw
        answers = iter(codes)
        return mqtt.suback(id, [next(answers, _REFUSED) if yes else _REFUSED for yes in verdicts])

    def _unsubscribe(self, packet: mqtt.Packet) -> None:
        id, patterns = mqtt.read_unsubscribe(packet)
        known = [pattern for pattern in patterns if pattern in self._filters]
        self._filters.difference_update(known)
        if known == patterns:
            self.to_broker.append(packet.raw)
        elif known:
            self.to_broker.append(mqtt.unsubscribe(id, known))
        else:
            self.to_agent.append(mqtt.unsuback(id))
