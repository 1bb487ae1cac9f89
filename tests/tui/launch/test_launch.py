import pytest

from sandbox.engine.plan import Plan
from sandbox.scenario import load
from sandbox.tui.edit.page import EditPage
from sandbox.tui.launch.machine import Found
from sandbox.tui.launch.template_menu import TemplateMenu
from sandbox.tui.live.page import LivePage

LONELY = "title: Nobody\nagents:\n  ada: {}\n"
BROKEN = "title: Draft\nagents:\n  ada: {modle: local/qwen}\n"


def flash(stage) -> str:
    """What the flash line says."""
    line = stage.app.screen._flash
    return str(line.render()).strip() if line.display else ""


def words(stage) -> str:
    """All that the card holds, seen or scrolled away."""
    strips = []
    for part in (*stage.launch.card.query("Static"),):
        if part.display:
            strips += [part.render_line(y).text.strip() for y in range(part.size.height)]
    return " ".join(strips)


async def test_the_scenario_at_the_cursor_is_described(stage, size, ready):
    async with stage.at(size):
        await ready()
        short, long = "│ strangers 2a 12t ", "│ strangers 2 agents 12 turns "
        told = " ".join(stage.text.split())
        assert (short in told, long in told) == (size[0] == 120, size[0] == 80)
        await stage.resize(200 - size[0], 30)
        told = " ".join(stage.text.split())
        assert (short in told, long in told) == (size[0] == 80, size[0] == 120)
        for fact in (
            "Two strangers",
            "Who speaks of the door first?",
            "ada  scripted  talk",
            "lobby  everybody; anyone may enter",
            "round-robin",
            "after 12 turns or when all have left",
            "any tier; 512 MiB, 1 core, 128 processes",
            "ok schema",
            "ok scripted answers",
            "ok boxes  docker",
            "ok image  plain, built",
            "ok bus    nats, our own",
            "ok disk   41 GiB free",
            "estimate  no earlier run of this; at most 12 turns",
        ):
            assert fact in words(stage)
        assert "ready" in stage.rows[0]


async def test_what_a_run_lacks_stands_there_with_its_remedy_and_what_still_works(
    stage, size, ready
):
    stage.machine.found["boxes"] = Found("bad", "no Docker Engine answers", "Install and start it.")
    async with stage.at(size):
        await ready()
        assert (
            "x  boxes  no Docker Engine answers Install and start it."
            " A dry run (d), the editor and replay still work." in words(stage)
        )
        assert "not ready" in stage.rows[0]
        await ready("enter")
        assert flash(stage) == (
            "boxes: no Docker Engine answers. Enter again tries it all the same."
        )
        assert stage.app.screen is stage.launch
        await stage.press("enter")
        assert isinstance(stage.app.screen, LivePage)


async def test_warnings_stand_below_the_facts(stage, ready):
    stage.write("lonely.yaml", LONELY)
    async with stage.at((120, 36)):
        await ready()
        assert "lonely 1a 20t !" in " ".join(stage.text.split())
        assert "agents.ada: a scripted model without a script never says a word" in stage.card
        assert "ok schema, 1 warning" in stage.text


async def test_a_broken_file_says_where_and_cannot_be_run(stage, size, ready):
    stage.write("draft.yaml", BROKEN)
    async with stage.at(size):
        await ready()
        assert "draft line 3" in " ".join(stage.text.split())
        assert "scenarios/draft.yaml:3:9: unknown key 'modle' in agent 'ada'." in stage.card
        assert "Did you mean 'model'?" in stage.card
        await ready("enter")
        assert stage.app.screen is stage.launch
        assert flash(stage) == "This file cannot be run: what is wrong stands beside it."
        await stage.press("e")
        page = stage.app.screen
        assert isinstance(page, EditPage)
        assert page.area.cursor_location == (2, 0)


async def test_r_and_d_are_offered_where_they_apply(stage, ready):
    async with stage.at((120, 36)):
        await ready()
        keys = stage.rows[-1]
        assert "d Dry run" in keys
        assert "r Resume" not in keys


async def test_a_file_that_was_mended_can_be_read_again(stage, size, ready):
    stage.write("draft.yaml", BROKEN)
    async with stage.at(size):
        await ready()
        stage.write("draft.yaml", LONELY)
        await ready("R")
        assert "line 3" not in stage.text
        assert "Nobody" in stage.text


async def test_reading_again_keeps_the_cursor_on_its_file(stage, ready):
    async with stage.at((120, 36)):
        await ready()
        stage.write("a-new-one.yaml", LONELY)
        await ready("R")
        assert stage.launch.list.item.name == "strangers"


async def test_where_there_is_nothing_to_choose_it_says_how_to_begin(stage, size, ready):
    (stage.shelf / "strangers.yaml").unlink()
    async with stage.at(size):
        await ready("enter")
        assert "No scenarios here." in stage.text
        assert "n makes one from a template." in stage.text
        assert stage.app.screen is stage.launch


async def test_keys_that_move_in_the_list(stage, size, ready):
    stage.write("a.yaml", LONELY)
    stage.write("b.yaml", LONELY)
    async with stage.at(size):
        for key, name in (
            ("down", "b"),
            ("up", "a"),
            ("j", "b"),
            ("k", "a"),
            ("end", "strangers"),
            ("home", "a"),
            ("G", "strangers"),
            ("g", "a"),
        ):
            await ready(key)
            assert (key, stage.launch.list.item.name) == (key, name)
            assert f"scenarios/{name}.yaml" in stage.text


