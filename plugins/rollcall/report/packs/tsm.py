from __future__ import annotations


def tsm_pack(*a):
    raise NotImplementedError
