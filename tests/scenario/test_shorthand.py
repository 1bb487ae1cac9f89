"""Short ways to write things, and what YAML makes of plain values."""

import pytest

from sandbox.scenario import AgentSpec, RoomSpec, Scenario, ScriptLine, loads
from sandbox.scenario.scalar import scalar

HEAD = "title: t\nagents: {ada: , bo: }\n"


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("agents: {ada: local/qwen}", "agents: {ada: {model: local/qwen}}"),
        ("agents: {ada: }", "agents: {ada: {}}"),
        ("agents: {ada: {script: [hi]}}", "agents: {ada: {script: [{say: hi}]}}"),
        (
            "agents: {ada: {script: [{do: pass}]}}",
            "agents: {ada: {script: [{do: [{pass: {}}]}]}}",
        ),
        (
            "agents: {ada: {script: [{do: [{shell: ls -l}, leave, {pass: }]}]}}",
            "agents: {ada: {script: [{do: [{shell: {command: ls -l}}, {leave: {}}, {pass: {}}]}]}}",
        ),
        (
            "agents: {ada: {script: [{do: {say: hi}}, {do: {enter: den}}, {do: {next: bo}}]}}",
            (
                "agents: {ada: {script: [{do: [{say: {text: hi}}]}, {do: [{enter: {room: den}}]}, "
                "{do: [{next: {agent: bo}}]}]}}"
            ),
        ),
        (
            "agents: {ada: {tools: [shell, box]}}",
            "agents: {ada: {tools: [shell, read_file, write_file]}}",
        ),
        (
            "agents: {ada: {tools: [talk, next]}}",
            "agents: {ada: {tools: [say, whisper, open_room, invite, enter, leave, pass, next]}}",
        ),
        ("agents: {ada: }\nrooms: {den: [ada]}", "agents: {ada: }\nrooms: {den: {members: [ada]}}"),
        ("agents: {ada: }\nrooms: {den: }", "agents: {ada: }\nrooms: {den: {}}"),
        ("agents: {ada: }\norder: random", "agents: {ada: }\norder: {kind: random}"),
        (
            "agents: {ada: }\nlimits: {seconds: 1.5h, turn_seconds: 250ms}",
            "agents: {ada: }\nlimits: {seconds: 5400, turn_seconds: 0.25}",
        ),
        (
            "agents: {ada: }\nisolation: {memory: 512MB, disk: 1.5GiB}",
            "agents: {ada: }\nisolation: {memory: 512000000, disk: 1610612736}",
        ),
        ("agents: &a {ada: }\nrooms: &b {den: }", "agents: {ada: }\nrooms: {den: }"),
        (
            "agents: {ada: &a {max_tokens: 9, temperature: 1}, bo: {<<: *a, temperature: 0}}",
            "agents: {ada: {max_tokens: 9, temperature: 1}, bo: {max_tokens: 9, temperature: 0}}",
        ),
        (
            "agents: {ada: {<<: [{max_tokens: 1}, {max_tokens: 2, model: x/y}]}}",
            "agents: {ada: {max_tokens: 1, model: x/y}}",
        ),
    ],
)
def test_the_short_way_means_the_long_one(short, long):
    assert loads(f"title: t\n{short}\n") == loads(f"title: t\n{long}\n")


def test_a_whole_scenario_in_values():
    assert loads("title: t\nagents: {no: }\n") == Scenario(
        title="t", agents={"no": AgentSpec()}, rooms={"lobby": RoomSpec(enter="anyone")}
    )
    assert loads(HEAD).agents["ada"].script == ()
    assert loads("title: t\nagents: {ada: {script: [hi]}}\n").agents["ada"].script == (
        ScriptLine(say="hi"),
    )


def test_a_byte_order_mark_and_windows_lines_are_taken(tmp_path):
    from sandbox.scenario import load

    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xef\xbb\xbftitle: t\r\nagents:\r\n  ada:\r\n")
    assert load(path).title == "t"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None), ("~", None), ("null", None), ("true", True), ("False", False),
        ("yes", "yes"), ("no", "no"), ("on", "on"), ("off", "off"), ("y", "y"),
        ("12", 12), ("-3", -3), ("+4", 4), ("1_000", "1_000"), ("0x10", "0x10"), ("0o17", "0o17"),
        ("12:30:45", "12:30:45"), ("2026-01-01", "2026-01-01"), ("1.5", 1.5), (".5", 0.5), ("1.", 1.0),
        ("1e3", 1000.0), ("1e999", "1e999"), (".inf", ".inf"), (".nan", ".nan"), ("1.2.3", "1.2.3"),
        ("9" * 41, "9" * 41), ("\u0661", "\u0661"),
    ],
)  # fmt: skip
def test_a_plain_value_is_read_by_yaml_1_2(text, value):
    assert scalar(text) == value
    assert type(scalar(text)) is type(value)
