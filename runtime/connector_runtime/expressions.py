"""Expressions: `{{ input.text }}`, a small closed language that computes values.

In: texts of a manifest and the names of their place. Out: values. Jinja parses; every node is then looked up in a table
of what the language has, and what is not in the table does not exist. What is in it becomes plain functions of ours:
nothing is compiled to Python, folded or looked up as an attribute, so there is nothing to escape from and nothing that
can grow. A plain path needs no parser at all.

Refused (ExpressionError): anything outside the language, a text longer than MAX_LENGTH or nested deeper than MAX_DEPTH.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final

from . import times
from .paths import ABSENT, EVERY, Every, Part, parse_path, reader

MAX_LENGTH: Final = 500
MAX_DEPTH: Final = 20

Path = tuple[Part, ...]
Names = Mapping[str, Any]
Evaluate = Callable[[Names], Any]
Later = Callable[[], Any]


class ExpressionError(ValueError):
    """An expression that is wrong, or that cannot be computed from what is there. `about`: the path it started from."""

    def __init__(self, message: str, about: Path = ()) -> None:
        super().__init__(message)
        self.about = about


@dataclass(frozen=True)
class Expression:
    """`text` as written; `reads` the paths it reads; `evaluate(names)` its value, or ABSENT."""

    text: str
    reads: tuple[Path, ...]
    evaluate: Evaluate


class Computed:
    """Data with expressions in its texts; parsed on first use (ExpressionError: one of them is wrong).

    `data` as written, `place` where it stands in its file.
    """

    def __init__(self, data: Any, place: Path = ()) -> None:
        self.data = data
        self.place = place

    @cached_property
    def _parsed(self) -> tuple[tuple[Path, ...], Evaluate]:
        reads: list[Path] = []
        evaluate = _compute(self.data, reads)
        return tuple(reads), evaluate

    @property
    def reads(self) -> tuple[Path, ...]:
        """The paths that its expressions read."""
        return self._parsed[0]

    @cached_property
    def evaluate(self) -> Evaluate:
        """Names → the data, or ABSENT."""
        return self._parsed[1]

    def given(self, known: Names, name: str) -> Evaluate:
        """`evaluate` where some names are `known` for good and another is sure to be an object: fields that read only
        what is known are worked out now, and those that are one place in the object are looked up and no more."""
        if not isinstance(self.data, dict):
            return lambda names: self.evaluate({**names, **known})
        fields = {key: Computed(value) for key, value in self.data.items()}
        settled = {key: it for key, it in fields.items() if it.reads and all(path[0] in known for path in it.reads)}
        done = {key: value for key, it in settled.items() if (value := it.evaluate(known)) is not ABSENT}
        plain = {key: it.reads[0][1] for key, it in fields.items() if it.data in _spellings(it.reads, name)}
        rest = Computed({key: value for key, value in self.data.items() if key not in {*settled, *plain}})

        def evaluate(names: Names) -> Any:
            whole = names[name]
            found = {key: whole[place] for key, place in plain.items() if place in whole}
            return found | rest.evaluate(names) | done if rest.data or done else found

        return evaluate


class LazyValue:
    """A name whose value is only worked out when an expression really needs it, and then once."""

    def __init__(self, work: Later) -> None:
        self._work = work
        self._done: list[Any] = []

    def value(self) -> Any:
        """The value."""
        if not self._done:
            self._done.append(self._work())
        return self._done[0]


def _spellings(reads: tuple[Path, ...], name: str) -> tuple[str, ...]:
    """How one place directly in an object is written, if that is all that is read."""
    places = [path[1] for path in reads if len(path) == 2 and path[0] == name]
    return (f"{{{{ {name}.{places[0]} }}}}", f"{{{{{name}.{places[0]}}}}}") if len(reads) == len(places) == 1 else ()


PLAIN = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*|\[(?:\d{1,6}|\*|'[^'\]]*')\])*", re.ASCII)
_WORDS = {"not", "and", "or", "in", "if", "else", "is", "true", "false", "none", "null"}


@lru_cache(maxsize=4096)
def parse_expression(text: str) -> Expression:
    """The expression of a text (without the braces)."""
    text = text.strip()
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"the expression is longer than {MAX_LENGTH} characters")
    if not text:
        raise ExpressionError("the expression is empty")
    if PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        path = parse_path(text)
        return Expression(text, (path,), _walker(path))
    reads: list[Path] = []
    evaluate = _node(tree_of(text), reads)
    return Expression(text, tuple(reads), evaluate)


def _walker(parts: Path) -> Evaluate:
    name, rest, read = str(parts[0]), parts[1:], reader(parts[1:])

    def evaluate(names: Names) -> Any:
        value = names.get(name, ABSENT)
        if type(value) is LazyValue:
            value = value.value()
        return read(value) if rest else value

    return evaluate


def tree_of(text: str) -> Any:
    """What Jinja's parser makes of an expression, not yet held to the language."""
    depth = 0
    for sign in re.findall(r"'[^']*'|\"[^\"]*\"|[\[\](){}]", text):
        depth += {"[": 1, "(": 1, "{": 1, "]": -1, ")": -1, "}": -1}.get(sign, 0)
        if depth > MAX_DEPTH:
            raise ExpressionError(f"the expression is nested more than {MAX_DEPTH} levels deep")
    from jinja2 import Environment, TemplateSyntaxError
    from jinja2.parser import Parser

    starred = re.sub(r"'[^']*'|\"[^\"]*\"|\[\*\]", lambda it: f"['{EVERY}']" if it[0] == "[*]" else it[0], text)
    try:
        parser = Parser(Environment(autoescape=True), starred, state="variable")
        node = parser.parse_expression()
        if not parser.stream.eos:
            word = str(parser.stream.current.value)
            before = text.partition(word)[0].rstrip("'\" ") if text.count(word) == 1 else ""
            where = f"behind '{before}'" if before else f"where it stands in '{text}'"
            raise _unreadable(text, f"'{word}' does not belong {where}")
    except TemplateSyntaxError as error:
        why = "something is missing at its end" if "end of" in str(error.message) else error.message
        raise _unreadable(text, f"'{text}' is not an expression: {why}") from None
    except SyntaxError:  # a number with digits of another script
        raise ExpressionError(f"'{text}' is not an expression") from None
    except RecursionError:
        raise ExpressionError("the expression is nested too deep") from None
    return node


