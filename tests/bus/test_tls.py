"""A broker by mqtts://: gate and link over TLS, and a certificate that nobody vouches for."""

import asyncio
import shutil
import subprocess
from dataclasses import replace

import pytest

from agents import mqtt
from sandbox.bus.broker import EmbeddedBroker, free_port
from sandbox.bus.gate import Gate
from sandbox.bus.link import MqttBus
from sandbox.bus.recipe import Recipe, find_mosquitto
from sandbox.bus.rights import Rights
from sandbox.bus.seam import Delivery
from sandbox.bus.upstream import probe
from sandbox.errors import BrokerError

pytestmark = [
    pytest.mark.needs("mosquitto"),
    pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate"),
]


@pytest.fixture
async def upstream(tmp_path):
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    key = ["-newkey", "rsa:2048", "-nodes", "-keyout", tmp_path / "key", "-out", tmp_path / "cert"]
    subprocess.run(  # noqa: ASYNC221
        ["openssl", "req", "-x509", "-days", "2", *key, *subject], check=True, capture_output=True
    )
    port = free_port()
    program = find_mosquitto()

    def with_tls(path, folder, access):
        plain = program.recipe(path, folder, access)
        listener = f"listener {port} 127.0.0.1\ncertfile {tmp_path}/cert\nkeyfile {tmp_path}/key\n"
        config = plain.files["mosquitto.conf"] + listener
        return Recipe(plain.argv, plain.files | {"mosquitto.conf": config})

    async with EmbeddedBroker(tmp_path / "b", program=replace(program, recipe=with_tls)) as broker:
        yield replace(broker.upstream, port=port, tls=True)


async def test_gate_and_link_meet_over_tls(upstream, tmp_path, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert"))
    await probe(upstream, client="probe")
    folder = tmp_path / "ada"
    folder.mkdir(mode=0o700)
    rights = Rights(publish=("out",), subscribe=("in",))
    bus = MqttBus(upstream, client="engine", subscriptions=["out"])
    async with Gate(upstream, notices=lambda notice: None) as gate, bus:
        await gate.open("ada", folder, rights)
        happenings = bus.happenings()
        for payload in (b"x", bytes(300_000)):
            await bus.publish("out", payload)
            await bus.publish("out", payload)
            twice = [await anext(happenings), await anext(happenings)]
            assert twice == [Delivery("out", payload)] * 2
        reader, writer = await asyncio.open_unix_connection(folder / "bus.sock")
        writer.write(mqtt.connect(mqtt.Connect("x")) + mqtt.publish("out", b"from the box"))
        assert await reader.readexactly(4) == mqtt.connack(0)
        assert await anext(happenings) == Delivery("out", b"from the box")
        writer.close()
        await writer.wait_closed()


async def test_a_certificate_that_nobody_vouches_for_is_refused(upstream):
    with pytest.raises(BrokerError, match=r"cannot be reached: .*certificate verify failed"):
        await probe(upstream, client="probe")
