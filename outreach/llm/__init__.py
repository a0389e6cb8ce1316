"""The only way to language models: providers, routes, structured output, cache, interactions and traces."""
