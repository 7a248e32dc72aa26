"""Fuzz: every call of the published document with what nobody thought of, held against what the document says."""
