"""Charts: pictures of what ``loadtest.growth`` and ``loadtest.bench`` measured, as SVG files in ``loadtest/results``.

Nothing is measured here and nothing is made up: a chart whose figures are missing is not made. The same figures give
the same bytes.
"""
