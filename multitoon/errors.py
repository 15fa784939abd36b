"""Everything that multitoon raises on purpose.

    MultitoonError
    ├── UsageError              a value that cannot be what the caller meant        (ValueError)
    │   └── UnknownNameError    a style, block, loss ... that is not in its list    (KeyError)
    ├── ConfigError             a YAML file or an option with an unknown key or type (ValueError)
    ├── ImageReadError          a file that is not a readable picture               (OSError)
    ├── FilmReadError           a file that is not a readable film                  (OSError)
    ├── OutputError             a file that could not be written                    (OSError)
    ├── CheckpointError         weights that are incomplete, damaged or of another shape
    │   └── BackboneMismatchError   an adapter made for another backbone
    ├── HubError                the Hub said no, could not be reached, or sent something damaged
    ├── TrainingError           a training that cannot start or go on
    └── MissingExtraError       an optional package that is not installed           (ImportError)

Each message holds the value that came and the value that was wanted; `hint` is what to do next.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class MultitoonError(Exception):
    """Base of all errors of this package. `hint` is one sentence or command that helps, or empty."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message


class UsageError(MultitoonError, ValueError):
    """A value that is out of range or contradicts another one."""


class UnknownNameError(UsageError, KeyError):
    """A name that is in no list. The message lists the names, the hint offers the nearest one."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        names = sorted(known)
        near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
        super().__init__(
            f"Unknown {kind} {name!r}; known: {', '.join(names) or 'none'}.",
            f"Did you mean {near[0]!r}?" if near else "",
        )


class ConfigError(MultitoonError, ValueError):
    """A configuration that does not fit its dataclass; the message begins with the key's dotted path."""


class ImageReadError(MultitoonError, OSError):
    """A file that is not a picture, is truncated, empty, too large or not permitted to be read."""


class FilmReadError(MultitoonError, OSError):
    """A file that is not a film, has no picture in it, is damaged or not permitted to be read."""


class OutputError(MultitoonError, OSError):
    """A result that could not be written. Nothing is left half-written."""


class CheckpointError(MultitoonError):
    """Weights with missing or unexpected keys, wrong shapes, not finite, or in a damaged file."""


class BackboneMismatchError(CheckpointError):
    """An adapter that was trained on a backbone with another hash than the one it is loaded on."""


class HubError(MultitoonError):
    """The Hugging Face Hub has no such thing, wants a token, cannot be reached, or sent damaged files."""


class TrainingError(MultitoonError):
    """A training that cannot start (data, weights) or go on (NaN)."""


class MissingExtraError(MultitoonError, ImportError):
    """A feature whose optional packages are not installed."""

    def __init__(self, feature: str, extra: str) -> None:
        super().__init__(
            f"{feature} needs packages that are not installed.", f"pip install 'multitoon[{extra}]'"
        )
