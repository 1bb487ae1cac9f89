"""One scripted story of talk, files and shell on every sealed tier, and what its boxes tell of their limits."""

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.needs("nats")]


def on(*tiers: str):
    return [pytest.param(tier, marks=pytest.mark.needs(tier)) for tier in tiers]


STORY = """
title: The same everywhere
agents:
  ada:
    tools: [talk, box]
    script:
      - I shall write something down.
      - do: {write_file: {path: notes/list.txt, text: "pear\\napple\\nfig\\n"}}
      - do: {shell: 'sort notes/list.txt | tr a-z A-Z > sorted; wc -l < sorted; cat sorted'}
      - do: {shell: 'i=0; while [ $i -lt 3 ]; do i=$((i+1)); printf "%s " $i; done; echo; id -u; echo $HOME; pwd'}
      - do: {shell: 'exit 3'}
      - do: {shell: 'echo to stderr >&2; false'}
      - do:
          shell: 'for place in /etc /usr /opt /run /proc /sys; do
            (echo x > $place/x) 2>/dev/null && echo $place; done; echo tried'
      - do: {read_file: sorted}
      - when: {result: PEAR}
        say: It is written.
  bo:
    tools: [talk, shell]
    script:
      - do: {shell: 'test -e notes/list.txt && echo there || echo nothing here'}
      - when: {result: nothing here}
        say: I see nothing of it.
      - do: {shell: 'trap "echo stopped" TERM; kill -TERM $$; (exit 7); echo $?'}
      - do: {whisper: {to: ada, text: between us}}
      - do: {shell: 'bus whoami'}
limits: {turns: 10}
"""


@pytest.mark.parametrize("tier", on("docker", "podman", "gvisor"))
@pytest.mark.needs("bubblewrap")
def test_a_story_is_the_same_on_every_tier(tier, house, leftovers):
    scenario = house.scenario(STORY)
    for one in ("bubblewrap", tier):
        house("run", scenario, "--plain", "--tier", one, "--out", one, seconds=300)
    (first,) = (house.folder / "bubblewrap").iterdir()
    (second,) = (house.folder / tier).iterdir()
    house("diff", str(first), str(second))
    events = house.events(second)
    assert events[0]["data"]["tier"] == tier
    assert {box["sound"] for box in events[0]["data"]["boxes"].values()} == {True}
    outputs = [e["data"]["output"] for e in events if e["kind"] == "action.result"]
    assert "3\nAPPLE\nFIG\nPEAR\n" in outputs
    assert leftovers(second.name) == []


HUNGRY = """
title: More than there is
agents:
  ada:
    tools: [talk, shell]
    script:
      - do: {shell: 'for i in $(seq 60); do sleep 0.3 & done; wait'}
      - {say: A moment., seconds: 0.7}
      - do: {shell: 'head -c 9000000 /dev/zero > big || echo full'}
      - do: pass
      - do: {shell: 'rm -f big; python3 -c "x = [bytearray(1 << 20) for _ in range(90)]; import time; time.sleep(2)" &
          python3 -c "x = [bytearray(1 << 20) for _ in range(90)]; import time; time.sleep(2)"; wait; echo here'}
      - Still here.
isolation: {memory: 128MB, pids: 24, disk: 4MiB}
limits: {turns: 3}
"""


@pytest.mark.parametrize("tier", on("bubblewrap", "docker"))
def test_limits_that_are_met_are_events_and_the_run_goes_on(tier, house):
    house("run", house.scenario(HUNGRY), "--plain", "--tier", tier)
    events = house.events()
    met = [e["data"] for e in events if e["kind"] == "box.limit"]
    assert [(one["turn"], one["what"], one["limit"]) for one in met] == [
        (1, "pids", 24),
        (2, "disk", 4 << 20),
        (3, "memory", 128 * 10**6),
    ]
    assert all(one["count"] >= 1 for one in met)
    assert events[-1]["data"]["reason"] == "turns"


@pytest.mark.needs("docker")
def test_a_box_that_dies_is_an_event_with_its_cause(house):
    scenario = """
title: One falls
agents:
  ada: {tools: [talk, shell], script: [{do: {shell: 'kill -9 $PPID'}}]}
  bo: {script: [one, two, three]}
limits: {turns: 4}
"""
    house("run", house.scenario(scenario), "--plain", "--tier", "docker")
    events = house.events()
    (end,) = [e for e in events if e["kind"] == "box.ended"]
    (death,) = [e for e in events if e["kind"] == "agent.died"]
    assert (end["actor"], end["data"]["signal"], end["data"]["oom"]) == ("ada", 9, False)
    between = [e for e in events if end["seq"] < e["seq"] < death["seq"]]
    assert [(e["kind"], e["data"]["level"]) for e in between] == [("flag", "broken")]
    assert death["actor"] == "ada"