_INSTEAD = {
    "||": "or",
    "&&": "and",
    "!": "not",
    "=": "== to compare",
    "===": "==",
    "!==": "!=",
    "<>": "!=",
    "?": "… if … else …",
}
_SIGN = re.compile(r"'[^']*'|\"[^\"]*\"|[!=]==|[<>!=]=|<>|\|\||&&|[!=?]")


def _unreadable(text: str, otherwise: str) -> ExpressionError:
    """What is wrong with a text that cannot be parsed: a sign that other languages have, or else what the parser says."""
    strange = next((sign for sign in _SIGN.findall(text) if sign in _INSTEAD), None)
    said = f"'{strange}' is not known in expressions; write {_INSTEAD[strange]}" if strange else otherwise
    return ExpressionError(said)


def _node(node: Any, reads: list[Path]) -> Evaluate:
    make = _NODES.get(type(node).__name__)
    if make is None:
        raise ExpressionError(_NOT_IN.get(type(node).__name__, "this is not part of the expression language"))
    evaluate: Evaluate = make(node, reads)
    return evaluate


def path_of(node: Any) -> Path:
    """The path that a name, and what hangs on it, spells."""
    parts: list[Part] = []
    while type(node).__name__ != "Name":
        kind = type(node).__name__
        if kind == "Getattr":
            parts.append(node.attr)
        elif kind == "Getitem" and type(node.arg).__name__ == "Const" and _is_part(node.arg.value):
            parts.append(Every(EVERY) if node.arg.value == EVERY else node.arg.value)
        elif kind == "Getitem":
            raise ExpressionError("only a number, a quoted name or * may stand in [ ]")
        else:
            raise ExpressionError("a path must start with a name; use a filter such as first on a computed value")
        node = node.node
    return (node.name, *reversed(parts))


def _reading(node: Any, reads: list[Path]) -> Evaluate:
    path = path_of(node)
    if path == ("null",):
        return lambda names: None
    reads.append(path)
    return _walker(path)


def _is_part(value: Any) -> bool:
    return isinstance(value, str) or (type(value) is int and 0 <= value < 1_000_000)


def _constant(node: Any, reads: list[Path]) -> Evaluate:
    value = node.value
    if not isinstance(value, str | int | float | bool | None) or not _is_json(value):
        raise ExpressionError("this is not part of the expression language")
    return lambda names: value


def _is_json(value: Any) -> bool:
    """Not infinity, and no half of a character, both of which Jinja lets a person write."""
    try:
        return bool(json.dumps(value, allow_nan=False, ensure_ascii=False).encode())
    except ValueError:
        return False


def _negative(node: Any, reads: list[Path]) -> Evaluate:
    number = getattr(node.node, "value", None)
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise ExpressionError("- may only stand before a number; the language does not calculate")
    return lambda names: -number


