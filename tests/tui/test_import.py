import subprocess
import sys


def loaded(statement):
    """Which of the heavy packages an import brings along."""
    code = f"{statement}; import sys; print(*sorted({{'textual', 'pydantic', 'rich'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    return done.stdout.split()


def test_the_package_costs_nothing_until_the_app_is_opened():
    assert loaded("import sandbox.tui") == []


def test_the_app_is_there_when_it_is_asked_for():
    from sandbox.tui import run_app

    assert run_app.__module__ == "sandbox.tui.run"


def test_the_engine_comes_after_the_first_paint():
    code = "import sandbox.tui.app, sys; print('sandbox.engine.play' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout == "False\n"
