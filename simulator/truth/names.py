"""Invented names, among them those that break careless readers (Null, NA, apostrophes, accents, hyphens)."""

from pathlib import Path

DATA = Path(__file__).parent.parent / "data"
FORENAMES = (DATA / "forenames.txt").read_text(encoding="utf-8").split()
SURNAMES = (DATA / "surnames.txt").read_text(encoding="utf-8").split()
