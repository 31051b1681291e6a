"""JSON Schemas: the shape an input must have, the shape an output may have, and what is wrong in words.

In: schemas without `$ref` outside themselves (see `references`), and values. Out: `Violation`s, one sentence each, all
at once, one per cause. jsonschema decides and explains; where jsonschema-rs is installed it answers "is it valid?",
which is what nearly every call asks, about a hundred times faster.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from .enforced import kinds_of, map_schemas
from .formats import FORMATS, fits_pattern
from .messages import MAX_DEPTH
from .paths import Part, spell
from .words import close_like

Schema = Mapping[str, Any]

TYPES = {
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
}
_PATTERNS = {r"\S": "must not be blank", r"^\S+$": "must not be empty or contain spaces"}


@dataclass(frozen=True)
class Violation:
    """One thing that does not fit: where, which keyword refused it, what is wrong, and what to do.

    `key` says that the key at `place` is meant rather than its value. `meant` is the known key or value that the person
    probably had in mind.
    """

    place: tuple[Part, ...]
    keyword: str
    message: str
    hint: str = ""
    key: bool = False
    meant: str | None = None

    @property
    def sentence(self) -> str:
        """Message and hint as one sentence."""
        text = f"{self.message}; {self.hint}" if self.hint else self.message
        return text if text.endswith(("?", ".")) else f"{text}."


class Validator:
    """A schema, ready to judge. Compiled on first use: most of a connector's schemas are not needed in most runs."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema

    @cached_property
    def _fast(self) -> Any:
        try:
            import jsonschema_rs
        except ImportError:
            return None
        formats = {name: check for name, (check, _) in FORMATS.items()}
        try:
            return jsonschema_rs.validator_for(dict(self.schema), formats=formats, validate_formats=True)
        except ValueError:  # a pattern that only Python knows
            return None

    @cached_property
    def _slow(self) -> Any:
        from jsonschema import Draft202012Validator, FormatChecker
        from jsonschema.validators import extend

        checker = FormatChecker(formats=())
        for name, (check, _) in FORMATS.items():
            checker.checks(name)(check)
        ours = extend(Draft202012Validator, {"pattern": _fit_pattern, "propertyNames": _fit_names})  # type: ignore[no-untyped-call]
        return ours(_with_secrets(self.schema), format_checker=checker)

    def is_valid(self, value: Any) -> bool:
        """Whether the value is JSON and fits."""
        fast = self._fast
        if fast is not None and _is_plain(value):
            try:
                return fast.is_valid(value)  # type: ignore[no-any-return]
            except ValueError:  # half a character, which JSON can spell and no text can hold
                pass
        return not self.violations(value)

    def misfit(self, value: Any) -> str:
        """What is wrong first with a value that was JSON a moment ago, in words; empty where it fits."""
        fast = self._fast
        try:
            if fast is not None and fast.is_valid(value):
                return ""
        except ValueError:  # half a character
            pass
        violations = self.violations(value)
        if not violations:
            return ""
        first = violations[0]
        return f"{spell(first.place)}: {first.message}" if first.place else first.message

    def violations(self, value: Any) -> list[Violation]:
        """All that is wrong, in the order of the places; empty where the value fits."""
        found = list(not_json(value)) or list(_explain(self._slow.iter_errors(value)))
        meant = {(*violation.place[:-1], violation.meant) for violation in found if violation.key}
        kept = [it for it in found if it.keyword != "required" or it.place not in meant]
        return sorted(dict.fromkeys(kept), key=lambda it: [(isinstance(part, str), part) for part in it.place])


def with_defaults(schema: Schema, value: Any) -> Any:
    """A copy of the value in which the defaults of the schema stand where nothing was given."""
    if isinstance(value, dict) and "properties" in schema:
        filled = dict(value)
        for name, prop in schema["properties"].items():
            if name in value:
                filled[name] = with_defaults(prop, value[name])
            elif "default" in prop:
                filled[name] = with_defaults(prop, deepcopy(prop["default"]))
        return filled
    if isinstance(value, list) and "items" in schema:
        return [with_defaults(schema["items"], item) for item in value]
    return value


