"""Charts of the city report: static SVG in the Analysis Function's palette, each with its words."""
