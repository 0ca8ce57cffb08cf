"""Turns measurements into the table that is printed. Sizes are in MB of a million bytes."""

import io
import statistics
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

MB = 1_000_000
HEADERS = (
    "function",
    "start ms",
    "p90",
    "x bare",
    "first answer ms",
    "p90",
    "x bare",
    "peak MB",
    "binary MB",
    "zip MB",
)


@dataclass
class Measured:
    binary: Path
    start_ms: list[float] = field(default_factory=list)
    answer_ms: list[float] = field(default_factory=list)
    peak_bytes: int = 0


def table(measured: dict[str, Measured], bare: Measured | None) -> str:
    rows = [HEADERS, *(_row(name, one, bare) for name, one in measured.items())]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADERS))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )


def _row(name: str, one: Measured, bare: Measured | None) -> tuple[str, ...]:
    return (
        name,
        *_times(one.start_ms, bare and bare.start_ms),
        *_times(one.answer_ms, bare and bare.answer_ms),
        f"{one.peak_bytes / MB:.1f}",
        f"{one.binary.stat().st_size / MB:.2f}",
        f"{_zipped(one.binary) / MB:.2f}",
    )


def _times(values: list[float], bare: list[float] | None) -> tuple[str, str, str]:
    if not values:
        return ("-", "-", "-")
    median = statistics.median(values)
    p90 = statistics.quantiles(values, n=10, method="inclusive")[8] if values[1:] else median
    ratio = f"{median / statistics.median(bare):.2f}" if bare else "-"
    return f"{median:.2f}", f"{p90:.2f}", ratio


def _zipped(binary: Path) -> int:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.write(binary, "bootstrap")
    return len(packed.getvalue())
