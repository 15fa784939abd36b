"""A Hub in memory, for tests and for rehearsing a push: what huggingface_hub's own client asks, answered.

    python hub/local_hub.py --port 8010 &
    HF_ENDPOINT=http://127.0.0.1:8010 HF_TOKEN=hf_owner HF_HOME=/tmp/hf \\
        multitoon adapters push adapters/hayao someone/multitoon-hayao

Two ways in: `LocalHub.client`, a factory for `huggingface_hub.set_client_factory` (no port, no network), and
`LocalHub.serve`, a server on loopback. Its faults are set by attributes: see `LocalHub`. What the Hub keeps
as large files (weights) has a SHA-256 as its ETag, other files git's hash, as on the Hub itself.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import dataclasses
import hashlib
import json
import re
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

OWNER = "hf_owner"
"""A token that may see and write everything."""
READER = "hf_reader"
"""A token that may read what is public, and write nothing."""
LARGE = (".safetensors", ".bin", ".jpg")


@dataclasses.dataclass
class Answer:
    """What the Hub says."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    cut_after: int | None = None
    """The connection breaks after so many bytes of the body."""


@dataclasses.dataclass
class Stored:
    """A repository: commits by hash, each with all of its files, and names for some of them."""

    private: bool = False
    gated: bool = False
    commits: dict[str, dict[str, bytes]] = dataclasses.field(default_factory=dict)
    names: dict[str, str] = dataclasses.field(default_factory=dict)


