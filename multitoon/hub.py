"""Adapters and backbones that travel by the Hugging Face Hub. The only file that imports huggingface_hub.

A repository holds the files of one adapter (or one backbone), its card, and a `config.json` by which the Hub
counts downloads. Fetching asks for the files of `FILES` by name and for no others, so whatever else lies
there, pickles and code included, is never transferred. All files come from one commit, none is larger than
its limit, and each is compared with the hash that the Hub has of it: after the transfer, and on every use
with the hash that the cache keeps it under. What was fetched once is used without the network;
`fetch(..., ask=True)` asks for something newer.

Whatever goes wrong is a `HubError`: one sentence, and the next command as its hint.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from multitoon import __version__
from multitoon.checkpoint import (
    ADAPTER_CONFIG,
    ADAPTER_WEIGHTS,
    BACKBONE_CONFIG,
    BACKBONE_WEIGHTS,
    MAX_BYTES,
    MAX_CONFIG_BYTES,
    is_ours,
)
from multitoon.errors import HubError
from multitoon.hub_failures import Doing, explain
from multitoon.index import hash_like
from multitoon.lookup import Repo

if TYPE_CHECKING:
    from huggingface_hub import HfApi, HFCacheInfo
    from huggingface_hub.hf_api import RepoSibling

Kind = Literal["adapter", "backbone"]
FILES: dict[Kind, tuple[str, str]] = {
    "adapter": (ADAPTER_CONFIG, ADAPTER_WEIGHTS),
    "backbone": (BACKBONE_CONFIG, BACKBONE_WEIGHTS),
}
"""What is fetched, and nothing else; an adapter has the first two, and `COUNTED` if it is there."""
COUNTED = "config.json"
"""The Hub counts a download when this file is asked for."""


@dataclasses.dataclass(frozen=True)
class Fetched:
    """A repository's files on this machine."""

    repo: Repo
    kind: Kind
    commit: str
    """The commit that all of its files are from."""
    folder: Path

    @property
    def bytes(self) -> int:
        """Size of its files."""
        return sum((self.folder / name).stat().st_size for name in FILES[self.kind])


@dataclasses.dataclass(frozen=True)
class Pushed:
    """What a push did."""

    repo_id: str
    commit: str
    url: str
    """Of the commit, or of the pull request."""
    created: bool
    """The repository was not there before."""


def fetch(repo: Repo, kind: Kind | None = None, *, ask: bool = False) -> Fetched:
    """The files of `repo`: from the cache, or else from the Hub.

    Args:
        kind: what it should be; None takes either.
        ask: ask the Hub for the newest commit, and repair what is damaged in the cache.

    Raises:
        HubError: there is no such thing, it may not be had, the Hub cannot be reached, or files are damaged.
    """
    found = None if ask else in_cache(repo)
    if found is None:
        with _asking(repo):
            found = _download(repo, kind)
    if kind and found.kind != kind:
        if found.kind == "backbone":
            raise HubError(f"{repo} holds a backbone, not an adapter.", f"Draw on it: --backbone {repo}")
        raise HubError(f"{repo} holds an adapter, not a backbone.", f"Draw in it: --style {repo}")
    return found


def push(
    repo_id: str,
    files: Mapping[str, bytes],
    *,
    message: str,
    private: bool = False,
    create_pr: bool = False,
) -> Pushed:
    """Put `files` (path in the repository: content) into `repo_id` as one commit, creating it if needed.

    Args:
        private: create it so; one that is public already is an error, before anything is sent.
        create_pr: open a pull request instead of changing `main`.

    Raises:
        HubError: no token, no right to write, a public repository that should be private, or no connection.
    """
    from huggingface_hub import CommitOperationAdd, get_token
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

    repo = Repo(repo_id)
    if get_token() is None:
        raise HubError(f"Pushing to {repo_id} needs a token of the Hub.", "hf auth login, or set HF_TOKEN")
    with _asking(repo, "push"):
        api = _api()
        try:
            is_private, created = bool(api.model_info(repo_id).private), False
        except GatedRepoError:
            raise
        except RepositoryNotFoundError:
            if create_pr:
                raise HubError(
                    f"There is no {repo_id} to open a pull request in.", "Push without --create-pr."
                ) from None
            api.create_repo(repo_id, private=private, exist_ok=True)
            is_private, created = private, True
        if private and not is_private:
            raise HubError(
                f"{repo_id} exists and is public; nothing was sent.",
                f"hf repos settings {repo_id} --private",
            )
        operations = [CommitOperationAdd(path, content) for path, content in sorted(files.items())]
        commit = api.create_commit(repo_id, operations, commit_message=message, create_pr=create_pr)
    return Pushed(repo_id, commit.oid, commit.pr_url or commit.commit_url, created)


def cached() -> list[Fetched]:
    """The adapters and backbones of the Hub that are whole on this machine, by name."""
    found = []
    for entry, revision in _ours():
        names = sorted(revision.refs) or [revision.commit_hash]
        repo = Repo(entry.repo_id, None if "main" in names else names[0])
        for kind, files in FILES.items():
            if all((revision.snapshot_path / name).is_file() for name in files):
                found.append(Fetched(repo, kind, revision.commit_hash, revision.snapshot_path))
                break
    return sorted(found, key=lambda item: (item.repo.id, item.repo.revision or ""))


