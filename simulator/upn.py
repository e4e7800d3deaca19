"""Unique pupil numbers: check letter, three digits of authority, four of school, two of year, three of serial."""

from __future__ import annotations

import numpy as np

ALPHABET = "ABCDEFGHJKLMNPQRTUVWXYZ"


def check_letters(bodies: np.ndarray) -> np.ndarray:
    """Check letter of each twelve-character body: sum of position (2 to 13) times value, modulo 23.

    A final letter (temporary number) counts by its place in the alphabet without I, O and S. Source: govtalk
    UniquePupilNumber 2.0.
    """
    letters = np.array(bodies, dtype="U12").view("U1").reshape(-1, 12)
    values = np.zeros(letters.shape, dtype=np.int64)
    for value, digit in enumerate("0123456789"):
        values[letters == digit] = value
    for value, letter in enumerate(ALPHABET):
        values[letters == letter] = value
    return np.asarray(np.array(list(ALPHABET))[(values * np.arange(2, 14)).sum(axis=1) % 23])


def make_upns(
    authority: np.ndarray, school: np.ndarray, year: np.ndarray, serial: np.ndarray, temporary: np.ndarray
) -> np.ndarray:
    """Whole numbers from their parts; where `temporary`, the last digit of the serial becomes a letter."""
    tails = np.array([f"{number:03d}" for number in serial], dtype="U3")
    lettered = np.char.add(tails.astype("U2"), np.array(list(ALPHABET))[serial % 23])
    tails = np.where(temporary, lettered, tails)
    parts = zip(authority, school, year, tails, strict=True)
    bodies = np.array([f"{la:03d}{estab:04d}{entry:02d}{tail}" for la, estab, entry, tail in parts], dtype="U12")
    return np.char.add(check_letters(bodies), bodies)
