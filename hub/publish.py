"""Publish what is shipped, the backbone and each style, on the Hugging Face Hub. By default it only says so.

    python hub/publish.py OWNER
    HF_TOKEN=... python hub/publish.py OWNER --no-dry-run --private

To rehearse: `python hub/local_hub.py`, and with what it prints the second line. What has not changed is not
sent again.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import yaml

from multitoon import hub
from multitoon.card import OPTIONAL, REQUIRED
from multitoon.checkpoint import adapter_facts, backbone_facts, styles_in
from multitoon.publication import adapter_files, backbone_files

ADAPTERS = Path(__file__).resolve().parent.parent / "adapters"
ABOUT = Path(__file__).with_name("about.yaml")


def planned(owner: str, home: Path, about: Path) -> dict[str, dict[str, bytes]]:
    """Repository to its files (path: content), the backbone's first: the adapters name it."""
    words = yaml.safe_load(about.read_text(encoding="utf-8"))
    base = f"{owner}/multitoon-backbone"
    training = backbone_facts(home / "backbone").get("training", {})
    shared = {key: words["all"][key] for key in ("license", "data")}
    shared["training"] = training | {"hardware": words["all"]["hardware"]}
    plan = {base: backbone_files(home / "backbone", base, shared | words["backbone"])}
    for style, folder in styles_in([home]).items():
        repo_id = f"{owner}/multitoon-{style}"
        own = words_of(style, words)
        missing = {
            key: own[key] for key in REQUIRED | OPTIONAL if key in own.keys() - adapter_facts(folder).keys()
        }
        plan[repo_id] = adapter_files(folder, repo_id, words=missing, backbone=home, base_model=base)
    return plan


def words_of(style: str, words: dict[str, dict[str, str]]) -> dict[str, str]:
    """What the card of `style` says: the words of all, or its own; its history goes on where theirs ends."""
    shared, own = dict(words["all"]), dict(words.get(style, {}))
    beginning = shared.pop("history", "")
    if "history" in own:
        own["history"] = f"{beginning} {own['history']}".strip()
    return shared | own


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("owner", help="a user or an organization of the Hub")
    parser.add_argument("--dry-run", action=argparse.BooleanOptionalAction, default=True, help="send nothing")
    parser.add_argument("--private", action="store_true", help="create repositories that only you see")
    parser.add_argument(
        "--create-pr", action="store_true", help="open pull requests instead of changing main"
    )
    parser.add_argument("--adapters", type=Path, default=ADAPTERS, help="the folder to publish")
    parser.add_argument("--about", type=Path, default=ABOUT, help="the cards' words")
    options = parser.parse_args(arguments)
    for repo_id, files in planned(options.owner, options.adapters, options.about).items():
        print(f"{repo_id}: {len(files)} files, {sum(map(len, files.values())):,} bytes")
        for path, content in sorted(files.items()):
            print(f"    {path}  {len(content):,}")
        if not options.dry_run:
            pushed = hub.push(
                repo_id,
                files,
                message="multitoon, as shipped",
                private=options.private,
                create_pr=options.create_pr,
            )
            print(f"    {'created' if pushed.created else 'updated'}: {pushed.url}")
    if options.dry_run:
        print("Nothing was sent; --no-dry-run does.")


if __name__ == "__main__":
    main()
