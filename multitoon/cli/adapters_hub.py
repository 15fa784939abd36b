"""`multitoon adapters pull | push | remove`: styles from and to the Hugging Face Hub."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from multitoon.cli.output import json_option, print_json, print_table, talk
from multitoon.errors import BackboneMismatchError, UsageError
from multitoon.whole_file import whole_file

if TYPE_CHECKING:
    from multitoon.hub import Fetched
    from multitoon.lookup import Repo

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("repos", metavar="REPO...", nargs=-1, required=True)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Also copy it to OUTPUT/STYLE.")
@json_option
def pull(repos: tuple[str, ...], output: Path | None, as_json: bool) -> None:
    """Fetch the newest of an adapter, or a backbone, from the Hub; what is damaged here is repaired.

    \b
    multitoon adapters pull someone/multitoon-ink
    multitoon adapters pull someone/multitoon-ink@v1 -o styles/
    MULTITOON_ADAPTERS=styles multitoon stylize photo.jpg --style ink

    `multitoon stylize --style someone/multitoon-ink` fetches by itself what is not here, and never looks for
    something newer. Only the config and the weights (safetensors) are fetched; nothing is executed.
    """
    from multitoon import hub

    results = []
    for text in repos:
        fetched = hub.fetch(_repo(text), ask=True)
        results.append(_describe(fetched) | ({"copy": str(_copy(fetched, output))} if output else {}))
        if not as_json:
            click.echo(results[-1].get("copy", results[-1]["folder"]))
    if as_json:
        print_json(results)


@click.command()
@click.argument("style")
@click.argument("repo_id", metavar="OWNER/NAME")
@click.option("--private", is_flag=True, help="Create the repository so that only you see it.")
@click.option("--create-pr", is_flag=True, help="Open a pull request instead of changing it.")
@click.option("--dry-run", is_flag=True, help="Show what would be sent; the network is not touched.")
@click.option("--about", type=FILE, help="YAML: summary, data, license, limits, teacher, history.")
@click.option("--figures", type=FILE, help="What `multitoon evaluate --json` printed, with its command.")
@click.option("--photo", "photos", type=FILE, multiple=True, help="Drawn for the card, public; repeatable.")
@click.option(
    "--backbone", metavar="SOURCE", help="Its backbone: a folder or repository.  [default: shipped]"
)
@click.option("--message", help="Of the commit.  [default: the style and the version of multitoon]")
@json_option
def push(
    style: str,
    repo_id: str,
    private: bool,
    create_pr: bool,
    dry_run: bool,
    about: Path | None,
    figures: Path | None,
    photos: tuple[Path, ...],
    backbone: str | None,
    message: str | None,
    as_json: bool,
) -> None:
    """Publish the adapter STYLE, a folder or a name, as OWNER/NAME on the Hub, or update it there.

    \b
    multitoon adapters push runs/ink/ink someone/multitoon-ink --about ink.yaml --photo park.jpg --dry-run
    multitoon adapters push runs/ink/ink someone/multitoon-ink --about ink.yaml --photo park.jpg --private

    The card is made from the run. What no file knows comes from --about; figures without the command that
    made them are refused. It needs a token that may write: hf auth login, or HF_TOKEN.
    """
    from multitoon import __version__, hub
    from multitoon.image import read_photo
    from multitoon.lookup import as_repo, find_adapter
    from multitoon.publication import adapter_files, read_figures, read_words

    repo = _repo(repo_id)
    if repo.revision:
        raise UsageError(f"{repo_id}: a push makes a new revision.", f"Leave @{repo.revision} out.")
    folder = find_adapter(style)
    files = adapter_files(
        folder,
        repo.id,
        photos=[read_photo(path) for path in photos],
        words=read_words(about) if about else None,
        figures=read_figures(figures) if figures else None,
        backbone=backbone,
        base_model=str(base) if backbone and (base := as_repo(backbone)) else None,
    )
    message = message or f"{folder.name}, with multitoon {__version__}"
    plan = {
        "repo": repo.id,
        "private": private,
        "create_pr": create_pr,
        "message": message,
        "files": [
            {"path": path, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for path, content in sorted(files.items())
        ],
    }
    if dry_run:
        _show(plan, files["README.md"].decode(), as_json)
        return
    pushed = hub.push(repo.id, files, message=message, private=private, create_pr=create_pr)
    done = "Created" if pushed.created else "Updated"
    talk(f"{done} {repo.id}: multitoon stylize photo.jpg --style {repo.id}")
    if as_json:
        print_json({**plan, "commit": pushed.commit, "url": pushed.url, "created": pushed.created})
    else:
        click.echo(pushed.url)


@click.command()
@click.argument("repos", metavar="REPO...", nargs=-1, required=True)
@click.option("--dry-run", is_flag=True, help="Only say what would be freed.")
@json_option
def remove(repos: tuple[str, ...], dry_run: bool, as_json: bool) -> None:
    """Delete what was fetched of a repository, or of one revision, from this machine.

    \b
    multitoon adapters remove someone/multitoon-ink
    multitoon adapters remove someone/multitoon-ink@v1 --dry-run

    Shipped styles stay, and so do other libraries' files in the same cache.
    """
    from multitoon import hub

    results = []
    for text in repos:
        results.append({"repo": text, "bytes": hub.remove(_repo(text), dry_run=dry_run), "dry_run": dry_run})
        if not as_json:
            click.echo(f"{text}: {results[-1]['bytes'] / 1000:.0f} KB {'to free' if dry_run else 'freed'}")
    if as_json:
        print_json(results)


def _repo(text: str) -> Repo:
    from multitoon.lookup import as_repo

    repo = as_repo(text)
    if repo is None:
        raise UsageError(
            f"{text!r} is no repository of the Hub.",
            "A repository reads OWNER/NAME or OWNER/NAME@REVISION, as someone/multitoon-ink@v1.",
        )
    return repo


def _describe(fetched: Fetched) -> dict[str, object]:
    """What was fetched, after a look inside: damage is an error, another backbone a note."""
    from multitoon.checkpoint import load_adapter, load_backbone
    from multitoon.lookup import style_of

    facts: dict[str, object] = {
        "repo": fetched.repo.id,
        "revision": fetched.repo.revision,
        "commit": fetched.commit,
        "kind": fetched.kind,
        "bytes": fetched.bytes,
        "folder": str(fetched.folder),
    }
    if fetched.kind == "backbone":
        load_backbone(fetched.folder)
        return facts
    facts |= {"style": style_of(fetched.folder), "fits_shipped_backbone": True}
    try:
        load_adapter(fetched.folder, load_backbone())
    except BackboneMismatchError as error:
        facts["fits_shipped_backbone"] = False
        talk(f"Note: {error} {error.hint}")
    return facts


def _copy(fetched: Fetched, output: Path) -> Path:
    """The adapter as OUTPUT/STYLE, or the backbone as OUTPUT/backbone; a copy that is there is replaced."""
    from multitoon.hub import FILES
    from multitoon.lookup import style_of

    target = output / ("backbone" if fetched.kind == "backbone" else style_of(fetched.folder))
    for name in FILES[fetched.kind]:
        with whole_file(target / name, overwrite=True) as part:
            shutil.copyfile(fetched.folder / name, part)
    return target


def _show(plan: dict[str, object], card: str, as_json: bool) -> None:
    if as_json:
        print_json({**plan, "card": card, "dry_run": True})
        return
    print_table(
        ["FILE", "BYTES", "SHA-256"],
        [[file["path"], f"{file['bytes']:,}", file["sha256"][:12]] for file in plan["files"]],
    )
    click.echo(f"\n{card}")
    how = ("a pull request in " if plan["create_pr"] else "") + ("private " if plan["private"] else "")
    talk(f"Nothing was sent. This would go to {how}{plan['repo']} as {plan['message']!r}.")
