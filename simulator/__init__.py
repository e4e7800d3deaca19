"""A truthful synthetic city: one ground truth, and the faces of its schools' systems. No child in it is real."""
