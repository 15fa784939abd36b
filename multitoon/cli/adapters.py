"""`multitoon adapters`: which styles are here, where they come from, and whether they are whole."""

from __future__ import annotations

from pathlib import Path
from textwrap import shorten

import click

from multitoon.cli.adapters_hub import pull, push, remove
from multitoon.cli.output import json_option, print_json, print_table, talk
from multitoon.errors import BackboneMismatchError, CheckpointError, ConfigError, HubError, UsageError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def adapters() -> None:
    """List, check, fetch and publish styles.

    \b
    multitoon adapters list
    multitoon adapters pull someone/multitoon-ink

    A style is the name of a shipped one, a folder, or a repository of the Hugging Face Hub, also one of its
    revisions: someone/multitoon-ink@v1. MULTITOON_ADAPTERS names a folder of styles that is searched first;
    its backbone, if it has one, takes the place of the shipped one.
    """


adapters.add_command(pull)
adapters.add_command(push)
adapters.add_command(remove)


@adapters.command("list")
@json_option
def list_styles(as_json: bool) -> None:
    """One line per style: what to type, rank, size, where it is from, and license.

    \b
    multitoon adapters list
    multitoon adapters list --json

    Those of the Hub are the ones on this machine; the network is not asked.
    """
    from multitoon import hub
    from multitoon.checkpoint import adapters_homes, styles_in
    from multitoon.presets import shipped

    found = []
    for name, folder in styles_in(adapters_homes()).items():
        source = "shipped" if folder.parent == shipped("adapters") else "folder"
        found.append({"name": name, "from": source, **_describe(folder)})
    for fetched in hub.cached():
        if fetched.kind == "adapter":
            commit = {"commit": fetched.commit}
            found.append({"name": str(fetched.repo), "from": "hub", **_describe(fetched.folder), **commit})
    if as_json:
        print_json(found)
        return
    rows = [
        [s["name"], str(s["rank"]), f"{s['bytes'] / 1000:.0f} KB", s["from"], _short(s["license"])]
        for s in found
    ]
    print_table(["STYLE", "RANK", "SIZE", "FROM", "LICENSE"], rows)


@adapters.command()
@click.argument("style")
@json_option
def info(style: str, as_json: bool) -> None:
    """All that the adapter STYLE (a name, a folder or a repository) says about itself.

    \b
    multitoon adapters info hayao
    multitoon adapters info someone/multitoon-ink --json
    """
    from multitoon.checkpoint import ADAPTER_WEIGHTS, adapter_facts, file_hash
    from multitoon.lookup import find_adapter

    folder = find_adapter(style)
    facts = {**adapter_facts(folder), "name": style, **_describe(folder)}
    if (folder / ADAPTER_WEIGHTS).is_file():
        facts["sha256"] = file_hash(folder / ADAPTER_WEIGHTS)
    if as_json:
        print_json(facts)
        return
    for key, value in _dotted(facts).items():
        click.echo(_one_line(f"{key}: {value}"))


@adapters.command()
@click.argument("styles", metavar="[STYLE]...", nargs=-1)
@json_option
def verify(styles: tuple[str, ...], as_json: bool) -> None:
    """Check files against their hashes, and load each style onto its backbone. Exit code 1 if one fails.

    \b
    multitoon adapters verify
    multitoon adapters verify someone/multitoon-ink ./mine --json

    Without STYLE: everything that is here, the shipped files and those of the Hub.
    """
    from multitoon import hub
    from multitoon.checkpoint import adapters_home, adapters_homes, styles_in
    from multitoon.index import check_index

    results: dict[str, str] = {}
    folders = {style: style for style in styles}
    if not styles:
        home = adapters_home()
        results = {name: flaw or "ok" for name, flaw in check_index(home).items()}
        folders = {name: str(folder) for name, folder in styles_in(adapters_homes()).items()}
        folders |= {str(found.repo): str(found.repo) for found in hub.cached() if found.kind == "adapter"}
    for name, source in folders.items():
        try:
            results[name] = _fits(source)
        except (CheckpointError, ConfigError, HubError, UsageError) as error:
            results[name] = str(error)
    failed = sum(not result.startswith("ok") for result in results.values())
    if as_json:
        print_json({"results": results, "failed": failed})
    else:
        print_table(["FILE OR STYLE", "RESULT"], [[name, _one_line(text)] for name, text in results.items()])
        talk(f"{len(results) - failed} ok, {failed} failed")
    if failed:
        click.get_current_context().exit(1)


@adapters.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@json_option
def index(folder: Path, as_json: bool) -> None:
    """Write FOLDER/index.json, which `verify` checks by: for those who publish styles.

    \b
    multitoon adapters index adapters
    MULTITOON_ADAPTERS=./mine multitoon adapters verify
    """
    from multitoon.index import write_index

    path = write_index(folder)
    if as_json:
        print_json({"index": str(path)})
    else:
        click.echo(path)


def _fits(source: str) -> str:
    """`ok`, after loading the adapter onto the backbone that it was made for, as far as that is here."""
    from multitoon import hub
    from multitoon.checkpoint import adapter_facts, load_adapter, load_backbone
    from multitoon.lookup import as_repo, find_adapter

    folder = find_adapter(source)
    try:
        load_adapter(folder, load_backbone())
    except BackboneMismatchError:
        home = adapter_facts(folder).get("base_model")
        repo = as_repo(home) if isinstance(home, str) else None
        fetched = hub.in_cache(repo) if repo else None
        if repo is None:
            raise
        if fetched is None:
            return f"ok as a file; its backbone {repo} is not here"
        load_adapter(folder, load_backbone(fetched.folder))
    return "ok"


def _describe(folder: Path) -> dict[str, object]:
    from multitoon.checkpoint import ADAPTER_WEIGHTS, adapter_facts

    facts = adapter_facts(folder)
    weights = folder / ADAPTER_WEIGHTS
    adapter = facts.get("adapter")
    return {
        "rank": adapter.get("rank") if isinstance(adapter, dict) else None,
        "bytes": weights.stat().st_size if weights.is_file() else 0,
        "license": str(facts.get("license", "not stated")),
        "folder": str(folder),
    }


def _dotted(facts: dict[str, object], prefix: str = "") -> dict[str, object]:
    """Nested mappings as dotted keys."""
    dotted: dict[str, object] = {}
    for key, value in facts.items():
        dotted |= _dotted(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return dotted


def _one_line(text: object) -> str:
    """Without line breaks and control characters: what was fetched may hold escape codes of a terminal."""
    return "".join(c if c.isprintable() else " " for c in str(text))


def _short(text: str) -> str:
    return shorten(_one_line(text), 60, placeholder=" ...")