def secrets_of(schema: Schema) -> list[str]:
    """The names of the fields that are secrets."""
    return [name for name, prop in schema.get("properties", {}).items() if _is_secret(prop)]


def _is_secret(schema: Schema) -> bool:
    """Whether it, or anything in it, is one."""
    inner = [*schema.get("properties", {}).values(), *schema.get("anyOf", ())]
    inner += [schema[key] for key in ("items", "additionalProperties") if isinstance(schema.get(key), Mapping)]
    return bool(schema.get("writeOnly")) or any(_is_secret(each) for each in inner)


def _fit_pattern(validator: Any, pattern: str, instance: Any, schema: Schema) -> Iterator[Any]:
    from jsonschema import ValidationError

    if isinstance(instance, str) and not fits_pattern(pattern, instance):
        yield ValidationError(pattern)


def _fit_names(validator: Any, names: Schema, instance: Any, schema: Schema) -> Iterator[Any]:
    from jsonschema import ValidationError

    for name in instance if isinstance(instance, dict) else ():
        if any(validator.descend(name, names)):
            yield ValidationError(name)


def _is_plain(value: Any) -> bool:
    """Whether it is certainly JSON; said quickly, and without recursion. Where it is not, `not_json` decides."""
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        below: list[Any] = []
        for it in level:
            kind = type(it)
            if kind is dict:
                if not all(type(key) is str for key in it):
                    return False
                below += it.keys()
                below += it.values()
            elif kind is list:
                below += it
            elif kind is str:
                if not it.isascii() and _HALF.search(it):
                    return False
            elif kind is int or kind is float:
                if not -_LARGEST <= it <= _LARGEST:
                    return False
            elif it is not None and kind is not bool:
                return False
        if not below:
            return True
        level = below
    return False


_HALF = re.compile("[\ud800-\udfff]")
_LARGEST: Final = 1.7976931348623157e308


