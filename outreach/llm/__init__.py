"""The only way to language models: providers, routes, structured output, cache, interactions and traces.

Begin with `services.complete`: rooms hand it a `Call` with built-in rules that answer when no model does. It goes along
the chain of a route (`routing`); each call waits for its turn (`admission`), is put in the server's language
(`adapters`) and leaves a row (`attempts`). `setup` connects providers, `costs` reports what was asked.
"""
