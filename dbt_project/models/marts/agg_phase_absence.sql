-- One row per phase of DfE's statistics and period (week, term, year to date): schools of that phase summed.
{{ agg_absence(['dfe_phase']) }}
