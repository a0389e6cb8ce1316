"""Reports: the funnel and its rates, with honest denominators and intervals. Reads only."""
