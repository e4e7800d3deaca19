from __future__ import annotations


def board_pack(*a):
    raise NotImplementedError
