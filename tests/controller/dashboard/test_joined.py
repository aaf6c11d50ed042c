"""Joined modules do in a real engine what they did one by one, and what cannot be joined is said at the start."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from controller.dashboard.web.joined import joined
from controller.demo import binaries

MODULES = {
    "app.js": """import { Page as First } from "./pages/first.js";
import { count, Kind } from "./lib/all.js";
const name = "app";
const other = (await_) => import(`./pages/${await_}.js`);
console.log(JSON.stringify([First(), new Kind().kind, count(), name]));
other("later").then((page) => console.log(JSON.stringify(page.Page())));
""",
    "lib/all.js": 'export * from "../vendor/one.js";\nexport class Kind { kind = own; }\nconst own = "all";\n',
    "lib/names.js": """const name = "names";
export async function never() {}
const UP = 1;
export { UP, name };
""",
    "pages/first.js": """import { count } from "../lib/all.js";
import { UP, name } from "../lib/names.js";
export function Page() { return [name, UP, count()]; }
""",
    "pages/later.js": """import {
  count as counted,
} from "../lib/all.js";
import { own } from "./own.js";
export const Page = () => [own, counted()];
""",
    "pages/own.js": 'export const own = "of a page";\n',
    "vendor/one.js": "let n=0;const c=()=>++n;export{c as count};",
}


def told(folder: Path, modules: dict[str, str]) -> list[object]:
    for name, text in modules.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "package.json").write_text('{"type": "module"}')
    done = subprocess.run(
        [str(binaries.find("node")), str(folder / "app.js")], capture_output=True, text=True, timeout=60, check=True
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_joined_modules_say_what_they_said_apart(tmp_path: Path) -> None:
    apart, together = tmp_path / "apart", tmp_path / "together"
    files = joined(MODULES, "app.js", f"{together.as_uri()}/")
    assert set(files) == {"app.js", "pages/later.js", "pages/own.js"}
    said = [[["names", 1, 1], "all", 2, "app"], ["of a page", 3]]
    assert told(apart, MODULES) == said
    assert told(together, files) == said


@pytest.mark.parametrize(
    "line",
    [
        'import whole from "./lib/names.js";',
        'import * as names from "./lib/names.js";',
        'import "./lib/names.js";',
        "export default 1;",
        "export let changed = 1;",
    ],
)
def test_what_is_not_known_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"app\.js: (import|export)"):
        joined({**MODULES, "app.js": f"{line}\n"}, "app.js", "/static/")
