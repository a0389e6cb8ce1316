"""Prompt packs: Markdown files parsed, linted, versioned by content and rendered.

Begin with `pack.Pack`, the typed form of a file that `parser` reads and `lint` checks. `services` keeps its versions,
`rendering` makes messages for a model or a text without one; `testing`, `benchmarks` and `optimising` run packs on cases.
"""
