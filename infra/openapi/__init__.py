"""The one OpenAPI document of the whole API, and the page that shows it; the gateway serves both as files.

People enter with ``python -m infra.openapi.build`` after a change of the wire; a test fails until they did. This room
reads what the services say of themselves (their applications are made, never started) and adds what the gateway says
for all. It must never describe anything that no service does.
"""