def _list(node: Any, reads: list[Path]) -> Evaluate:
    items = [_node(item, reads) for item in node.items]
    return lambda names: [value for item in items if (value := item(names)) is not ABSENT]


def _not(node: Any, reads: list[Path]) -> Evaluate:
    inner = _node(node.node, reads)
    return lambda names: not inner(names)


def _and(node: Any, reads: list[Path]) -> Evaluate:
    left, right = _node(node.left, reads), _node(node.right, reads)
    return lambda names: left(names) and right(names)


def _or(node: Any, reads: list[Path]) -> Evaluate:
    left, right = _node(node.left, reads), _node(node.right, reads)
    return lambda names: left(names) or right(names)


def _choice(node: Any, reads: list[Path]) -> Evaluate:
    test, yes = _node(node.test, reads), _node(node.expr1, reads)
    no = _node(node.expr2, reads) if node.expr2 is not None else lambda names: ABSENT
    return lambda names: yes(names) if test(names) else no(names)


def _comparison(node: Any, reads: list[Path]) -> Evaluate:
    if len(node.ops) != 1:
        raise ExpressionError("compare two things at a time, joined with and")
    compare = _COMPARISONS[node.ops[0].op]
    left, right = _node(node.expr, reads), _node(node.ops[0].expr, reads)
    return lambda names: compare(left(names), right(names))


def _filter(node: Any, reads: list[Path]) -> Evaluate:
    if node.name not in FILTERS:
        raise ExpressionError(f"'{node.name}' is not a filter; there are {', '.join(sorted(FILTERS))}")
    function, fewest, most = FILTERS[node.name]
    if node.node is None or node.kwargs or node.dyn_args or node.dyn_kwargs or not fewest <= len(node.args) <= most:
        many = str(most) if fewest == most else f"{fewest} or {most}"
        raise ExpressionError(f"the filter {node.name} takes {many} argument{'s' if most != 1 else ''}")
    start = len(reads)
    value, *arguments = [_node(each, reads) for each in (node.node, *node.args)]
    about = reads[start] if len(reads) > start else ()

    def evaluate(names: Names) -> Any:
        later = [lambda it=argument: it(names) for argument in arguments]
        try:
            return function(value(names), *later)
        except ExpressionError:
            raise
        except ValueError as error:
            raise ExpressionError(str(error), about) from None

    return evaluate


def _equal(left: Any, right: Any) -> bool:
    return bool(left == right and isinstance(left, bool) == isinstance(right, bool))


def _contains(item: Any, whole: Any) -> bool:
    if isinstance(whole, str):
        return isinstance(item, str) and item in whole
    if isinstance(whole, list):
        return any(_equal(item, each) for each in whole)
    if whole is ABSENT or whole is None:
        return False
    raise ExpressionError("in looks into a list or a text")


_ORDERS = {str: "text", int: "number", float: "number"}


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def checked(left: Any, right: Any) -> bool:
        kinds = {_ORDERS.get(type(left)), _ORDERS.get(type(right))}
        if len(kinds) == 1 and None not in kinds:
            return compare(left, right)
        raise ExpressionError("only two numbers or two texts have an order")

    return checked


_COMPARISONS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "eq": _equal,
    "ne": lambda left, right: not _equal(left, right),
    "lt": _ordered(lambda left, right: bool(left < right)),
    "lteq": _ordered(lambda left, right: bool(left <= right)),
    "gt": _ordered(lambda left, right: bool(left > right)),
    "gteq": _ordered(lambda left, right: bool(left >= right)),
    "in": _contains,
    "notin": lambda left, right: not _contains(left, right),
}

_NODES: Final[dict[str, Callable[[Any, list[Path]], Evaluate]]] = {
    "Name": _reading,
    "Getattr": _reading,
    "Getitem": _reading,
    "Const": _constant,
    "Neg": _negative,
    "List": _list,
    "Not": _not,
    "And": _and,
    "Or": _or,
    "CondExpr": _choice,
    "Compare": _comparison,
    "Filter": _filter,
}
"""Node of Jinja's parser → what it means. This is the whole language."""

_NOT_IN = {
    "Call": "nothing can be called; use a filter such as {{ value | first }}",
    "Add": "the language does not calculate",
    "Sub": "the language does not calculate (a name with - in it is written ['a-b'])",
    "Mul": "the language does not calculate",
    "Div": "the language does not calculate",
    "Pow": "the language does not calculate",
    "Mod": "the language does not calculate or format",
    "Concat": "~ is not part of the language; write the parts as text: {{ a }} {{ b }}",
    "Test": "is is not part of the language; an absent value counts as false",
}