async def test_one_click_points_and_two_run(stage, size, ready):
    stage.write("a.yaml", LONELY)
    async with stage.at(size):
        await ready()
        await stage.pilot.click(stage.launch.list, offset=(5, 2))
        await ready()
        assert stage.launch.list.item.name == "strangers"
        assert "Two strangers" in stage.text
        await stage.pilot.click(stage.launch.list, offset=(5, 2), times=2)
        await stage.settle()
        assert isinstance(stage.app.screen, LivePage)


async def test_the_filter_narrows_the_list_and_esc_shows_it_all(stage, size, ready):
    stage.write("a.yaml", LONELY)
    async with stage.at(size):
        await ready("slash", *"nobo")
        assert "strangers  " not in stage.text
        assert stage.launch.list.item.name == "a"
        await ready("enter")
        assert stage.launch.list.has_focus
        await ready("slash", *"x")
        assert "Nothing here matches the filter." in stage.text
        await ready("escape")
        assert "strangers  " in stage.text


async def test_down_leads_from_the_filter_into_what_it_found(stage, ready):
    async with stage.at((120, 36)):
        await ready("slash", *"stra", "down")
        assert stage.launch.list.has_focus


@pytest.fixture
def plans(stage):
    """The plans that are played, and a stage where each is only noted."""
    seen: list[Plan] = []
    player = stage.player

    async def noting(plan, **rest):
        seen.append(plan)
        return await player(plan, **rest)

    stage.noting = noting
    return seen


async def test_enter_launches_from_either_pane(stage, size, ready, plans):
    async with stage.at(size, stage.noting):
        stage.launch.card.focus()
        await ready()
        await stage.press("enter")
        assert isinstance(stage.app.screen, LivePage)
        assert [(plan.scenario.title, plan.tier) for plan in plans] == [("Two strangers", None)]


async def test_a_dry_run_has_three_turns_and_a_folder_of_its_own(stage, size, ready, plans):
    async with stage.at(size, stage.noting):
        await ready("d")
        (plan,) = plans
        assert (plan.scenario.title, plan.scenario.limits.turns, plan.tier, str(plan.root)) == (
            "Two strangers (dry run)",
            3,
            "none",
            "transcripts/dry-runs",
        )


async def test_values_typed_in_place_are_those_of_the_run(stage, size, ready, plans):
    async with stage.at(size, stage.noting):
        await ready("o", *"400", "tab", *"7", "tab", *"docker", "tab", *"scripted/x", "tab", *"out")
        assert "at most 400 turns" in words(stage)
        assert "ok scripted/x answers" in words(stage)
        await ready("enter")
        assert stage.launch.list.has_focus
        await stage.press("enter")
        (plan,) = plans
        assert (
            plan.scenario.limits.turns,
            plan.scenario.seed,
            plan.tier,
            {spec.model for spec in plan.scenario.agents.values()},
            str(plan.root),
        ) == (400, 7, "docker", {"scripted/x"}, "out")


async def test_a_value_that_cannot_be_is_said_at_once_and_nothing_is_launched(stage, size, ready):
    async with stage.at(size):
        await ready("o", *"many")
        assert "turns: 'many' is no whole number." in words(stage)
        await ready("escape", "enter")
        assert stage.app.screen is stage.launch


async def test_e_opens_the_file_and_shift_d_a_copy(stage, size, ready):
    async with stage.at(size):
        await ready("e")
        assert str(stage.app.screen.path) == "scenarios/strangers.yaml"
        await stage.app.go("launch")
        await ready("D")
        assert str(stage.app.screen.path) == "scenarios/strangers-2.yaml"
        assert stage.app.screen.unsaved


async def test_n_offers_templates_and_opens_the_one_that_is_chosen(stage, size, ready):
    async with stage.at(size):
        await ready("n")
        assert isinstance(stage.app.screen, TemplateMenu)
        assert "two rooms" in stage.text
        await ready("escape")
        assert stage.app.screen is stage.launch
        await ready("n", "j", "k", "down", "enter")
        assert isinstance(stage.app.screen, EditPage)
        assert "Alone with a shell" in stage.text


async def test_tab_goes_to_the_card_and_to_its_fields(stage, size, ready):
    async with stage.at(size):
        await ready()
        assert stage.launch.list.has_focus
        await ready("tab")
        assert stage.launch.card.has_focus
        await ready("tab")
        assert stage.launch.card.form._fields["turns"].has_focus


async def test_a_long_prompt_and_a_crowd_are_folded(stage, size, ready):
    cast = "".join(f"  a{n}: {{script: [hi]}}\n" for n in range(60))
    about = "  word word word word word\n" * 3_000
    stage.write("crowd.yaml", f"title: Crowd\nabout: |\n{about}agents:\n{cast}")
    async with stage.at(size):
        await ready()
        assert "… and 48 more" in words(stage)
        assert stage.launch.card.virtual_size.height < 80


async def test_a_hostile_file_cannot_drive_the_screen(stage, size, ready):
    stage.write(
        "evil.yaml", 'title: "[red]x[/] ]52;"\nabout: "a\\e]0;b"\nagents: {ada: {script: [x]}}\n'
    )
    async with stage.at(size):
        await ready()
        assert "[red]x[/]" in stage.text
        assert "\x1b" not in stage.text


def test_the_shelf_is_whole(stage):
    assert load(stage.shelf / "strangers.yaml").title == "Two strangers"
