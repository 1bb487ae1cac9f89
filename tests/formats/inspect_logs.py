"""Hand-written logs of Inspect's, for the tests of the importer."""

import io
import json
import zipfile

HEAD = {
    "version": 2,
    "status": "success",
    "eval": {"task": "ctf", "dataset": {}, "model": "maker/m", "created": "2025-11-03T21:39:51Z"},
}
TIMES = [f"2025-11-03T21:40:{second:02}+00:00" for second in range(60)]


def system(text, id="s"):
    return {"id": id, "role": "system", "content": text}


def user(text, id="u", **more):
    return {"id": id, "role": "user", "content": text, **more}


def assistant(text, id="a", *calls, **more):
    called = {"tool_calls": [dict(call) for call in calls]} if calls else {}
    return {"id": id, "role": "assistant", "content": text, **called, **more}


def call(id, **arguments):
    return {"id": id, "function": "bash", "arguments": arguments, "type": "function"}


def answer(text, id, called, **more):
    return {"id": id, "role": "tool", "content": text, "tool_call_id": called, "function": "bash",
            **more}  # fmt: skip


def model(second, inputs, output, **more):
    made = {"choices": [{"message": output, "stop_reason": "stop"}] if output else []}
    return {"event": "model", "timestamp": TIMES[second], "completed": TIMES[second + 1],
            "model": "maker/m", "input": inputs, "output": made, **more}  # fmt: skip


def tool(second, id, result, arguments=None, **more):
    return {"event": "tool", "timestamp": TIMES[second], "completed": TIMES[second + 1], "id": id,
            "function": "bash", "arguments": arguments or {}, "result": result, **more}  # fmt: skip


def ran(second, cmd, output="", code=0, **more):
    return {"event": "sandbox", "timestamp": TIMES[second], "action": "exec", "cmd": cmd,
            "result": code, "output": output, "uuid": f"x{second}", **more}  # fmt: skip


def sample(messages=(), events=(), id=1, epoch=1, **more):
    return {"id": id, "epoch": epoch, "input": "in", "target": "out", "messages": list(messages),
            "events": list(events), "attachments": {}, **more}  # fmt: skip


def log(*samples, **more):
    return json.dumps({**HEAD, "samples": list(samples), **more}).encode()


def archive(members, method=zipfile.ZIP_DEFLATED):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as file:
        for name, held in members.items():
            file.writestr(name, held if isinstance(held, bytes) else json.dumps(held))
    return packed.getvalue()
