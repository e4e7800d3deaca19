"""The parts of the city report, in the order of the page; each reads what it needs and gives its blocks."""
