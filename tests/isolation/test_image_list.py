"""What is read of an engine that is busy, by the engine's own protocol over HTTP."""

from collections import Counter
from contextlib import ExitStack

import pytest
from docker.errors import APIError

from sandbox.isolation import image_list
from sandbox.isolation.image_list import our_images
from tests.isolation.http_engine import engine_that_says

OURS = {
    "Id": "sha256:" + "a" * 64,
    "RepoTags": ["localhost/backrooms/agent:old"],
    "Labels": {},
    "Size": 70,
}
HAS = {
    "/containers/json": [],
    "/images/json": [OURS],
    "/system/df": {"Images": [OURS | {"SharedSize": 20}]},
}
REMOVES = 'retrieving label for image "6a4c": you may need to remove the image'
COUNTS = "a disk usage operation is already running"


@pytest.fixture
def engine(monkeypatch):
    """Starts an engine that answers so many requests of a path with an error, and then as it should."""
    monkeypatch.setattr(image_list, "AGAIN", 0)
    with ExitStack() as engines:

        def begin(path, words, times):
            seen = Counter()

            def answer(target):
                asked, _, query = target.partition("?")
                found = [] if "filter" in query else HAS[asked]
                seen[asked] += found != []
                if asked == path and found and seen[asked] <= times:
                    return 500, {"message": words}
                return 200, found

            return engines.enter_context(engine_that_says(answer))

        yield begin


def listed(client):
    return [(one.tag, one.bytes, one.alone) for one in our_images(client, "podman")]


TAG = "backrooms/agent:old"


@pytest.mark.parametrize(
    ("path", "words"), [("/images/json", REMOVES), ("/system/df", COUNTS)], ids=["lists", "counts"]
)
def test_a_busy_engine_is_asked_again(engine, path, words):
    assert listed(engine(path, words, 3)) == [(TAG, 70, 50)]


def test_without_a_count_an_image_is_as_large_as_it_says(engine):
    assert listed(engine("/system/df", COUNTS, 100)) == [(TAG, 70, 70)]


@pytest.mark.parametrize(
    ("path", "words"), [("/images/json", REMOVES), ("/system/df", "the disk is on fire")]
)
def test_an_engine_that_cannot_is_believed_in_the_end(engine, path, words):
    with pytest.raises(APIError, match=words):
        listed(engine(path, words, 100))
