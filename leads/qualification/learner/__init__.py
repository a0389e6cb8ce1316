"""Learning from labels: the arithmetic. Vectors and yes or no in, probabilities out; it knows no lead and no database."""
