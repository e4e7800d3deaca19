"""The ground truth: persons, the schools they are enrolled at, spells of absence, marks and the log of their
corrections.
"""
