"""The pictures of `make demo` and of the README: licensed photos in every shipped style.

    python hub/gallery.py --out out

The photos come with scikit-image, each free of copyright (see CREDITS); nothing is downloaded.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from PIL import Image
from skimage import data_dir

from multitoon import MultiToon, contact_sheet, read_photo, write_picture

CREDITS = {
    "astronaut.png": "Eileen Collins, by NASA: public domain",
    "chelsea.png": "Chelsea the cat, by Stefan van der Walt: CC0",
    "coffee.png": "Coffee at Pikolo Espresso Bar, by Rachel Michetti: CC0",
    "rocket.jpg": "Falcon 9 at Cape Canaveral, by SpaceX: public domain",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder for toons and contact sheet")
    parser.add_argument("--cell", type=int, default=400, help="longer side of the sheet's pictures, pixels")
    parser.add_argument("--style", action="append", help="a name or a folder; repeatable  [default: all]")
    parser.add_argument("--sheet", type=Path, help="the contact sheet  [default: OUT/contact_sheet.png]")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)

    toon = MultiToon.from_pretrained()
    rows = []
    for name in CREDITS:
        photo = read_photo(Path(data_dir) / name)
        row: dict[str, Image.Image] = {"photo": photo.rgb}
        for source in arguments.style or toon.styles:
            toon.set_adapter(source)
            started = time.perf_counter()
            (style,) = toon.active
            row[style] = toon.stylize(photo)
            target = arguments.out / f"{Path(name).stem}.{style}.png"
            write_picture(target, row[style], photo=photo, overwrite=True)
            width, height = photo.size_wh
            print(f"{target}  {width}x{height}  {time.perf_counter() - started:.2f} s")
        rows.append(row)
    sheet = arguments.sheet or arguments.out / "contact_sheet.png"
    contact_sheet(rows, cell=arguments.cell).save(sheet, quality=88)
    credits = arguments.out / "CREDITS.txt"
    credits.write_text("".join(f"{name}: {credit}\n" for name, credit in CREDITS.items()))
    print(sheet)


if __name__ == "__main__":
    main()