def not_json(value: Any, place: tuple[Part, ...] = ()) -> Iterator[Violation]:
    """What in a Python value is no JSON: other types, keys that are not text, NaN, half characters, too deep."""
    if len(place) > MAX_DEPTH:
        yield Violation(place[:8], "json", f"this is nested more than {MAX_DEPTH} levels deep")
    elif isinstance(value, str):
        if _HALF.search(value):
            yield Violation(place, "json", "the text holds half a character (a lone surrogate)")
    elif isinstance(value, bool | None):
        return
    elif isinstance(value, int | float):
        if not -_LARGEST <= value <= _LARGEST:
            number = "a number this large" if isinstance(value, int) else value
            yield Violation(place, "json", f"{number} is not a number that JSON has")
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                yield Violation(place, "json", f"a key is not a text but a {type(key).__name__}")
            elif _HALF.search(key):
                yield Violation(place, "json", "a key holds half a character (a lone surrogate)")
            else:
                yield from not_json(item, (*place, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from not_json(item, (*place, number))
    else:
        yield Violation(place, "json", f"a {type(value).__name__} is nothing that JSON has")


def show(value: Any, schema: Schema = {}) -> str:  # noqa: B006 (never changed)
    """A value as people quote it, shortened; a secret is not shown."""
    if schema.get("writeOnly"):
        return "the value"
    if isinstance(value, str):
        return f"'{value[:57]}…'" if len(value) > 60 else f"'{value}'"
    if isinstance(value, list | dict):
        return "this list" if isinstance(value, list) else "this object"
    return json.dumps(value)[:60]


def _explain(errors: Iterable[Any]) -> Iterator[Violation]:
    for error in errors:
        yield from _SENTENCES.get(error.validator, _other)(error, tuple(error.absolute_path))


Sentences = Iterator[Violation]


def _type(error: Any, place: tuple[Part, ...]) -> Sentences:
    wanted = [error.validator_value] if isinstance(error.validator_value, str) else error.validator_value
    words = " or ".join(TYPES[name] for name in wanted if name != "null" or len(wanted) == 1)
    value = error.instance
    if value is None:
        yield Violation(place, "type", f"is null; {words} was expected", "leave it out where there is none")
        return
    hint = f'write "{show(value)}" in quotes' if "string" in wanted and isinstance(value, int | float) else ""
    if error.schema.get("writeOnly"):
        hint = ""
    yield Violation(place, "type", f"{_is_a(value, error.schema)}; {words} was expected", hint)


def _is_a(value: Any, schema: Schema) -> str:
    """What a value is, in words, with the value where it is short and no secret."""
    if value is None or (isinstance(value, bool) and not schema.get("writeOnly")):
        return f"is {json.dumps(value)}"
    kind = TYPES[kind_of(value)]
    return f"is {kind}" if isinstance(value, list | dict) else f"{show(value, schema)} is {kind}"


def kind_of(value: Any) -> str:
    """The type of a value, as JSON Schema names it."""
    if isinstance(value, bool):
        return "boolean"
    for kind, python in (("integer", int), ("number", float), ("string", str), ("array", list), ("object", dict)):
        if isinstance(value, python):
            return kind
    return "null"


def _required(error: Any, place: tuple[Part, ...]) -> Sentences:
    for name in error.validator_value:
        if name not in error.instance:
            yield Violation((*place, name), "required", "is required")


def _unknown_key(error: Any, place: tuple[Part, ...]) -> Sentences:
    known = error.schema.get("properties", {})
    for key in error.instance:
        if key not in known:
            near = close_like(key, [name for name in known if name not in error.instance])
            hint = f"did you mean '{near}'?" if near else _known_words(known)
            yield Violation((*place, key), "unknown", f"'{key}' is not known here", hint, key=True, meant=near)


def _known_words(known: Iterable[str]) -> str:
    names = list(known)
    if not names:
        return "nothing may stand here"
    return "known: " + ", ".join(names[:12]) + (", …" if len(names) > 12 else "")


def _enum(error: Any, place: tuple[Part, ...]) -> Sentences:
    known = [value if isinstance(value, str) else show(value) for value in error.validator_value]
    near = close_like(str(error.instance), known)
    hint = f"did you mean '{near}'?" if near else "use " + _or(known)
    yield Violation(
        place, "enum", f"{show(error.instance, error.schema)} is not one of the known values", hint, meant=near
    )


def _or(words: list[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1]


def _const(error: Any, place: tuple[Part, ...]) -> Sentences:
    yield Violation(place, "const", f"must be {show(error.validator_value)}, not {show(error.instance, error.schema)}")


def _pattern(error: Any, place: tuple[Part, ...]) -> Sentences:
    words = _PATTERNS.get(error.validator_value)
    if words:
        yield Violation(place, "pattern", words)
        return
    examples = error.schema.get("examples")
    hint = f"write it like {show(examples[0])}" if examples else f"it must match {error.validator_value}"
    yield Violation(place, "pattern", f"{show(error.instance, error.schema)} has the wrong form", hint)


def _format(error: Any, place: tuple[Part, ...]) -> Sentences:
    words = FORMATS[error.validator_value][1]
    yield Violation(place, "format", f"{show(error.instance, error.schema)} is not {words}")


def _count(limit: int, one: str, many: str) -> str:
    return f"{limit:,} {one if limit == 1 else many}"


def _length(error: Any, place: tuple[Part, ...]) -> Sentences:
    limit, more = error.validator_value, error.validator.startswith("min")
    if error.validator in ("minLength", "minItems", "minProperties") and limit == 1:
        yield Violation(place, error.validator, "must not be empty")
        return
    things = ("item", "items") if error.validator.endswith("Items") else ("character", "characters")
    words = "at least" if more else "at most"
    has = len(error.instance)
    yield Violation(place, error.validator, f"must have {words} {_count(limit, *things)}; it has {has:,}")


def _bound(error: Any, place: tuple[Part, ...]) -> Sentences:
    words = "at least" if error.validator == "minimum" else "at most"
    value = show(error.instance, error.schema)
    yield Violation(place, error.validator, f"{value} is out of range; it must be {words} {error.validator_value:,}")


def _unique(error: Any, place: tuple[Part, ...]) -> Sentences:
    yield Violation(place, "uniqueItems", "the same item stands in the list twice", "take one of the two out")


def _branches(error: Any, place: tuple[Part, ...]) -> Sentences:
    """anyOf and oneOf: explain the branch that the person was on, or say what kinds of value are possible."""
    branches: dict[int, list[Any]] = {}
    for context in error.context:
        branches.setdefault(context.schema_path[0], []).append(context)
    if all(each.validator == "required" for group in branches.values() for each in group):
        names = [name for branch in error.validator_value for name in branch.get("required", ())]
        if branches:
            none = "neither" if len(names) == 2 else "none of them"
            yield Violation(place, "neither", f"needs {'either ' * (len(names) == 2)}{_or(names)}, and has {none}")
        elif not isinstance(error.instance, dict):
            hint = "leave it out where there is none" if error.instance is None else ""
            yield Violation(place, "type", f"{_is_a(error.instance, error.schema)}; an object was expected", hint)
        else:
            both = " and ".join(name for name in names if name in error.instance)
            yield Violation(place, "both", f"has both {both}", "take one of them out")
        return
    fitting = [group for group in branches.values() if not any(_wrong_kind(each, error) for each in group)]
    if fitting:
        meant = [group for group in fitting if not any(_tells_apart(each, error) for each in group)]
        fewest: list[Any] = min(meant or fitting, key=len)
        yield from _explain(fewest)
        return
    types = [each for group in branches.values() for each in group if each.validator == "type"]
    kinds = [kind for each in types if _wrong_kind(each, error) for kind in kinds_of({"type": each.validator_value})]
    words = _or(list(dict.fromkeys(TYPES[kind] for kind in kinds))) if kinds else "something else"
    yield Violation(place, "type", f"{_is_a(error.instance, error.schema)}; {words} was expected")


def _wrong_kind(error: Any, parent: Any) -> bool:
    return error.validator in ("type", "const") and len(error.absolute_path) == len(parent.absolute_path)


def _tells_apart(error: Any, parent: Any) -> bool:
    """Whether a key with a fixed value says that the person was on another branch."""
    return error.validator == "const" and len(error.absolute_path) == len(parent.absolute_path) + 1


def _names(error: Any, place: tuple[Part, ...]) -> Sentences:
    name, words = error.message, error.schema.get("x-words", ())
    first = re.split(r"\W", name)[0]
    near = close_like(first, words) if words and first not in words else None
    hint = f"did you mean '{near}'?" if near else f"it starts with {_or(list(words))}" if words else ""
    whole = near and near + name[len(first) :]
    yield Violation((*place, name), "name", f"'{name}' cannot be a name here", hint, key=True, meant=whole)


def _depends(error: Any, place: tuple[Part, ...]) -> Sentences:
    for key, needed in error.validator_value.items():
        if key in error.instance:
            for name in needed:
                if name not in error.instance:
                    yield Violation((*place, key), "required", f"'{key}' needs '{name}' beside it", key=True)


def _other(error: Any, place: tuple[Part, ...]) -> Sentences:
    yield Violation(place, str(error.validator), f"{show(error.instance, error.schema)} does not fit")


_SENTENCES: Final[dict[Any, Any]] = {
    "type": _type,
    "required": _required,
    "additionalProperties": _unknown_key,
    "enum": _enum,
    "const": _const,
    "pattern": _pattern,
    "format": _format,
    "minLength": _length,
    "maxLength": _length,
    "minItems": _length,
    "maxItems": _length,
    "minProperties": _length,
    "minimum": _bound,
    "maximum": _bound,
    "uniqueItems": _unique,
    "anyOf": _branches,
    "oneOf": _branches,
    "propertyNames": _names,
    "dependentRequired": _depends,
}


def _with_secrets(schema: Any, secret: bool = False) -> Any:
    """The schema with `writeOnly` on everything that is inside a secret, so that no part of one is quoted."""
    if not isinstance(schema, Mapping):
        return schema
    secret = secret or bool(schema.get("writeOnly"))
    result = map_schemas(schema, lambda inner: _with_secrets(inner, secret))
    return {**result, "writeOnly": True} if secret else result
