-- One row per phase and period (week, month, half term, term, year to date): schools of that phase summed.
{{ agg_absence(['dfe_phase']) }}
