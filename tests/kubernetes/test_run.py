"""A whole run in Pods, by `podman play kube`: engine, gate and bus on one side, the relay on the other."""

import json
import os
import subprocess
import sys

import pytest

from sandbox.isolation.kubernetes.podman_play import local_settings

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.needs("podman", "nats")]

COMMAND = """
import sys
from functools import partial
from sandbox.isolation import tiers
from sandbox.isolation.kubernetes import box
from sandbox.isolation.kubernetes.podman_play import PodmanPlay

box.KubernetesBox = partial(box.KubernetesBox, cluster=PodmanPlay)
tiers._PROBES = {**tiers._PROBES, "kubernetes": lambda: None}

from sandbox.cli import main

sys.exit(main(["run", "demo", "--tier", "kubernetes", "--plain"]))
"""


def test_the_demonstration_plays_in_pods(tmp_path):
    settings = local_settings(print)
    environment = {
        **os.environ,
        "BACKROOMS_K8S_IMAGE": settings.image,
        "BACKROOMS_K8S_HOST_USERS": "1",
        "BACKROOMS_K8S_ARCH": settings.arch,
    }
    subprocess.run(
        [sys.executable, "-c", COMMAND],
        cwd=tmp_path,
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
        timeout=50,
    )
    (record,) = tmp_path.glob("transcripts/*/events.jsonl")
    events = [json.loads(line) for line in record.read_text().splitlines()]
    boxes = [event["data"] for event in events if event["kind"] == "box.started"]
    assert [(one["tier"], one["network"]) for one in boxes] == [("kubernetes", "none")] * 3
    assert events[-1]["data"]["reason"] == "word"
    assert any(event["kind"] == "peer.message" for event in events)
    left = ["podman", "pod", "ls", "--quiet", "--filter", f"name={events[0]['run']}"]
    assert subprocess.run(left, capture_output=True, check=True).stdout == b""
