"""Where a style's name leads: a folder, a shipped style, or a repository of the Hub.

    hayao                            a style in $MULTITOON_ADAPTERS, or one that came with the package
    ./mine, ~/mine, runs/mine/mine   a folder
    someone/multitoon-ink@v1         a repository, and a tag, branch or commit of it

In that order: an adapter's folder that exists, `$MULTITOON_ADAPTERS`, the shipped styles, what was fetched
before, and the network last. Which of them is meant is decided from the text and the disk alone.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from multitoon.checkpoint import (
    ADAPTER_CONFIG,
    BACKBONE_CONFIG,
    adapter_facts,
    adapters_homes,
    styles_in,
)
from multitoon.errors import CheckpointError, UnknownNameError, UsageError

_REPO = re.compile(
    r"(?P<id>[A-Za-z0-9][\w.-]*/[A-Za-z0-9_][\w.-]*)(@(?P<revision>.*))?", re.ASCII | re.DOTALL
)
_REVISION = re.compile(r"[A-Za-z0-9_][\w.-]*(/[A-Za-z0-9_][\w.-]*)*", re.ASCII)
_STYLE = re.compile(r"[a-z0-9][a-z0-9_-]*", re.ASCII)
_PREFIX = "multitoon-"
"""What repositories' names begin with by custom, and files named after a style do without."""


class Repo(NamedTuple):
    """A repository of the Hub."""

    id: str
    """`someone/multitoon-ink`."""
    revision: str | None = None
    """A tag, branch or commit; None for the newest of `main`."""

    def __str__(self) -> str:
        return f"{self.id}@{self.revision}" if self.revision else self.id


def as_repo(source: str | Path) -> Repo | None:
    """The repository that `source` names; None if it is a style's name, a path, or a folder that exists.

    >>> as_repo("someone/multitoon-ink@v1")
    Repo(id='someone/multitoon-ink', revision='v1')
    >>> as_repo("./someone/multitoon-ink") is as_repo("ink") is None
    True

    Raises:
        UsageError: an owner or name that the Hub does not allow, or a revision that is none, such as `../x`.
    """
    match = _REPO.fullmatch(source) if isinstance(source, str) else None
    if match is None or Path(source).is_dir():
        return None
    if len(match["id"]) > 96 or re.search(r"--|\.\.|[-.](/|$)|\.git$", match["id"]):
        raise UsageError(
            f"No repository can be called {match['id']!r}.", f"A folder of that name: ./{match['id']}"
        )
    revision = match["revision"]
    if revision is not None and not _REVISION.fullmatch(revision):
        raise UsageError(
            f"{source!r}: {revision!r} is no revision.", f"A tag, branch or commit: {match['id']}@v1."
        )
    return Repo(match["id"], revision)


def is_name(source: str | Path) -> bool:
    """Whether `source` is a style's name, and not a path or a repository."""
    return isinstance(source, str) and bool(_STYLE.fullmatch(source)) and not _holds_adapter(Path(source))


def check_style(name: str) -> str:
    """`name`, if a style may be called so.

    Raises:
        UsageError: not made of a-z, 0-9, - and _.
    """
    if not _STYLE.fullmatch(name):
        raise UsageError(f"A style called {name!r}; wanted a-z, 0-9, - and _, such as 'my-ink'.")
    return name


def short_name(source: str | Path) -> str:
    """What files drawn with `source` are called after, without looking anything up.

    >>> [short_name(text) for text in ("hayao", "runs/mine/ink/", "someone/multitoon-ink@v1")]
    ['hayao', 'ink', 'ink']
    """
    repo = as_repo(source)
    return repo.id.partition("/")[2].removeprefix(_PREFIX) if repo else Path(source).name


def find_adapter(source: str | Path, homes: Sequence[Path] = ()) -> Path:
    """The folder of an adapter, fetched from the Hub if it must be; names are looked up in `homes` first.

    Raises:
        UnknownNameError: no such style.
        CheckpointError: a folder without an adapter.
        HubError: the repository cannot be had; its hint is the next command.
        UsageError: neither name, path nor repository.
    """
    if _holds_adapter(Path(source).expanduser()):
        return Path(source).expanduser()
    repo = as_repo(source)
    if repo is not None:
        from multitoon import hub

        return hub.fetch(repo, "adapter").folder
    text = str(source)
    if not isinstance(source, str) or _is_path(text):
        raise _no_adapter(Path(source).expanduser())
    known = styles_in([*homes, *adapters_homes()])
    if text not in known:
        name, at, revision = text.partition("@")
        if at and name in known:
            raise UsageError(
                f"{text!r}: {name} came with the package and has no revision {revision!r}.",
                f"Leave @{revision} out, or name a repository: OWNER/NAME@{revision}.",
            )
        raise UnknownNameError("style", text, known)
    return known[text]


def find_backbone(source: str | Path) -> Path:
    """The folder of a backbone, or of `backbone/` and styles; fetched from the Hub if it must be.

    Raises:
        HubError: the repository cannot be had.
        CheckpointError: a folder without a backbone.
    """
    repo = as_repo(source)
    if repo is not None:
        from multitoon import hub

        return hub.fetch(repo, "backbone").folder
    folder = Path(source).expanduser()
    if _holds_adapter(folder):
        raise CheckpointError(
            f"{folder}: holds an adapter, not a backbone.", f"Load it as a style: --style {folder}"
        )
    if not any((folder / path).is_file() for path in (BACKBONE_CONFIG, f"backbone/{BACKBONE_CONFIG}")):
        raise CheckpointError(f"{folder}: no backbone there (no {BACKBONE_CONFIG}).")
    return folder


def style_of(folder: Path) -> str:
    """The style of the adapter in `folder`, as its config has it.

    Raises:
        CheckpointError: no config, or one without a style; UsageError: a style of a name that may not be.
    """
    adapter = adapter_facts(folder).get("adapter")
    if not isinstance(adapter, dict) or not isinstance(adapter.get("style"), str):
        raise CheckpointError(f"{folder / ADAPTER_CONFIG}: names no style.")
    return check_style(adapter["style"])


def _is_path(text: str) -> bool:
    return text.startswith((".", "~")) or "/" in text or os.sep in text or Path(text).is_dir()


def _holds_adapter(folder: Path) -> bool:
    return (folder / ADAPTER_CONFIG).is_file()


def _no_adapter(folder: Path) -> CheckpointError:
    below = sorted(path.parent for path in folder.glob(f"*/{ADAPTER_CONFIG}"))
    hint = (
        f"Did you mean {below[0]}?" if below else "" if folder.is_dir() else f"There is no folder {folder}."
    )
    return CheckpointError(f"{folder}: no adapter there (no {ADAPTER_CONFIG}).", hint)
