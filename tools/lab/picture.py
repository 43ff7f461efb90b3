# SPDX-License-Identifier: BSD-2-Clause
"""A picture of a rack as NetBox draws it, by headless Chromium: docs/images/rack.png.

Runs in the environment that the quickstart made (`python -m tools.lab.picture`), like the story, on its NetBox.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import clusto
from clusto import ClustoError
from clusto.drivers import Rack
from clusto.netbox.client import Settings
from clusto.netbox.transport import Request, Transport

from . import places
from .commands import clean_environment, give, run, unprivileged
from .errors import LabError
from .story import describe, run_playbook
from .terminal import Step

PLAYBOOK = "playbooks/quickstart_picture.yml"
RACK = "sv3-003"
PICTURE = places.ROOT / "docs/images/rack.png"
SIZE = (352, 966)  # of the window, in which NetBox's drawing of a rack of 45 units fits
SCALE = 1.5  # pixels of the picture for each of the window's
DRAWING = (("render", "svg"), ("face", "front"), ("unit_width", "280"), ("unit_height", "20"))
PAGE = """\
<!doctype html><meta charset="utf-8"><title>{rack}</title>
<style>body {{ margin: 8px; font: bold 15px sans-serif; text-align: center }}</style>
<p>{rack}</p>{drawing}
"""


def main() -> int:
    try:
        describe(*sys.argv[1:])
        run_playbook(PLAYBOOK)
        with Step(f"{PICTURE.relative_to(places.ROOT)}, by Chromium"):
            PICTURE.parent.mkdir(exist_ok=True)
            PICTURE.write_bytes(photographed(page(RACK)))
    except (LabError, ClustoError) as error:
        print(f"quickstart: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def page(rack: str) -> str:
    """NetBox's own drawing of the rack's front."""
    number = Rack.get(rack, session=clusto.connect()).id
    asked = Request("GET", "dcim/racks", f"{number}/elevation", params=DRAWING)
    answer = Transport(Settings.from_environment()).send(asked).response
    if not answer.ok:
        raise LabError(f"NetBox does not draw rack {rack}: {answer.status_code} {answer.text[:200]}")
    return PAGE.format(rack=rack, drawing=answer.text)


def photographed(page: str) -> bytes:
    """The page as PNG."""
    with tempfile.TemporaryDirectory() as name:
        home = give(Path(name))
        (home / "page.html").write_text(page)
        size = (f"--window-size={SIZE[0]},{SIZE[1]}", f"--force-device-scale-factor={SCALE}")
        # Its sandbox needs privileges that a container may not have. It shows NetBox's drawing alone, as nobody.
        shut = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars")
        told = (f"--user-data-dir={home / 'profile'}", f"--screenshot={home / 'page.png'}")
        command = ["chromium", *shut, *told, *size, str(home / "page.html")]
        run(unprivileged([home], command), clean_environment(HOME=name), what="chromium")
        return (home / "page.png").read_bytes()


if __name__ == "__main__":
    sys.exit(main())
