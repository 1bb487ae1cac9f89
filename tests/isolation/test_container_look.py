"""A look at a container that ends just then, by the engine's own protocol over HTTP."""

import pytest
from docker.errors import APIError

from sandbox.isolation import container_look
from sandbox.isolation.container_look import LOOKS, look
from tests.isolation.http_engine import engine_that_says

GOING = "read /proc/32395/cgroup: no such process"


@pytest.fixture
def container(monkeypatch):
    """A container of an engine that answers with these errors first, and then that it has ended."""
    monkeypatch.setattr(container_look, "AGAIN", 0)
    errors = []

    def answer(path):
        if errors:
            return 500, {"message": errors.pop(0)}
        return 200, {"Id": "c1", "State": {"Status": "exited"}}

    with engine_that_says(answer) as client:
        yield client.containers.get("c1"), errors


@pytest.mark.parametrize("times", [0, 1, LOOKS - 1])
def test_it_is_looked_at_until_it_has_ended(container, times):
    seen, errors = container
    errors += [GOING] * times
    look(seen)
    assert (seen.status, errors) == ("exited", [])


def test_an_engine_that_goes_on_failing_is_heard(container):
    seen, errors = container
    errors += [GOING] * (LOOKS + 1)
    with pytest.raises(APIError, match="no such process"):
        look(seen)
    assert errors == [GOING]


def test_any_other_error_is_heard_at_once(container):
    seen, errors = container
    errors += ["no space left", GOING]
    with pytest.raises(APIError, match="no space left"):
        look(seen)
    assert errors == [GOING]
