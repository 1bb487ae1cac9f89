"""Pods of this machine: what Podman refuses leaves nothing."""

import subprocess

import pytest

from sandbox.errors import BoxError
from sandbox.isolation.kubernetes.pod import pod_of
from sandbox.isolation.kubernetes.podman_play import PodmanPlay, local_settings


@pytest.mark.needs("podman")
async def test_a_pod_that_does_not_start_is_taken_away(spec):
    pod = pod_of(spec, local_settings(print))
    pod["spec"]["containers"][0]["command"] = ["/not/there"]
    with pytest.raises(BoxError, match=r"^podman play failed: .*/not/there"):
        await PodmanPlay().create(pod)
    assert [one for one in listed() if pod["metadata"]["name"] in one] == []


def listed() -> list[str]:
    """Every pod and volume of Podman's."""
    found = []
    for kind in ("pod", "volume"):
        asked = ["podman", kind, "ls", "--noheading"]
        found += subprocess.run(asked, capture_output=True, check=True, text=True).stdout.split()
    return found
