"""A record for witnesses that is a list, and containers that are nobody's boxes."""

import asyncio
import subprocess

import pytest

from sandbox.isolation.image import prepare


class Told:
    """Takes what witnesses record, and lets a test wait for it."""

    def __init__(self):
        self.events = []
        self._more = asyncio.Event()

    async def durable(self, kind, agent, data, parent):
        self.soon(kind, agent, data)
        return len(self.events)

    def soon(self, kind, agent, data):
        self.events.append((kind, agent, dict(data)))
        self._more.set()

    async def until(self, count, seconds=90):
        """The events, once there are so many."""
        async with asyncio.timeout(seconds):
            while len(self.events) < count:
                self._more.clear()
                await self._more.wait()
        return self.events


@pytest.fixture
def told():
    return Told()


@pytest.fixture
async def image():
    return (await prepare("docker", "plain", print)).id


@pytest.fixture
def docker():
    """Runs the client to its end and gives what it printed."""

    def call(*argv):
        done = subprocess.run(["docker", *argv], capture_output=True, check=True, text=True)
        return done.stdout.strip()

    return call


@pytest.fixture
def container(docker, image):
    """Starts a container that does nothing; its name, and the host's number of its first process."""
    started = []

    def start(*options):
        name = docker("run", "-d", "--network=none", "--init", *options, image, "sleep", "60")
        started.append(name)
        return name, int(docker("inspect", "--format", "{{.State.Pid}}", name))

    yield start
    for name in started:
        docker("rm", "--force", name)
