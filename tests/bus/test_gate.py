"""The gate over real brokers: who is who, what passes, what is swallowed, what ends a connection."""

import os
import stat
from pathlib import Path

import pytest

from agents import mqtt
from sandbox.bus.broker import EmbeddedBroker
from sandbox.bus.gate import Gate
from sandbox.bus.notice import Linked, Notice, Refused, Unlinked
from sandbox.bus.rate import Limits
from sandbox.bus.rights import Rights
from sandbox.errors import BusError
from sandbox.ids import AgentId
from tests.bus.conftest import Guest