class LocalHub:
    """Repositories in memory, a list of what was asked, and faults.

    >>> hub = LocalHub()
    >>> commit = hub.add("someone/ink", {"a.json": b"{}"}, tag="v1")
    >>> hub.answer("GET", "/someone/ink/resolve/v1/a.json", {}, b"").body
    b'{}'
    """

    def __init__(self) -> None:
        self.repos: dict[str, Stored] = {}
        self.asked: list[str] = []
        """`METHOD PATH` of each request, in order."""
        self.ranges: list[str] = []
        """The Range headers among them: where a transfer went on."""
        self.failing: int | None = None
        """A status that every request gets, such as 503."""
        self.cuts: dict[str, list[int]] = {}
        """File name to the bytes after which its next transfers break, one after the other."""
        self.corrupt: set[str] = set()
        """File names that arrive with one byte changed."""

    def add(
        self,
        repo_id: str,
        files: Mapping[str, bytes],
        *,
        tag: str | None = None,
        private: bool = False,
        gated: bool = False,
    ) -> str:
        """A commit on `main` with `files` beside what was there, and its hash."""
        stored = self.repos.setdefault(repo_id, Stored())
        stored.private, stored.gated = private, gated
        return self._commit(stored, dict(files), "main", tag)

    def client(self) -> Any:
        """A client of huggingface_hub's kind whose requests come here and go nowhere else."""
        from huggingface_hub.utils import httpx
        from huggingface_hub.utils._http import default_client_factory

        hooks = default_client_factory().event_hooks
        return httpx.Client(
            transport=httpx.MockTransport(self._as_response), event_hooks=hooks, follow_redirects=True
        )

    @contextlib.contextmanager
    def serve(self, port: int = 0) -> Iterator[str]:
        """Answer on loopback while the block runs; its address."""
        server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            server.server_close()

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """The Hub's answer to one request."""
        path, query = unquote(urlsplit(target).path), parse_qs(urlsplit(target).query)
        self.asked.append(f"{method} {path}")
        if self.failing:
            return Answer(self.failing)
        token = headers.get("authorization", "").removeprefix("Bearer ")
        if token not in ("", OWNER, READER):
            return _error(401, "", "Invalid credentials in Authorization header")
        if method == "POST":
            return self._write(path, query, token, body)
        if match := re.fullmatch(r"/api/models/([^/]+/[^/]+)(?:/revision/(.+))?", path):
            return self._info(match[1], match[2] or "main", token)
        if match := re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path):
            return self._file(match[1], match[2], match[3], token, headers)
        return _error(404, "", "no such route")

    def _write(self, path: str, query: Mapping[str, list[str]], token: str, body: bytes) -> Answer:
        if path == "/api/validate-yaml":
            return _json({"errors": [], "warnings": []})
        if token != OWNER:
            return _error(403 if token else 401, "", "You may not write here")
        if path == "/api/repos/create":
            asked = json.loads(body)
            repo_id = f"{asked.get('organization') or 'someone'}/{asked['name']}"
            if repo_id in self.repos:
                return _json({"url": f"https://huggingface.co/{repo_id}"}, 409)
            self.add(repo_id, {}, private=asked.get("private") or asked.get("visibility") == "private")
            return _json({"url": f"https://huggingface.co/{repo_id}"})
        match = re.fullmatch(r"/api/models/([^/]+/[^/]+)/(preupload|commit)/(.+)", path)
        stored = self.repos.get(match[1]) if match else None
        if stored is None:
            return _error(404, "RepoNotFound", "Repository not found")
        files = stored.commits[stored.names["main"]]
        if match[2] == "preupload":
            modes = []
            for name in (file["path"] for file in json.loads(body)["files"]):
                there = _git_hash(files[name]) if name in files else None
                modes.append({"path": name, "uploadMode": "regular", "shouldIgnore": False, "oid": there})
            return _json({"files": modes})
        values = [line["value"] for line in map(json.loads, body.splitlines()) if line["key"] == "file"]
        new = {value["path"]: base64.b64decode(value["content"]) for value in values}
        pull = query.get("create_pr", ["0"])[0] in ("1", "true", "True")
        commit = self._commit(stored, new, f"refs/pr/{len(stored.names)}" if pull else match[3], None)
        answer = {"success": True, "commitOid": commit, "commitUrl": _page(match[1], f"commit/{commit}")}
        return _json(answer | ({"pullRequestUrl": _page(match[1], "discussions/1")} if pull else {}))

    def _info(self, repo_id: str, revision: str, token: str) -> Answer:
        commit, refusal = self._find(repo_id, revision, token)
        if refusal:
            return refusal
        stored = self.repos[repo_id]
        siblings = []
        for name, content in stored.commits[commit].items():
            entry = {"rfilename": name, "size": len(content), "blobId": _git_hash(content)}
            if name.endswith(LARGE):
                entry["lfs"] = {"size": len(content), "sha256": _etag(name, content), "pointerSize": 130}
            siblings.append(entry)
        facts = {"id": repo_id, "modelId": repo_id, "sha": commit, "private": stored.private}
        return _json(facts | {"gated": "manual" if stored.gated else False, "siblings": siblings})

    def _file(self, repo_id: str, revision: str, name: str, token: str, headers: Mapping[str, str]) -> Answer:
        commit, refusal = self._find(repo_id, revision, token, content=True)
        if refusal:
            return refusal
        if name not in self.repos[repo_id].commits[commit]:
            return _error(404, "EntryNotFound", "Entry not found", {"X-Repo-Commit": commit})
        whole = content = self.repos[repo_id].commits[commit][name]
        found = {"ETag": f'"{_etag(name, whole)}"', "X-Repo-Commit": commit, "Accept-Ranges": "bytes"}
        if name in self.corrupt:
            content = bytes([content[0] ^ 1]) + content[1:]
        status = 200
        if wanted := headers.get("range"):
            self.ranges.append(wanted)
            start = int(wanted.removeprefix("bytes=").split("-")[0])
            status, content = 206, content[start:]
            found["Content-Range"] = f"bytes {start}-{len(whole) - 1}/{len(whole)}"
        cut = self.cuts[name].pop(0) if self.cuts.get(name) and self.asked[-1].startswith("GET") else None
        return Answer(status, content, found, cut)

    def _find(
        self, repo_id: str, revision: str, token: str, content: bool = False
    ) -> tuple[str, Answer | None]:
        stored = self.repos.get(repo_id)
        if stored is None or (stored.private and token != OWNER):
            return "", _error(404 if token else 401, "RepoNotFound", "Repository not found")
        commit = stored.names.get(revision, revision)
        if commit not in stored.commits:
            return "", _error(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        if stored.gated and content and token != OWNER:
            return "", _error(403 if token else 401, "GatedRepo", "Access to this model is restricted")
        return commit, None

    def _commit(self, stored: Stored, files: dict[str, bytes], name: str, tag: str | None) -> str:
        before = stored.commits.get(stored.names.get("main", ""), {})
        everything = before | files
        text = repr([len(stored.commits), *((path, _git_hash(c)) for path, c in everything.items())])
        commit = hashlib.sha1(text.encode()).hexdigest()
        stored.commits[commit] = everything
        stored.names[name] = commit
        if tag:
            stored.names[tag] = commit
        return commit

    def _as_response(self, request: Any) -> Any:
        from huggingface_hub.utils import httpx

        target = request.url.raw_path.decode()
        answer = self.answer(request.method, target, request.headers, request.read())
        headers = answer.headers | {"Content-Length": str(len(answer.body))}
        body = b"" if request.method == "HEAD" else answer.body
        if answer.cut_after is None:
            return httpx.Response(answer.status, headers=headers, content=body)
        return httpx.Response(answer.status, headers=headers, content=_cut(body, answer.cut_after))


def _cut(body: bytes, after: int) -> Iterator[bytes]:
    from huggingface_hub.utils import httpx

    yield body[:after]
    raise httpx.RemoteProtocolError("peer closed connection without sending complete message body")


def _handler(hub: LocalHub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _reply(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = hub.answer(self.command, self.path, headers, body)
            self.send_response(answer.status)
            for name, value in (answer.headers | {"Content-Length": str(len(answer.body))}).items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body[: answer.cut_after])
            self.close_connection = answer.cut_after is not None

        do_GET = do_HEAD = do_POST = _reply

        def log_message(self, *_: object) -> None:
            """Say nothing: `LocalHub.asked` has it."""

    return Handler


def _json(content: Mapping[str, Any], status: int = 200) -> Answer:
    return Answer(status, json.dumps(content).encode(), {"Content-Type": "application/json"})


def _error(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(
        status,
        json.dumps({"error": message}).encode(),
        {
            "X-Error-Code": code,
            "X-Error-Message": message,
            "Content-Type": "application/json",
            **(headers or {}),
        },
    )


def _etag(name: str, content: bytes) -> str:
    return hashlib.sha256(content).hexdigest() if name.endswith(LARGE) else _git_hash(content)


def _git_hash(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def _page(repo_id: str, below: str) -> str:
    return f"https://huggingface.co/{repo_id}/{below}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=8010)
    with LocalHub().serve(parser.parse_args().port) as address:
        print(f"HF_ENDPOINT={address} HF_TOKEN={OWNER}", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
