"""Follows Python without running it: constants are folded, calls that reach outside become facts."""

from __future__ import annotations

import ast
import builtins
import warnings
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final, TypeAlias

from sandbox.detect.escape.facts import Seek, Touch
from sandbox.detect.escape.python_effects import effect
from sandbox.detect.escape.python_values import UNSURE, Dotted, Value, as_string, called, method
from sandbox.detect.escape.unknown import UNKNOWN

if TYPE_CHECKING:
    from sandbox.detect.escape.shell import Shell

__all__ = ["follow_python", "parse_python"]

_DEPTH: Final = 60
_LONGEST: Final = 200_000


def parse_python(code: str) -> ast.Module | None:
    """Parse code; None if it is no Python."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what the code spells oddly is no concern of ours
        try:
            return ast.parse(code.strip().replace("\x00", ""))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def follow_python(code: str, shell: Shell, stdin: str = "", args: Sequence[str] = ()) -> str | None:
    """Follow a module that is given ``args``; what it prints, or None if it is no Python."""
    tree = parse_python(code)
    if tree is None:
        return None
    reader = _Reader(shell, stdin, args)
    with suppress(RecursionError):  # what was found before stands
        reader.body(tree.body)
    _note_sought(tree, shell)
    return "".join(reader.printed)


def _note_sought(tree: ast.Module, shell: Shell) -> None:
    """Short words in code that reads what tells about the process: it looks for them there."""
    places = [
        fact.path
        for fact in shell.facts
        if isinstance(fact, Touch) and fact.path.endswith("/status")
    ]
    if places:
        words = [
            n.value
            for n in ast.walk(tree)
            if isinstance(n, ast.Constant) and isinstance(n.value, str)
        ]
        for word in words[:64]:
            if len(word) < 40:
                shell.facts.add(Seek(places[0], word))
    if any(isinstance(n, ast.Attribute) and n.attr == "environ" for n in ast.walk(tree)):
        for word in _compared(tree)[:64]:
            shell.facts.add(Seek("env", word))


def _compared(tree: ast.Module) -> list[str]:
    """The short words that something is compared with, or searched for."""
    found: list[ast.expr] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In):
            found.append(node.left)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in ("startswith", "endswith", "search", "match", "findall"):
                found += node.args[:1]
        elif isinstance(node, ast.comprehension):
            found += node.iter.elts if isinstance(node.iter, ast.Tuple | ast.List) else []
    return [
        each.value
        for each in found
        if isinstance(each, ast.Constant) and isinstance(each.value, str) and len(each.value) < 80
    ]


_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_TURNS: Final = (32, 8, 2)
"""Values of a loop that are followed: in the outermost one, in one inside of it, and so on."""


class _Reader:
    def __init__(self, shell: Shell, stdin: str, args: Sequence[str]) -> None:
        self._shell = shell
        self._given: list[Value] = ["-c", *args]
        self._names: dict[str, Value] = {}
        self._depth = 0
        self._stdin = stdin
        self._loops = 0
        self._called = 0
        self._functions: dict[str, _Function] = {}
        self._everything_of = ""
        self.printed: list[str] = []

    def body(self, statements: Iterable[ast.stmt]) -> None:
        """Follow statements in order."""
        for statement in statements:
            self._shell.budget.step()
            self._statement(statement)

    def _statement(self, node: ast.stmt) -> None:  # noqa: C901, PLR0912  # one branch for each kind of statement
        match node:
            case ast.Import():
                for alias in node.names:
                    self._names[alias.asname or alias.name.partition(".")[0]] = Dotted(
                        alias.name if alias.asname else alias.name.partition(".")[0]
                    )
            case ast.ImportFrom():
                for alias in node.names:
                    if alias.name == "*":
                        self._everything_of = node.module or ""
                    self._names[alias.asname or alias.name] = Dotted(
                        f"{node.module or ''}.{alias.name}"
                    )
            case ast.Assign():
                value = self._value(node.value)
                for target in node.targets:
                    self._bind(target, value)
            case ast.AnnAssign() if node.value is not None:
                self._bind(node.target, self._value(node.value))
            case ast.AugAssign():
                self._bind(
                    node.target, self._value(ast.BinOp(_loaded(node.target), node.op, node.value))
                )
            case ast.For() | ast.AsyncFor():
                self._loop(node)
                self.body(node.orelse)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._functions[node.name] = node
                self._inside(node)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    value = self._value(item.context_expr)
                    if item.optional_vars is not None:
                        self._bind(item.optional_vars, value)
                self.body(node.body)
            case _:
                self._inside(node)

    def _inside(self, node: ast.AST) -> None:
        self._depth += 1
        if self._depth <= _DEPTH:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.stmt):
                    self._statement(child)
                elif isinstance(child, ast.expr):
                    self._value(child)
                else:
                    self._inside(child)
        self._depth -= 1

    def _bind(self, target: ast.expr, value: Value) -> None:
        if isinstance(target, ast.Name):
            self._names[target.id] = value
        elif isinstance(target, ast.Tuple | ast.List):
            values = value if isinstance(value, list) else []
            for at, each in enumerate(target.elts):
                self._bind(each, values[at] if at < len(values) else UNSURE)
        else:
            self._value(_loaded(target))

    def _loop(self, node: ast.For | ast.AsyncFor) -> None:
        values = self._value(node.iter)
        turns = _TURNS[self._loops] if self._loops < len(_TURNS) else 1
        known = values[:turns] if isinstance(values, list) else []
        self._loops += 1
        for value in known or [UNSURE]:
            if known:
                self._bind(node.target, value)
            else:
                self._each(node.target, values)
            self.body(node.body)
        self._loops -= 1

    def _applied(self, function: _Function, args: list[Value], named: dict[str, Value]) -> Value:
        """Follow a function's body with these arguments."""
        if self._called >= 4:
            return UNSURE
        self._called += 1
        kept = dict(self._names)
        for place, parameter in enumerate(function.args.args):
            given = args[place] if place < len(args) else UNSURE
            self._names[parameter.arg] = named.get(parameter.arg, given)
        try:
            if isinstance(function, ast.Lambda):
                return self._value(function.body)
            self.body(function.body)
            return UNSURE
        finally:
            self._names = kept
            self._called -= 1

    def _each(self, target: ast.expr, values: Value) -> None:
        """Bind a loop's name; the first value stands for all."""
        if isinstance(values, Dotted) and values.name.startswith("sys.stdin") and values.of:
            self._bind(target, values.of)
        elif isinstance(values, str | bytes | list) and values:
            self._bind(target, values[0])
        else:
            self._bind(target, UNSURE)

    def _value(self, node: ast.expr) -> Value:
        self._shell.budget.step()
        self._depth += 1
        try:
            return UNSURE if self._depth > _DEPTH else self._known(node)
        finally:
            self._depth -= 1

    def _known(self, node: ast.expr) -> Value:  # noqa: C901, PLR0912  # one branch for each kind of expression
        match node:
            case ast.Constant():
                return node.value if isinstance(node.value, str | bytes | int) else UNSURE
            case ast.Name():
                return self._surroundings(self._names.get(node.id, self._unbound(node.id)))
            case ast.Attribute():
                return self._attribute(node)
            case ast.Call():
                return self._call(node)
            case ast.BinOp():
                return _operated(self._value(node.left), node.op, self._value(node.right))
            case ast.UnaryOp():
                value = self._value(node.operand)
                return (
                    -value if isinstance(node.op, ast.USub) and isinstance(value, int) else UNSURE
                )
            case ast.JoinedStr():
                return "".join(as_string(self._value(part)) for part in node.values)[:_LONGEST]
            case ast.FormattedValue():
                return as_string(self._value(node.value))
            case ast.List() | ast.Tuple() | ast.Set():
                return [self._value(each) for each in node.elts[:5_000]]
            case ast.Dict():
                return {
                    as_string(self._value(key)) if key is not None else "": self._value(value)
                    for key, value in zip(node.keys, node.values, strict=True)
                }
            case ast.Subscript():
                return self._subscript(node)
            case ast.NamedExpr():
                value = self._value(node.value)
                self._bind(node.target, value)
                return value
            case ast.ListComp() | ast.GeneratorExp() | ast.SetComp():
                return self._comprehension(node)
            case ast.Lambda():
                self._value(node.body)
                return UNSURE
            case ast.IfExp():
                self._value(node.test)
                first, other = self._value(node.body), self._value(node.orelse)
                return other if first is UNSURE else first
            case ast.BoolOp():
                return [self._value(each) for each in node.values][-1]
            case ast.Await() | ast.Starred():
                return self._value(node.value)
            case _:
                self._inside(node)
                return UNSURE

    def _attribute(self, node: ast.Attribute) -> Value:
        value = self._value(node.value)
        if isinstance(value, Dotted):
            return self._surroundings(Dotted(f"{value.name}.{node.attr}", value.of))
        return UNSURE

    def _surroundings(self, value: Value) -> Value:
        """What a program is given: its arguments, and the lines of its input."""
        if isinstance(value, Dotted):
            if value.name == "sys.argv":
                return list(self._given)
            if value.name in ("sys.stdin", "sys.stdin.buffer") and self._stdin not in ("", UNKNOWN):
                return Dotted(value.name, self._stdin)
        return value

    def _unbound(self, name: str) -> Value:
        """A name that nothing has bound: of Python's own, or of a module that was taken in whole."""
        if self._everything_of and not hasattr(builtins, name):
            return Dotted(f"{self._everything_of}.{name}")
        return Dotted(name)

    def _variable(self, name: str) -> Value:
        values = self._shell.variables.get(name)
        return values[0] if values else UNSURE

    def _subscript(self, node: ast.Subscript) -> Value:
        value = self._value(node.value)
        if isinstance(node.slice, ast.Slice):
            parts = (node.slice.lower, node.slice.upper, node.slice.step)
            known = [None if part is None else self._value(part) for part in parts]
            bounds = [b for b in known if b is None or isinstance(b, int)]
            if isinstance(value, str | bytes | list) and len(bounds) == 3 and bounds[2] != 0:
                return value[bounds[0] : bounds[1] : bounds[2]]
            return UNSURE
        index = self._value(node.slice)
        if isinstance(value, str | bytes | list) and isinstance(index, int):
            return value[index] if -len(value) <= index < len(value) else UNSURE
        if isinstance(value, dict):
            return value.get(as_string(index), UNSURE)
        if isinstance(value, Dotted) and value.name in ("os.environ", "os.environb"):
            return self._variable(as_string(index))
        if isinstance(value, Dotted) and isinstance(index, str):
            return Dotted(f"{value.name.removesuffix('.__dict__')}.{index}", value.of)
        return UNSURE

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp | ast.SetComp) -> Value:
        first = node.generators[0]
        values = self._value(first.iter)
        if (
            len(node.generators) == 1
            and isinstance(values, str | bytes | list)
            and len(values) <= 4_000
        ):
            found: list[Value] = []
            for value in values:
                self._bind(first.target, value)
                for condition in first.ifs:
                    self._value(condition)
                found.append(self._value(node.elt))
            if values:
                return found
        for generator in node.generators:
            self._each(generator.target, self._value(generator.iter))
            for condition in generator.ifs:
                self._value(condition)
        self._value(node.elt)
        return UNSURE

    def _call(self, node: ast.Call) -> Value:
        args = [self._value(arg) for arg in node.args[:200]]
        named = {word.arg: self._value(word.value) for word in node.keywords[:50] if word.arg}
        if isinstance(node.func, ast.Attribute):
            owner = self._value(node.func.value)
            if isinstance(owner, str | bytes):
                return method(owner, node.func.attr, args)
            if not isinstance(owner, Dotted):
                owner = Dotted("?")
            function: Value = Dotted(f"{owner.name}.{node.func.attr}", owner.of)
        elif isinstance(node.func, ast.Lambda):
            return self._applied(node.func, args, named)
        else:
            function = self._value(node.func)
        first = node.args[0] if node.args else None
        if (
            isinstance(first, ast.Lambda) and len(args) == 2 and isinstance(args[1], list)
        ):  # map, filter
            return [self._applied(first, [value], {}) for value in args[1][:32]]
        if isinstance(node.func, ast.Name) and node.func.id in self._functions:
            return self._applied(self._functions[node.func.id], args, named)
        if not isinstance(function, Dotted):
            return UNSURE
        return self._invoked(function, args, named)

    def _invoked(self, function: Dotted, args: list[Value], named: dict[str, Value]) -> Value:
        name = function.name.removeprefix("builtins.").removeprefix("__builtins__.")
        match name:
            case "__import__" | "importlib.import_module" if args:
                return Dotted(as_string(args[0]))
            case "getattr" if len(args) >= 2 and isinstance(args[0], Dotted):
                return Dotted(f"{args[0].name}.{as_string(args[1])}", args[0].of)
            case "map" if (
                len(args) == 2
                and isinstance(args[0], Dotted)
                and isinstance(args[1], str | bytes | list)
            ):
                function = args[0]
                return [self._invoked(function, [value], {}) for value in list(args[1])[:4_000]]
            case "exec" | "eval" | "compile" | "runpy.run_path" if args:
                if isinstance(args[0], Dotted):
                    return args[0]
                self._run(as_string(args[0]))
                return args[0]
            case "print" | "sys.stdout.write" | "sys.stdout.buffer.write":
                self.printed.append(
                    " ".join(map(as_string, args)) + ("\n" if name == "print" else "")
                )
                return UNSURE
            case "sys.stdin.read" | "sys.stdin.buffer.read" | "sys.stdin.readline" | "input":
                return self._stdin or UNSURE
            case "sys.stdin.readlines" | "fileinput.input":
                return [*self._stdin.splitlines()[:64]] or UNSURE
            case "os.getenv" | "os.environ.get" | "os.environ.pop" | "os.getenvb" if args:
                known = self._variable(as_string(args[0]))
                return known if known is not UNSURE or len(args) < 2 else args[1]
        value = called(name, args)
        if value is not UNSURE:
            return value
        return effect(name, function.of, args, named, self._shell)

    def _run(self, code: str) -> None:
        if self._shell.budget.depth > 10:
            return
        tree = parse_python(code[:_LONGEST])
        if tree is not None:
            self._shell.budget.depth += 1
            try:
                self.body(tree.body)
            finally:
                self._shell.budget.depth -= 1


