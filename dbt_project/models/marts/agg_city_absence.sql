-- One row per period (week, term, year to date): every school of the city summed.
{{ agg_absence([]) }}
