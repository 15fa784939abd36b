"""What went wrong with the Hub, in one sentence, with the next command.

The client raises some twenty kinds of errors, from status codes to a full disk; `explain` is the one place
that knows them. `hub.py` hands it the client, as no other file imports huggingface_hub.
"""

from __future__ import annotations

import errno
from types import ModuleType
from typing import Literal

from multitoon.errors import HubError
from multitoon.lookup import Repo

Doing = Literal["fetch", "push"]
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)


def explain(error: Exception, repo: Repo, doing: Doing, hf: ModuleType) -> HubError:
    """The sentence and the hint for `error`, which came while fetching or pushing `repo`.

    Args:
        hf: the module `huggingface_hub`.
    """
    kinds, httpx = hf.errors, hf.utils.httpx
    if isinstance(error, kinds.LocalEntryNotFoundError | kinds.RevisionResolutionError) and error.__cause__:
        error = error.__cause__  # "not in the cache" is true, but why it was not fetched is what helps
    again = f"multitoon adapters pull {repo}" if doing == "fetch" else "push again"
    host = hf.constants.ENDPOINT.partition("://")[2]
    if isinstance(error, kinds.OfflineModeIsEnabled):
        text = "is not on this machine" if doing == "fetch" else "cannot be written to"
        return HubError(
            f"{repo} {text}, and HF_HUB_OFFLINE forbids asking {host}.",
            f"HF_HUB_OFFLINE=0 {again}" if doing == "fetch" else "Unset HF_HUB_OFFLINE.",
        )
    if isinstance(error, kinds.LocalTokenNotFoundError):
        return HubError(f"{repo.id} needs a token of the Hub.", "hf auth login, or set HF_TOKEN")
    if isinstance(error, kinds.HfHubHTTPError):
        return _refused(error, repo, doing, host, again, hf)
    if isinstance(error, kinds.HFValidationError):
        return HubError(f"No repository can be called {repo.id!r}.", "OWNER/NAME, as someone/multitoon-ink")
    if isinstance(error, kinds.FileMetadataError | ValueError):
        return HubError(
            f"{host} does not answer as a Hub does.", "Check HF_ENDPOINT, and the proxy or portal in between."
        )
    if isinstance(error, httpx.TimeoutException):
        return HubError(f"{host} did not answer in time about {repo}.", f"Try again: {again}")
    if isinstance(error, httpx.ConnectError | httpx.ProxyError):
        return HubError(
            f"{host} cannot be reached ({error}).",
            "Check the connection; what was fetched before works without it: multitoon adapters list",
        )
    if isinstance(error, httpx.HTTPError):
        return HubError(f"The connection to {host} broke ({error}).", f"Try again: {again}")
    if isinstance(error, OSError) and error.errno:
        return _not_written(error, repo, hf.constants.HF_HUB_CACHE)
    # Too few bytes (an OSError of the client, without a number), or a failure inside hf_xet (RuntimeError).
    return HubError(f"The transfer of {repo} failed: {_first_line(error)}", f"Try again: {again}")


def _refused(error: Exception, repo: Repo, doing: Doing, host: str, again: str, hf: ModuleType) -> HubError:
    """An answer of the Hub with a status of 400 or more."""
    kinds, page = hf.errors, f"{hf.constants.ENDPOINT}/{repo.id}"
    if isinstance(error, kinds.GatedRepoError):
        return HubError(
            f"{repo.id} is gated: its owner wants to be asked first.", f"Ask at {page}, then: hf auth login"
        )
    if isinstance(error, kinds.RepositoryNotFoundError):
        if doing == "push":
            return HubError(f"{host} lets no one with your token write to {repo.id}.", "hf auth login")
        if hf.get_token() is None:
            reason, hint = "it is private and you are not logged in", "hf auth login"
        else:
            reason, hint = "your token may not see it", f"Look at {page}"
        return HubError(
            f"There is no {repo.id} on {host}, or {reason}.", f"{hint}; a folder is written ./{repo.id}"
        )
    if isinstance(error, kinds.RevisionNotFoundError):
        return HubError(
            f"{repo.id} has no revision {repo.revision!r} (any more).",
            f"Its newest: multitoon adapters pull {repo.id}; all of them: {page}/commits/main",
        )
    if isinstance(error, kinds.RemoteEntryNotFoundError):
        return HubError(f"{repo} changed while it was fetched.", again)
    status = error.response.status_code
    if status == 401:
        return HubError(f"{host} refuses your token.", "hf auth login, or correct HF_TOKEN")
    if status == 403:
        return HubError(
            f"Your token may not {'read' if doing == 'fetch' else 'write to'} {repo.id}.",
            f"hf auth login, with a token that has the role {'read' if doing == 'fetch' else 'write'}",
        )
    if status == 429:
        return HubError(f"{host} asks for fewer requests.", f"Wait some minutes, then: {again}")
    if status >= 500:
        return HubError(f"{host} is in trouble (it answered {status}).", f"Wait some minutes, then: {again}")
    return HubError(f"{host} answered {status}: {error.server_message or _first_line(error)}", f"See {page}")


def _not_written(error: OSError, repo: Repo, cache: str) -> HubError:
    place = error.filename or cache
    if error.errno in _NO_SPACE:
        return HubError(
            f"The disk of {cache} is full; {repo} was not fetched.",
            "Free some space (multitoon adapters remove NAME), or set HF_HOME to a folder on another disk.",
        )
    return HubError(
        f"{place}: {error.strerror}.", "Check its owner and mode, or set HF_HOME to another folder."
    )


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