def _loaded(node: ast.expr) -> ast.expr:
    if isinstance(node, ast.Name):
        return ast.Name(node.id, ast.Load())
    return node


def _operated(left: Value, operator: ast.operator, right: Value) -> Value:
    if isinstance(operator, ast.Add):
        if isinstance(left, str) or isinstance(right, str):
            return (as_string(left) + as_string(right))[:_LONGEST]
        if isinstance(left, bytes) and isinstance(right, bytes):
            return (left + right)[:_LONGEST]
        if isinstance(left, list) and isinstance(right, list):
            return (left + right)[:5_000]
    if isinstance(operator, ast.Mod) and isinstance(left, str):
        text = left
        for value in right if isinstance(right, list) else [right]:
            for mark in ("%s", "%d", "%r", "%c"):
                if mark in text:
                    text = text.replace(mark, as_string(value), 1)
                    break
        return text
    if isinstance(operator, ast.Mult) and isinstance(left, str | bytes) and isinstance(right, int):
        return left * right if 0 <= right * len(left) <= 10_000 else UNSURE
    if isinstance(operator, ast.Div) and isinstance(left, Dotted) and left.of:
        return Dotted(left.name, f"{left.of}/{as_string(right)}")
    if isinstance(left, int) and isinstance(right, int):
        return _sum(left, operator, right)
    return UNSURE


def _sum(left: int, operator: ast.operator, right: int) -> Value:
    if max(abs(left), abs(right)) > 1 << 40:
        return UNSURE
    match operator:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.BitXor():
            return left ^ right
        case ast.BitOr():
            return left | right
        case ast.FloorDiv() if right:
            return left // right
        case ast.Mod() if right:
            return left % right
        case _:
            return UNSURE
