"""The criteria language: one registry of fields, schema, compiler to SQL, immutable versions, preview."""
