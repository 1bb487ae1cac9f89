"""Budgets: estimated before a turn, settled after each call, told at four fifths, never passed silently."""

from sandbox.models.gateway import Outcome


def spend(tokens, money=None):
    return Outcome(text="Words.", tokens_in=tokens - 10, tokens_out=10, money=money)


def ends(t):
    return [(e.kind, e.actor, e.data.get("reason") or e.data.get("detail")) for e in t.events][-1]


def test_a_run_ends_at_a_turn_boundary_before_its_tokens_are_passed(table):
    t = table({"ada": [spend(1000)] * 9, "bo": [spend(1000)] * 9}, limits={"tokens": 3050}).play()

    assert t.data("budget.warned") == [
        {
            "what": "tokens", "agent": None, "limit": 3050, "used": 3000,
            "detail": "the run has used 3000 tokens of 3050",
        }
    ]  # fmt: skip
    assert [e["detail"] for e in t.data("budget.spent")] == ["the run has used 3000 tokens of 3050"]
    assert t.data("run.ended")[0]["reason"] == "tokens"
    assert t.told()[-3:][0] == ("turn.ended", "ada", "spoke")


def test_what_the_next_call_will_need_is_estimated_from_what_would_be_sent(table):
    loose = table({"ada": [spend(1000)] * 9}, limits={"tokens": 3000, "turns": 3}).play()
    assert loose.data("run.ended")[0]["reason"] == "turns"

    agents = {"ada": {"persona": "x" * 9000}, "bo": {}}
    tight = table({"ada": [spend(1000)] * 9}, agents=agents, limits={"tokens": 3000, "turns": 3})
    assert tight.play().data("run.ended")[0]["reason"] == "tokens"


def test_the_first_call_is_always_made(table):
    t = table({"ada": [spend(500)]}, limits={"tokens": 10}).play()
    assert t.data("run.ended")[0]["reason"] == "tokens"
    assert t.told("say") == [("say", "ada", "Words.")]


def test_money_ends_the_run_where_prices_are_known(table):
    t = table(
        {"ada": [spend(20, 0.4)] * 9, "bo": [spend(20, 0.4)] * 9}, limits={"money": 1.0}
    ).play()

    assert [e["detail"] for e in t.data("budget.spent")] == ["the run has used 1.2 USD of 1"]
    assert t.data("run.ended")[0]["reason"] == "money"


def test_an_agent_that_has_used_up_its_budget_leaves_and_the_others_go_on(table):
    t = table(
        {"ada": [spend(100)] * 9, "bo": [spend(100)] * 9},
        agents={"ada": {"budget": {"tokens": 150}}, "bo": {}},
        limits={"turns": 5},
    ).play()

    assert t.told("agent.left", "say", "run.ended") == [
        ("say", "ada", "Words."),
        ("say", "bo", "Words."),
        ("agent.left", "ada", "its budget is spent"),
        ("say", "bo", "Words."),
        ("say", "bo", "Words."),
        ("say", "bo", "Words."),
        ("run.ended", "engine", "turns"),
    ]


def test_a_bidder_without_means_ends_its_turn_and_leaves(table):
    t = table(
        {"ada": [spend(100)] * 3},
        agents={"ada": {"budget": {"tokens": 150}}, "bo": {}},
        order={"kind": "volunteer"},
        limits={"turns": 3},
    ).play()

    assert t.told("turn.ended", "agent.left") == [
        ("turn.ended", "ada", "spoke"),
        ("turn.ended", "engine", "budget"),
        ("agent.left", "ada", "its budget is spent"),
        ("turn.ended", "engine", "silence"),
    ]
