"""A font of this machine that has every Vietnamese letter. None is shipped: Debian and Raspberry Pi OS have them
as packages, and a PDF carries the letters that it uses.

Must not: lay anything out (sheet.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from reportlab.pdfbase.pdfmetrics import registerFont, registerFontFamily
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from controller.texts import ReadableError

ROOTS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path.home() / ".local/share/fonts",
    Path(__file__).resolve().parents[2] / ".cache" / "fonts",  # a checkout's own, unpacked by its set-up
)
FAMILIES = (
    ("LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf"),
    ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"),
    ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf"),
    ("Roboto-Regular.ttf", "Roboto-Bold.ttf"),
)
"""The first has the widths of Arial, so that what an office copies out of a PDF keeps its lines."""
PACKAGE = "fonts-dejavu-core"
LETTERS = "ăâđêôơưĂÂĐÊÔƠƯáàảãạấầẩẫậắằẳẵặéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ–·…°₫≥≤→•"
NORMAL, BOLD = "diemcau", "diemcau-bold"


class NoFont(ReadableError):
    """This machine has no font with Vietnamese letters; the text names the package to install."""


SERIF = (("LiberationSerif-Regular.ttf", "LiberationSerif-Bold.ttf"), ("DejaVuSerif.ttf", "DejaVuSerif-Bold.ttf"))
"""For papers of an office (NĐ 30/2020 wants Times New Roman): the first has its widths."""


def register(
    roots: tuple[Path, ...] = ROOTS,
    families: tuple[tuple[str, str], ...] = FAMILIES,
    names: tuple[str, str] = (NORMAL, BOLD),
) -> str:
    """Make the family `names` (normal, bold) known to reportlab; the file that it came from. Raises NoFont."""
    plain, strong = names
    for normal, bold in _pairs(roots, families):
        try:
            faces = TTFont(plain, normal), TTFont(strong, bold)
        except (TTFError, OSError):
            continue  # not a font after all, or not to be read: the next may be
        if all(ord(letter) in face.face.charToGlyph for face in faces for letter in LETTERS):
            for face in faces:
                registerFont(face)
            registerFontFamily(plain, normal=plain, bold=strong, italic=plain, boldItalic=strong)
            return str(normal)
    raise NoFont("paper.no_font", PACKAGE)


def _pairs(roots: tuple[Path, ...], families: tuple[tuple[str, str], ...]) -> Iterator[tuple[Path, Path]]:
    for regular, strong in families:
        for root in roots:
            for normal in sorted(root.rglob(regular)) if root.is_dir() else ():
                bold = normal.with_name(strong)
                if bold.is_file():
                    yield normal, bold
