"""Coverage-guided fuzzing of a reader: `make fuzz READER=excel SECONDS=300`.

Whatever its bytes are, a reader gives the records of a file or refuses it. What lets another exception out,
or takes more than two gigabytes or twenty seconds, is written to .local/fuzz/<reader>: mend it and keep the
file in tests/unit/finds. It begins with the bundled publications and what was found before, and goes on from
there the next time.
"""

from __future__ import annotations

import argparse
import importlib
import io
import pkgutil
import random
import tempfile
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import atheris

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

READERS = ("article", "csv", "eden", "excel", "json", "pdf_table", "transcription")
LONGEST = 200_000  # octets of a file: most faults need few, and few are tried often
_KEPT = Path(".local/fuzz")
_GUIDING = ["ingestion.read", "openpyxl", "pdfminer", "xlrd"]
"""The modules whose branches guide it; calamine, lxml and pdfium are not in Python."""


def main() -> None:
    """Fuzz until the seconds are over; libFuzzer says how many files were read, or where a find is."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("reader", choices=READERS)
    parser.add_argument("--seconds", type=int, default=300)
    options = parser.parse_args()
    with atheris.instrument_imports(include=_GUIDING):
        hostile = _imported()
    folder = _KEPT / options.reader
    _write_seeds(options.reader, folder / "corpus", hostile)
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "fuzz__fuzzed.bin"

        def read(content: bytes) -> None:
            file.write_bytes(content)
            with suppress(hostile.UnreadableDelivery):
                hostile.read_guarded(file, options.reader, **hostile.options_of(options.reader))

        bounds = (
            f"-max_total_time={options.seconds}",
            f"-max_len={LONGEST}",
            "-timeout=20",
            "-rss_limit_mb=2000",
        )
        arguments = ["fuzz", str(folder / "corpus"), f"-artifact_prefix={folder}/", *bounds]
        atheris.Setup(arguments, read, custom_mutator=_mutated)
        atheris.Fuzz()


def _imported() -> ModuleType:
    """Import every reader, then what knows their options: what is not imported yet guides."""
    package = importlib.import_module("ingestion.read")
    for module in pkgutil.walk_packages(package.__path__, "ingestion.read."):
        importlib.import_module(module.name)
    return importlib.import_module("tests.unit.test_hostile")


def _write_seeds(reader: str, corpus: Path, hostile: ModuleType) -> None:
    corpus.mkdir(parents=True, exist_ok=True)
    for name, content in _seeds(reader, hostile):
        (corpus / name).write_bytes(content)


def _seeds(reader: str, hostile: ModuleType) -> Iterator[tuple[str, bytes]]:
    for code, (contract, content) in hostile.VALID.items():
        if contract.form.reader == reader and len(content) <= LONGEST:
            yield code, content
    for find in Path("tests/unit/finds").glob(f"{reader}__*"):
        yield find.name, find.read_bytes()
    if reader == "json":
        yield "small", b'[{"value": 1.5, "area": "Mali"}]'
    if reader == "excel":
        written = importlib.import_module("tests.unit.test_read_excel")
        for write in (written.write_xlsx, written.write_xls, written.write_ods, hostile.xlsb_of_one_figure):
            with tempfile.TemporaryDirectory() as scratch:
                write(Path(scratch) / "small")
                yield write.__name__, (Path(scratch) / "small").read_bytes()


def _mutated(content: bytes, longest: int, seed: int) -> bytes:
    """Change a file: inside one part, when it is a zipped one. Its checksums and lengths are right again."""
    chance = random.Random(seed)  # noqa: S311 - the same change for the same seed
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = {name: package.read(name) for name in package.namelist()}
    except (zipfile.BadZipFile, NotImplementedError, OSError, RuntimeError, ValueError, EOFError):
        parts = {}
    if not parts:
        return atheris.Mutate(content, longest)
    one = chance.choice(list(parts))
    parts[one] = atheris.Mutate(parts[one], len(parts[one]) + 64)
    changed = io.BytesIO()
    with zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        for name, part in parts.items():
            package.writestr(name, part)
    return changed.getvalue() if changed.tell() <= longest else content


if __name__ == "__main__":
    main()
