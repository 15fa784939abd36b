"""The folder that is the Space: page, package, styles, and nothing to download when it starts.

    python hub/space/assemble.py --out build/space
    hf upload OWNER/multitoon build/space --repo-type space

A Space installs requirements.txt before its own files are there, so the package lies beside app.py.
To try it: `cd build/space && python app.py`.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", "shipped")


def assemble(out: Path) -> list[Path]:
    """Write the Space into `out`, which must not be there yet; its files."""
    out.mkdir(parents=True)
    for file in (HERE / "README.md", HERE / "requirements.txt", ROOT / "app.py", ROOT / "LICENSE"):
        shutil.copyfile(file, out / file.name)
    shutil.copytree(ROOT / "multitoon", out / "multitoon", ignore=LEFT_OUT)
    for folder in ("adapters", "configs"):
        shutil.copytree(ROOT / folder, out / "multitoon" / "shipped" / folder, ignore=LEFT_OUT)
    return sorted(path for path in out.rglob("*") if path.is_file())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--out", type=Path, default=Path("build/space"), help="a folder that is not there yet"
    )
    arguments = parser.parse_args()
    if arguments.out.exists():
        parser.error(f"{arguments.out} is there already; delete it, or name another.")
    files = assemble(arguments.out)
    print(f"{arguments.out}: {len(files)} files, {sum(path.stat().st_size for path in files) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