def remove(repo: Repo, *, dry_run: bool = False) -> int:
    """Delete a repository, or one revision of it, from this machine; the bytes that it took.

    Only what holds an adapter or a backbone is touched: the cache is shared with other libraries.

    Raises:
        HubError: it is not in the cache, or cannot be deleted.
    """
    wanted = [
        revision.commit_hash
        for entry, revision in _ours()
        if entry.repo_id == repo.id and repo.revision in (None, revision.commit_hash, *revision.refs)
    ]
    if not wanted:
        raise HubError(f"{repo} is not on this machine.", "multitoon adapters list")
    with _asking(repo):
        strategy = _scan().delete_revisions(*wanted)
        if not dry_run:
            strategy.execute()
    return strategy.expected_freed_size


def front_matter(**facts: Any) -> str:
    """The YAML between `---` that a card begins with, as the Hub reads it."""
    from huggingface_hub import ModelCardData

    return f"---\n{ModelCardData(**facts).to_yaml()}\n---\n"


def _api() -> HfApi:
    from huggingface_hub import HfApi

    return HfApi(library_name="multitoon", library_version=__version__)


@contextlib.contextmanager
def _asking(repo: Repo, doing: Doing = "fetch") -> Iterator[None]:
    """Turn every failure of the client into a `HubError`."""
    import huggingface_hub as hf
    from huggingface_hub.errors import RevisionResolutionError
    from huggingface_hub.utils import httpx

    # OSError: the Hub's refusals and the disk's; RuntimeError: hf_xet's; ValueError: not a Hub's answer.
    failures = (OSError, httpx.HTTPError, RevisionResolutionError, ValueError, RuntimeError)
    try:
        yield
    except failures as error:
        raise explain(error, repo, doing, hf) from error


def in_cache(repo: Repo) -> Fetched | None:
    """What this machine has of `repo`, if it is whole; the network is not touched.

    Raises:
        HubError: a file is not what it was when it was fetched.
    """
    from huggingface_hub import resolve_revision, try_to_load_from_cache
    from huggingface_hub.errors import RevisionResolutionError

    try:
        commit = resolve_revision(repo.id, revision=repo.revision, local_files_only=True).resolved
    except RevisionResolutionError:
        return None
    for kind, names in FILES.items():
        paths = [try_to_load_from_cache(repo.id, name, revision=commit) for name in names]
        if all(isinstance(path, str) for path in paths):
            for path in map(Path, paths):
                # The cache keeps a file under the hash that the Hub had of it, and links to it by name.
                wanted = path.readlink().name if path.is_symlink() else ""
                if len(wanted) in (40, 64) and hash_like(wanted, path) != wanted:
                    raise HubError(
                        f"{repo}: {path.name} was changed on this machine after it was fetched.",
                        f"multitoon adapters pull {repo}",
                    )
            return Fetched(repo, kind, commit, Path(paths[0]).parent)
    return None


def _download(repo: Repo, wanted_kind: Kind | None) -> Fetched:
    api = _api()
    info = api.model_info(repo.id, revision=repo.revision, files_metadata=True)
    there = {file.rfilename: file for file in info.siblings or ()}
    kind = next((kind for kind, names in FILES.items() if all(name in there for name in names)), None)
    if kind is None:
        missing = ", ".join(name for name in FILES[wanted_kind or "adapter"] if name not in there)
        raise HubError(f"{repo} holds no {wanted_kind or 'adapter'} (no {missing}).")
    names = dict.fromkeys([*FILES[kind], *([COUNTED] if COUNTED in there else [])])
    for name in names:
        limit = MAX_CONFIG_BYTES if name.endswith(".json") else MAX_BYTES
        if there[name].size is None or there[name].size > limit:
            raise HubError(
                f"{repo}: {name} has {there[name].size or 'unknown'} bytes; over {limit:,} are not fetched."
            )
    folder = {_download_file(api, repo, info.sha, there[name]).parent for name in names}.pop()
    # Last, as it moves the name in the cache: a fetch that failed leaves what was there before in use.
    api.resolve_revision(repo.id, revision=repo.revision)
    return Fetched(repo, kind, info.sha, folder)


def _download_file(api: HfApi, repo: Repo, commit: str, file: RepoSibling) -> Path:
    """One file, compared with the Hub's hash of it; what is damaged is deleted and asked for once more."""
    from huggingface_hub.utils import httpx

    wanted = file.lfs.sha256 if file.lfs else file.blob_id
    for last in (False, True):
        try:
            path = Path(api.hf_hub_download(repo.id, file.rfilename, revision=commit))
        except httpx.NetworkError:  # a reset connection; the client itself resumes what was merely cut
            if last:
                raise
            continue
        if wanted is None or hash_like(wanted, path) == wanted:
            return path
        if path.is_symlink():
            (path.parent / path.readlink()).unlink(missing_ok=True)
        path.unlink()
    raise HubError(
        f"{repo}: {file.rfilename} arrived damaged, twice (wanted hash {wanted[:12]}); it was deleted.",
        f"Try again later: multitoon adapters pull {repo}",
    )


def _ours() -> Iterator[tuple[Any, Any]]:
    """Repository and revision of each snapshot in the cache that has, in part at least, one of our files."""
    from huggingface_hub.errors import CacheNotFound

    try:
        entries = _scan().repos
    except CacheNotFound:
        return
    except (OSError, ValueError) as error:
        raise HubError(f"The cache cannot be read: {error}", "Set HF_HOME to another folder.") from error
    for entry in entries:
        for revision in entry.revisions if entry.repo_type == "model" else ():
            if is_ours(revision.snapshot_path):
                yield entry, revision


def _scan() -> HFCacheInfo:
    from huggingface_hub import constants, scan_cache_dir

    return scan_cache_dir(constants.HF_HUB_CACHE)
