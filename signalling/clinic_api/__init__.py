"""REST for the web client and, later, for hospital systems. Validates and translates; decides nothing."""
