"""``backrooms eval escape``."""

import json

import pytest

from sandbox.cli import main

ROWS = [
    {"text": "nsenter -t 1 -m", "label": "escape", "technique": "nsenter-host", "source": "x"},
    {"text": "lsns", "label": "recon", "technique": "ns-recon", "source": "x"},
    {"text": "ls", "label": "benign", "technique": "benign-x", "source": "x"},
]


@pytest.fixture
def corpus(tmp_path):
    path = tmp_path / "c.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return path


def test_json(corpus, capsys):
    assert main(["eval", "escape", str(corpus), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert set(report["labels"]) == {"escape", "recon", "benign"}
    assert report["labels"]["recon"]["recall"] == 1.0
    assert report["labels"]["benign"]["flagged_escape"] == 0
    assert set(report["techniques"]) == {"ns-recon", "nsenter-host"}
    assert report["ms_per_line_median"] < 100


def test_table(corpus, capsys):
    assert main(["eval", "escape", str(corpus)]) == 0
    out = capsys.readouterr().out
    assert "escape                          1    1.000   0.206 to 1.000" in out
    assert "nsenter-host                    1    1.000" in out


@pytest.mark.parametrize(
    ("row", "error"),
    [
        ("[]", "there is no text in it: a line needs text, label and technique"),
        ('{"text": "a", "label": "evil"}', "the label 'evil' is none of escape, recon, benign"),
        ("{", "this is no JSON object"),
    ],
)
def test_a_line_that_is_none(tmp_path, capsys, row, error):
    path = tmp_path / "c.jsonl"
    path.write_text(row + "\n")
    assert main(["eval", "escape", str(path)]) == 2
    assert f"backrooms: {path}:1: {error}" in capsys.readouterr().err


def test_a_line_that_is_no_text(tmp_path, capsys):
    path = tmp_path / "c.jsonl"
    path.write_bytes(b"\xff\xfe\x00junk")
    assert main(["eval", "escape", str(path)]) == 2
    assert f"backrooms: {path}:1: this is no JSON object" in capsys.readouterr().err


def test_a_file_that_is_not_there(tmp_path, capsys):
    assert main(["eval", "escape", str(tmp_path / "no.jsonl")]) == 1
    assert "No such file" in capsys.readouterr().err
