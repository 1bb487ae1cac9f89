"""Every widget that shows somebody's text: how one is made, and how it is fed with a text."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from textual.geometry import Offset
from textual.widget import Widget

from sandbox.clock import ManualClock
from sandbox.console.fields import clause
from sandbox.console.lines import Line, Span
from sandbox.console.neutral import neutralise
from sandbox.detect.folding import row as flag_row
from sandbox.engine.state import State
from sandbox.models.human import Prompt
from sandbox.scenario.findings import Finding
from sandbox.transcript.event import Event
from sandbox.transcript.notes import Note
from sandbox.transcript.replay_log import ListLog
from sandbox.transcript.runs import RunInfo
from sandbox.tui.edit.bar import Bar
from sandbox.tui.edit.beside import Beside
from sandbox.tui.edit.completion import Completion, Option
from sandbox.tui.edit.completion_list import CompletionList
from sandbox.tui.edit.key_help import KeyHelp
from sandbox.tui.edit.problem_list import ProblemList
from sandbox.tui.edit.yaml_area import YamlArea
from sandbox.tui.flags.card import FlagCard
from sandbox.tui.flags.flag_row import flag_spans
from sandbox.tui.flags.noticed import Noticed
from sandbox.tui.flags.run_score import RunScore
from sandbox.tui.flags.trial import Trial
from sandbox.tui.flags.trial_pane import TrialPane
from sandbox.tui.flags.whole import Quote, Whole
from sandbox.tui.flash import Flash
from sandbox.tui.heading import Heading
from sandbox.tui.inspector.panes import Panes, TurnText, titled
from sandbox.tui.launch.card import Card
from sandbox.tui.launch.earlier import RecentRun
from sandbox.tui.launch.launch_list import LaunchList
from sandbox.tui.launch.override_form import OverrideForm
from sandbox.tui.launch.shelf import Entry
from sandbox.tui.live.agent_pane import AgentPane as LiveAgentPane
from sandbox.tui.live.banner import Banner
from sandbox.tui.live.held import HeldList
from sandbox.tui.live.lobby import Lobby
from sandbox.tui.live.looking import RoomTranscript
from sandbox.tui.live.outcome import Outcome
from sandbox.tui.live.runs_list import Live, RunsList
from sandbox.tui.live.seat import Seat
from sandbox.tui.live.speech import Speech
from sandbox.tui.live.status_line import StatusLine
from sandbox.tui.quit_bar import QuitBar, about_text
from sandbox.tui.replay.agent_pane import AgentPane as ReplayAgentPane
from sandbox.tui.replay.ask_bar import AskBar, ChoiceBar
from sandbox.tui.replay.room import ReplayRoom
from sandbox.tui.room.roster import Roster
from sandbox.tui.room.score import Score
from sandbox.tui.room.score_model import ScoreModel
from sandbox.tui.runs.row_list import RowList
from sandbox.tui.runs.run_card import RunCard
from sandbox.tui.runs.run_row import run_spans
from sandbox.tui.runs.shelf import Row
from sandbox.tui.text.transcript import Transcript


@dataclass(frozen=True)
class Fed:
    """A class, and one of it fed with a text that is no longer than a name, or of any length."""

    kind: type[Widget]
    feed: Callable[[Widget, str], None]
    make: Callable[[str], Widget] | None = None

    def widget(self, text: str) -> Widget:
        return self.kind() if self.make is None else self.make(text)


def started(text):
    agents = {text[:200]: {"model": text[:200]}, "ada": {"model": "scripted/"}}
    rooms = {text[:200]: {"members": ["ada"], "enter": "anyone"}}
    return Event(1, "run.started", "engine", {"title": text, "agents": agents, "rooms": rooms})


def said(text):
    return Event(2, "say", "ada", {"text": text, "to": text[:200]}, text[:200])


def row(text):
    return (Span(neutralise(text, newlines=False)[:500], ""),)


def finding(text):
    return Finding(1, 1, 2, True, text[:2000], text[:2000], file=text[:100])


def info(text, end="word"):
    return RunInfo(
        text[:100], Path(text[:100]), text, text[:30], 3, (text[:50],), end, 9, 9, text[:50]
    )


def flagged(text):
    data = {
        "title": text,
        "what": text,
        "technique": text,
        "level": "claimed",
        "to": text,
        "agent": text,
    }
    flag = flag_row(Event(5, "flag", "watch", {"id": text, "evidence": [1], **data}), 1)
    return Noticed(
        Path(text[:100]),
        flag,
        Note(id="n", seq=5, text=text, author=text[:200], at=text[:30], verdict="real"),
    )


def feed_heading(heading, text):
    heading.say(text)
    heading.state(text, "bad")


def feed_transcript(widget, text):
    shown = Span(neutralise(text), "speech")
    widget.append([Line(1, clause(text), "say", (shown,), (shown,), 6, seq=1)] * 3)
    widget.find(text[:50])
    widget.filter([text[:50], "-nothing"])
    widget.filter([])


def feed_roster(roster, text):
    roster.take(started(text))
    roster.tick()
    roster.point(text[:200])


def feed_score(score, text):
    score.model.take(started(text))
    score.model.take(said(text))
    score.tick()


def feed_problems(problems, text):
    problems.show([finding(text)])


def feed_beside(beside, text):
    beside.difference(text[:5000], "here")
    beside.explain(KeyHelp(text[:200], text[:200], text[:2000]))


def feed_completions(completions, text):
    option = Option(text[:200], text[:200], text[:200])
    completions.open(Completion(0, "", (option, option)), Offset(1, 1))


def feed_area(area, text):
    area.show(text[:5000].encode(errors="replace").decode())  # a file that is no UTF-8 is refused
    area.mark([Finding(1, 1, 2, True, text[:2000], text[:2000])])


def feed_bar(bar, text):
    bar.ask("a question", text[:200], {"y": text[:40]})


def feed_ask_bar(bar, text):
    bar.ask(text[:60], print, hint=text[:60], value=text[:60])


def feed_choice_bar(bar, text):
    bar.offer(text[:60], {"a": text[:60], "b": "other"}, print)


def feed_replay_agent(pane, text):
    pane.show("ada", State(), ListLog([started(text), said(text)]), 2)


def feed_trial(pane, text):
    pane.detector, pane.display = text, True
    pane.show(Trial(text, 1, problem=text))


def feed_card(card, text):
    flag = flagged(text)
    quote = Quote(1, clause(text), tuple(neutralise(text)[:300].splitlines()))
    whole = Whole(
        flag.folder, 5, flag.row, ((clause(text)[:20], clause(text)),), clause(text), (quote,)
    )
    card.show(flag, whole, (flag.row,))
    card.show(flag, Whole(flag.folder, 5, None, fault=text))


def feed_runs(runs, text):
    runs.fill([Live(text[:100], text, text[:200])])


def feed_speech(speech, text):
    speech.hear(text[:200], text)
    speech.tick()


def feed_seat(seat, text):
    seat.asking_task = asyncio.ensure_future(
        seat(Prompt(text[:100], 1, "act", (text,), (), 9.0, text))
    )


def feed_held(held, text):
    wanted = {"agent": text, "room": text, "words": text}
    held.display = True
    held.show(State(held={1: said(text)}, holds={1: wanted}))


def feed_live_agent(pane, text):
    pane.show(text, [row(text)], [neutralise(text)[:300]], [row(text)])


def feed_run_card(card, text):
    card.show(Row(text[:100], Path(text[:100]), 9, info(text), 1))


def feed_list(each, text):
    each.fill("last runs", [RecentRun(info(text))], 0.0)
    each.fill("own", [Entry(Path(text[:100]), error=text)], 0.0)


def feed_launch_card(card, text):
    card.show(RecentRun(info(text)))
    card.estimate("1 s")
    card.show(Entry(Path(text[:100]), error=text))


def feed_form(form, text):
    form.offer(("turns",), {"turns": clause(text)[:20]})
    form.complain(text)


def feed_panes(panes, text):
    panes.show_box([row(text)])
    titled(panes.sent, text, text)
    feed_transcript(panes.sent, text)


def rows_of(text):
    """Both kinds of rows in one list, however narrow."""
    run, flag = Row(text[:100], Path(text[:100]), 9, info(text), 1), flagged(text)
    return RowList(lambda item, width: [*run_spans(run, width // 2), *flag_spans(flag, width // 2)])


FED = [
    Fed(Heading, feed_heading, lambda text: Heading("live")),
    Fed(Flash, lambda flash, text: flash.say(text, "bad")),
    Fed(Outcome, lambda outcome, text: outcome.failed(text)),
    Fed(Outcome, lambda outcome, text: outcome.lost(text, 1)),
    Fed(Transcript, feed_transcript),
    Fed(TurnText, feed_transcript),
    Fed(RoomTranscript, feed_transcript),
    Fed(Roster, feed_roster, lambda text: Roster(ScoreModel())),
    Fed(Score, feed_score, lambda text: Score(ScoreModel())),
    Fed(RunScore, feed_score),
    Fed(ProblemList, feed_problems),
    Fed(Beside, feed_beside),
    Fed(Beside, lambda beside, text: beside.refuse(text)),
    Fed(CompletionList, feed_completions),
    Fed(YamlArea, feed_area),
    Fed(Bar, feed_bar),
    Fed(AskBar, feed_ask_bar),
    Fed(ChoiceBar, feed_choice_bar),
    Fed(QuitBar, lambda bar, text: None, lambda text: about_text(text, None)),
    Fed(ReplayAgentPane, feed_replay_agent),
    Fed(ReplayRoom, lambda room, text: room.say(text)),
    Fed(TrialPane, feed_trial),
    Fed(FlagCard, feed_card),
    Fed(RowList, lambda rows, text: rows.fill([text]), rows_of),
    Fed(RunsList, feed_runs),
    Fed(Lobby, lambda lobby, text: None, lambda text: Lobby(lambda: [Live(text[:100], text, text[:99])])),
    Fed(Speech, feed_speech),
    Fed(Seat, feed_seat, lambda text: Seat(print, ManualClock())),
    Fed(HeldList, feed_held),
    Fed(Banner, lambda banner, text: banner.say(text), lambda text: Banner("paused")),
    Fed(StatusLine, lambda line, text: line.facts(row(text))),
    Fed(LiveAgentPane, feed_live_agent),
    Fed(RunCard, feed_run_card),
    Fed(LaunchList, feed_list),
    Fed(Card, feed_launch_card),
    Fed(OverrideForm, feed_form),
    Fed(Panes, feed_panes),
]  # fmt: skip
