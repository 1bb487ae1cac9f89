from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.console.lines import MAX_TEXT, Line, Span
from sandbox.tui.text.packed import pack, unpack
from sandbox.tui.text.spool import Spool
from sandbox.tui.text.store import Store

BAR = Line(3, "ada", "output", (Span("a", "output"), Span("b")), (), 6, Span("│ ", "note"), seq=4)


def lines(*seqs):
    return [Line(0, "ada", "say", (Span(f"of {seq}"),), seq=seq) for seq in seqs]


def told(store):
    if store.last is None:
        return []
    return [store.line(number) for number in store.numbers(store.first << 10, store.last)]


def test_a_line_comes_back_as_it_was():
    assert unpack(pack(BAR)[0]) == BAR


def test_a_text_too_long_to_be_shown_is_cut():
    long = Line(0, "ada", "say", (Span("x" * 1_000_000, "speech"),))
    [span] = unpack(pack(long)[0]).body
    assert len(span.text) <= MAX_TEXT
    assert span.text.endswith("x … 934,564 more characters")


def test_a_lone_surrogate_and_a_nul_do_not_disturb_the_lines_beside_them():
    store = Store()
    store.append([Line(0, "ada", "say", (Span("\ud800 a\0b"),)), *lines(2)], 80)
    assert [line.text for line in told(store)] == ["\ud800 a\0b", "of 2"]
    assert store.texts(store.blocks[0]) == [b"? a\xe2\x90\x80b", b"of 2"]


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_store_holds_what_a_list_would(data):
    store, model = Store(), []
    for _ in range(data.draw(st.integers(1, 8))):
        first = model[0].seq if model else 5000
        last = model[-1].seq if model else 5000
        match data.draw(st.sampled_from(["append", "prepend", "truncate"])):
            case "append":
                new = lines(
                    *range(last + 1, last + 1 + data.draw(st.sampled_from([0, 1, 7, 1500])))
                )
                store.append(new, 80)
                model += new
            case "prepend":
                new = lines(*range(max(first - data.draw(st.sampled_from([1, 1100])), 1), first))
                store.prepend(new, 80)
                model[:0] = new
            case "truncate":
                seq = data.draw(st.integers(first - 2, last + 2))
                store.truncate(seq)
                model = [line for line in model if line.seq <= seq]
    assert len(store) == len(model)
    assert told(store) == model
    texts = [text for block in store.blocks for text in store.texts(block)]
    assert texts == [line.text.encode() for line in model]
    for wanted in (4000, 5001, 5800):
        number = store.at_seq(wanted)
        found = None if number is None else store.line(number).seq
        assert found == next((line.seq for line in model if line.seq >= wanted), None)


@given(st.lists(st.one_of(st.binary(max_size=90_000), st.integers(0, 200_000)), max_size=12))
@settings(max_examples=40, deadline=None)
def test_a_spool_holds_what_bytes_would(steps):
    spool, model = Spool(), b""
    for step in steps:
        if isinstance(step, bytes):
            spool.append(step)
            model += step
        else:
            model = model[:step]
            spool.truncate(len(model))
        assert len(spool) == len(model)
        middle = len(model) // 2
        assert spool.read(middle // 2, middle) == model[middle // 2 : middle]
        assert spool.read(0, len(model)) == model
    spool.close()


def test_on_a_disk_without_room_lines_stay_in_memory(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    spool = Spool()
    spool.append(b"x" * 100_000)
    spool.append(b"end")
    assert spool.read(99_998, 100_003) == b"xxend"
