"""R22: the line report, a fair record per provider, for any period. Pure. No ranking: by name, never by figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from controller.dashboard.collate import key
from controller.dashboard.forms import MACHINE, Frame
from controller.dashboard.line_figures import BAD, WARN, Hours, Site, by_provider, together
from controller.dashboard.papers.model import (
    UNKNOWN,
    Block,
    Cell,
    Document,
    Fill,
    Grid,
    Heading,
    Para,
    Signs,
    moment,
    shown,
)

NOBODY = "chưa ghi nhà cung cấp"
_FIGURES = ("Giờ đo được", "Giờ nghẽn", "Giờ xấu", "Mất gói %", "Trễ ms", "Giờ lỗi mạng trong phòng")
_CUTS = ("Số lần đứt", "Phút đứt", "Do nhà cung cấp (phút)")


def line_report(frame: Frame, span: tuple[int, int], sites: Sequence[Site], names: Mapping[str, str]) -> Document:
    """Per provider, by hour of the day, and per site with its circuit."""
    ours = [site for site in sites if site.ours]
    providers = sorted(by_provider(ours).items(), key=lambda row: key(row[0] or NOBODY))
    blocks: list[Block] = [
        Para(_limits()),
        Heading("I. Theo nhà cung cấp"),
        _of_providers(providers),
        Heading("II. Theo giờ trong ngày (giờ nghẽn / giờ đo được)"),
        _by_hour(providers),
    ]
    for provider, found in providers:
        blocks += [Heading(f"III. Từng đường truyền – {provider or NOBODY}"), _of_sites(found, names)]
    others = sorted((names.get(site.room, site.room) for site in sites if not site.ours), key=key)
    if others:
        blocks.append(Para(f"Không tính, vì phòng đo qua đường khác: {', '.join(others)}."))
    signs = Signs(("Người lập", "Nhà cung cấp"), ("sign_author", "sign_provider"))
    blocks += [Fill("opinion", "Ý kiến nhà cung cấp", rows=4), signs]
    period = f"từ {shown(moment(span[0]))} đến {shown(moment(span[1]))}"
    return Document(
        "Báo cáo chất lượng đường truyền", tuple(blocks), "duong-truyen", frame.parent, frame.office, period
    )


def _limits() -> str:
    """What the words mean stands in the report: who reads it may have agreed on others."""
    warn, bad = (_told(limits) for limits in (WARN, BAD))
    return (
        f"Giờ nghẽn: {warn}. Giờ xấu: {bad}. Trung bình mỗi giờ ({MACHINE}); giờ không đo được không tính cho ai, "
        "giờ bộ định tuyến của phòng có lỗi không tính cho nhà cung cấp."
    )


def _told(limits: Mapping[str, float]) -> str:
    loss, rtt, jitter = limits["loss_ratio"] * 100, limits["rtt_ms"], limits["jitter_ms"]
    return f"mất gói từ {loss:.0f} %, trễ từ {rtt:.0f} ms hoặc rung pha từ {jitter:.0f} ms"


def _of_providers(providers: Sequence[tuple[str, Sequence[Site]]]) -> Grid:
    body = tuple(
        (provider or NOBODY, len(sites), *_figures(together(site.hours for site in sites)), *_cuts(sites))
        for provider, sites in providers
    )
    return Grid(("Nhà cung cấp", "Số đường", *_FIGURES, *_CUTS), body, (4, 2, *(2,) * 9))


def _of_sites(sites: Sequence[Site], names: Mapping[str, str]) -> Grid:
    rows = sorted(sites, key=lambda site: key(names.get(site.room, site.room)))
    body = tuple(
        (names.get(site.room, site.room), site.circuit or None, *_figures(site.hours), *_cuts([site]))
        for site in rows
    )
    return Grid(("Điểm cầu", "Mã kênh", *_FIGURES, *_CUTS), body, (4, 3, *(2,) * 9))


def _figures(hours: Hours) -> tuple[Cell, ...]:
    loss: Cell = UNKNOWN if hours.loss_pct is None else hours.loss_pct
    rtt: Cell = UNKNOWN if hours.rtt_ms is None else hours.rtt_ms
    if not hours.measured:
        return (0, UNKNOWN, UNKNOWN, loss, rtt, hours.own)
    return (hours.measured, hours.congested, hours.bad, loss, rtt, hours.own)


def _cuts(sites: Sequence[Site]) -> tuple[Cell, ...]:
    cuts = [cut for site in sites for cut in site.cuts]
    theirs = sum(minutes for minutes, cause in cuts if cause == "provider")
    return (len(cuts), sum(minutes for minutes, _ in cuts), theirs)


def _by_hour(providers: Sequence[tuple[str, Sequence[Site]]]) -> Grid:
    sums = [together(site.hours for site in sites).by_hour for _, sites in providers]
    body = tuple((f"{hour:02d}:00", *(_share(found.get(hour)) for found in sums)) for hour in range(24))
    heads = tuple(provider or NOBODY for provider, _ in providers)
    return Grid(("Giờ", *heads), body, (2, *(3,) * len(heads)))


def _share(found: tuple[int, int] | None) -> str:
    return "–" if found is None else f"{found[1]} / {found[0]}"
