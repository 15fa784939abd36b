"""Photos, albums and films as cartoons: one light backbone, a small residual adapter per style.

>>> from multitoon import MultiToon                                         # doctest: +SKIP
>>> toon = MultiToon.from_pretrained()                                      # doctest: +SKIP
>>> toon.set_adapter("hayao")                                               # doctest: +SKIP
>>> toon.stylize(Image.open("photo.jpg")).save("toon.png")                  # doctest: +SKIP
"""

from __future__ import annotations

import importlib

__version__ = "0.1.0"

# Loaded on first use: `multitoon --help` must not wait for torch.
_HOMES = {
    "BackboneMismatchError": "multitoon.errors",
    "CheckpointError": "multitoon.errors",
    "ConfigError": "multitoon.errors",
    "FilmReadError": "multitoon.errors",
    "HubError": "multitoon.errors",
    "ImageReadError": "multitoon.errors",
    "MissingExtraError": "multitoon.errors",
    "MultiToon": "multitoon.stylize",
    "MultitoonError": "multitoon.errors",
    "OutputError": "multitoon.errors",
    "Photo": "multitoon.image",
    "TrainingError": "multitoon.errors",
    "UnknownNameError": "multitoon.errors",
    "UsageError": "multitoon.errors",
    "contact_sheet": "multitoon.sheet",
    "read_photo": "multitoon.image",
    "write_picture": "multitoon.image",
}

__all__ = [
    "BackboneMismatchError",
    "CheckpointError",
    "ConfigError",
    "FilmReadError",
    "HubError",
    "ImageReadError",
    "MissingExtraError",
    "MultiToon",
    "MultitoonError",
    "OutputError",
    "Photo",
    "TrainingError",
    "UnknownNameError",
    "UsageError",
    "__version__",
    "contact_sheet",
    "read_photo",
    "write_picture",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'multitoon' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
