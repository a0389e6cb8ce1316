"""Running the product: the supervisor behind `up`, embedded Postgres, health and metrics."""