def _text(value: Any, what: str) -> str:
    if isinstance(value, str):
        return value
    raise ValueError(f"{what} needs a text, and there is {_word(value)}")


def _word(value: Any) -> str:
    if value is ABSENT:
        return "none"
    kinds = {
        str: "a text",
        bool: "true or false",
        int: "a number",
        float: "a number",
        list: "a list",
        dict: "an object",
    }
    return kinds.get(type(value), "null")


def _utc(value: Any, zone: Later | None = None) -> Any:
    if value is ABSENT:
        return ABSENT
    text = _text(value, "utc")
    if times.parse_time(text).tzinfo is not None or zone is None:
        return times.to_utc(text, None)
    found = zone()
    return times.to_utc(text, _text(found, "utc") if found else None)


def _plus(value: Any, duration: Later) -> Any:
    return value if value is ABSENT else times.plus(_text(value, "plus"), _text(duration(), "plus"))


def _date(value: Any) -> Any:
    return value if value is ABSENT else times.to_utc(_text(value, "date"), None)[:10]


def _join(value: Any, separator: Later) -> Any:
    if not isinstance(value, list):
        return ABSENT if value is ABSENT else _text(value, "join")
    return _text(separator(), "join").join(_inside_text(item) for item in value if item is not None)


def _first(value: Any) -> Any:
    if isinstance(value, list):
        return value[0] if value else ABSENT
    return ABSENT if value is None else value


def _default(value: Any, other: Later) -> Any:
    return other() if value is ABSENT or value is None else value


def _common(value: Any, other: Later) -> Any:
    found = other()
    if any(each is not ABSENT and each is not None and not isinstance(each, list) for each in (value, found)):
        raise ValueError("common needs two lists")
    return [item for item in value or () if any(_equal(item, each) for each in found or ())]


def _length(value: Any) -> Any:
    if isinstance(value, list | str | dict):
        return len(value)
    raise ValueError(f"length needs a list, a text or an object, and there is {_word(value)}")


FILTERS: Final[dict[str, tuple[Callable[..., Any], int, int]]] = {
    "utc": (_utc, 0, 1),
    "plus": (_plus, 1, 1),
    "date": (_date, 0, 0),
    "join": (_join, 1, 1),
    "first": (_first, 0, 0),
    "default": (_default, 1, 1),
    "length": (_length, 0, 0),
    "common": (_common, 1, 1),
}
"""Filter → its function and the fewest and most arguments. Arguments come unevaluated: `utc` asks for its zone only
when the time has no offset, `default` for its value only when there is none."""

_BRACES = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)


def expressions_in(text: str) -> Iterator[Expression]:
    """The expressions in one text. ExpressionError: one of them is wrong, or braces are left open."""
    for match in _BRACES.finditer(text):
        yield parse_expression(match[1])
    rest = _BRACES.sub("", text)
    if "{{" in rest or "}}" in rest:
        if "}}" not in rest:
            raise ExpressionError("this {{ is not closed; write }} behind its expression")
        raise ExpressionError("{{ and }} must come in pairs, and not inside each other")
    if "{%" in rest or "{#" in rest:
        raise ExpressionError("only {{ expressions }} can stand in a text; there are no {% %} and {# #}")


def _compute(data: Any, reads: list[Path]) -> Evaluate:
    if isinstance(data, dict):
        fields = {key: _compute(value, reads) for key, value in data.items()}
        return lambda names: {key: it for key, field in fields.items() if (it := field(names)) is not ABSENT}
    if isinstance(data, list):
        items = [_compute(item, reads) for item in data]
        return lambda names: [it for item in items if (it := item(names)) is not ABSENT]
    if not isinstance(data, str) or ("{" not in data and "}}" not in data):
        return lambda names: data
    found = list(expressions_in(data))
    for expression in found:
        reads.extend(expression.reads)
    if not found:
        return lambda names: data
    if len(found) == 1 and _BRACES.fullmatch(data.strip()):
        return found[0].evaluate
    between = [part for number, part in enumerate(_BRACES.split(data)) if number % 2 == 0]
    return lambda names: _mixed(between, found, names)


def _mixed(between: list[str], found: list[Expression], names: Names) -> str:
    text = between[0]
    for expression, after in zip(found, between[1:], strict=True):
        value = expression.evaluate(names)
        if value is ABSENT:
            about = expression.reads[0] if expression.reads else ()
            raise ExpressionError(f"{{{{ {expression.text} }}}} is absent here; give it a default", about)
        text += _inside_text(value) + after
    return text


def _inside_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    raise ExpressionError(f"a text or a number is needed inside a text, and there is {_word(value)}")
