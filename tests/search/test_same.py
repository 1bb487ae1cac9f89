"""The index and the records say the same, whatever was said and whatever is looked for."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import given, settings, strategies

from sandbox.transcript.search import Search
from tests.search.conftest import Runs, offered, said, started
from tests.search.test_grammar import QUERIES

LETTERS = "abcABCéÉßﬁİ迷宫のถ🌀 \n\t.'_-/\x00\x1b\u0301\u200d9"
TEXTS = strategies.text(LETTERS, max_size=12) | strategies.sampled_from(
    ["a" * 63, "a" * 64, "b" * 65, "b" * 64 + " c", "x" * 63 + "É" * 3]
)


@settings(max_examples=80, deadline=None)
@given(strategies.lists(TEXTS, min_size=1, max_size=8), QUERIES)
def test_the_same_is_found_with_the_index_and_without(texts, query):
    with tempfile.TemporaryDirectory() as folder:
        runs = Runs(Path(folder))
        for run in ("a", "b"):
            rows = [
                row for n, text in enumerate(texts, 1) for row in (offered(n, "a"), said("a", text))
            ]
            runs.add(run, started("a b"), *rows, ("flag", "watch", {"id": "a", "evidence": [3]}))
        indexed = list(Search(runs.root, query))
        assert list(Search(runs.root, query)) == indexed
        Path(folder, ".search.sqlite").unlink()
        Path(folder, ".search.sqlite").mkdir()
        scan = Search(runs.root, query)
        assert [(h.file, h.document, h.place.turn, h.marks) for h in scan] == [
            (h.file, h.document, h.place.turn, h.marks) for h in indexed
        ]
        assert len(scan.notes) == 1
        shutil.rmtree(Path(folder, ".search.sqlite"))
