"""Strict YAML into frozen dataclasses: an unknown key is an error that names the nearest key."""

from __future__ import annotations

import dataclasses
import difflib
import types
import typing
from pathlib import Path
from typing import Any, TypeVar

import yaml

from multitoon.errors import ConfigError

T = TypeVar("T")


def load_config(cls: type[T], path: str | Path, overrides: typing.Sequence[str] = ()) -> T:
    """The YAML file at `path` as a `cls`, after `overrides` such as `"optim.lr=2e-4"`, `"phases.0.steps=9"`.

    Raises:
        ConfigError: no such file, not YAML, an unknown key, a missing key or a value of another type.
    """
    return parse_config(cls, read_text(path), overrides, source=str(path))


def read_text(path: str | Path) -> str:
    """The text at `path`.

    Raises:
        ConfigError: no such file, no permission, or not text in UTF-8.
    """
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not text in UTF-8 ({error}).") from error


def parse_config(cls: type[T], text: str, overrides: typing.Sequence[str] = (), source: str = "config") -> T:
    """YAML `text` as a `cls`; see `load_config`."""
    try:
        raw = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise ConfigError(f"{source}: not YAML ({error}).") from error
    for override in overrides:
        _apply_override(raw, override)
    return from_dict(cls, raw)


def from_dict(cls: type[T], raw: Any, where: str = "") -> T:
    """The mapping `raw` as a `cls`. `where` is the dotted path that error messages begin with."""
    if not isinstance(raw, dict):
        raise ConfigError(f"{where or 'config'}: {raw!r} should be a mapping of {cls.__name__}'s keys.")
    hints = typing.get_type_hints(cls)
    fields = {f.name: f for f in dataclasses.fields(cls)}
    for key in raw:
        if key not in fields:
            near = difflib.get_close_matches(str(key), fields, n=1)
            raise ConfigError(
                f"{_join(where, key)}: unknown key; known: {', '.join(fields)}.",
                f"Did you mean {near[0]!r}?" if near else "",
            )
    required = [
        name
        for name, f in fields.items()
        if f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
    ]
    missing = [name for name in required if name not in raw]
    if missing:
        raise ConfigError(f"{where or 'config'}: missing {', '.join(missing)}.")
    return cls(**{key: _coerce(value, hints[key], _join(where, key)) for key, value in raw.items()})


def to_dict(config: Any) -> dict[str, Any]:
    """A dataclass as plain dicts and lists, ready for YAML or JSON; `from_dict` gives it back."""
    return _plain(dataclasses.asdict(config))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _join(where: str, key: object) -> str:
    return f"{where}.{key}" if where else str(key)


def _apply_override(raw: dict[str, Any] | list, override: str) -> None:
    path, equals, value = override.partition("=")
    if not equals:
        raise ConfigError(f"{override!r}: an override reads KEY=VALUE, such as optim.lr=2e-4.")
    *parents, last = path.split(".")
    for key in parents:
        raw = raw[_index(raw, key, path)] if isinstance(raw, list) else raw.setdefault(key, {})
        if not isinstance(raw, dict | list):
            raise ConfigError(f"{path}: {key} is neither a mapping nor a list.")
    raw[_index(raw, last, path) if isinstance(raw, list) else last] = yaml.safe_load(value)


def _index(items: list, key: str, path: str) -> int:
    if not key.isdecimal() or int(key) >= len(items):
        raise ConfigError(f"{path}: {key!r} should be a number below {len(items)}, the length of that list.")
    return int(key)


def _coerce(value: Any, hint: Any, where: str) -> Any:
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        if value is None and type(None) in args:
            return None
        return _coerce(value, next(a for a in args if a is not type(None)), where)
    if origin is typing.Literal:
        if value not in args:
            raise ConfigError(f"{where}: {value!r} should be one of {', '.join(map(str, args))}.")
        return value
    if origin is tuple:
        if not isinstance(value, list | tuple):
            raise ConfigError(f"{where}: {value!r} should be a list.")
        inner = [args[0]] * len(value) if args[-1] is Ellipsis else list(args)
        if len(inner) != len(value):
            raise ConfigError(f"{where}: {value!r} should have {len(inner)} entries.")
        return tuple(
            _coerce(v, a, f"{where}[{i}]") for i, (v, a) in enumerate(zip(value, inner, strict=True))
        )
    if origin is dict:
        if not isinstance(value, dict):
            raise ConfigError(f"{where}: {value!r} should be a mapping.")
        return {key: _coerce(item, args[1], _join(where, key)) for key, item in value.items()}
    if dataclasses.is_dataclass(hint):
        return value if isinstance(value, hint) else from_dict(hint, value, where)
    return _scalar(value, hint, where)


def _scalar(value: Any, hint: type, where: str) -> Any:
    # PyYAML reads 1e-4 as a string (YAML 1.1 wants 1.0e-4), and True is an int in Python.
    if hint is float and isinstance(value, int | float | str) and not isinstance(value, bool):
        try:
            return float(value)
        except ValueError:
            pass
    if type(value) is hint:
        return value
    raise ConfigError(f"{where}: {value!r} should be of type {hint.__name__}.")
