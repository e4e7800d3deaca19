-- One row per period (week, month, half term, term, year to date): every school of the city summed.
{{ agg_absence([]) }}
