"""What is said of a text that does not read as what it should be."""

from __future__ import annotations


class NotAsExpected(ValueError):  # noqa: N818 - read where it is caught: "not as expected"
    """A text that does not read as what it should be."""

    def __init__(self, found: str, expected: str) -> None:
        self.found, self.expected = found, expected
        super().__init__(f"trouvé « {found} », attendu {expected}")
