"""Growth: what becomes of Frontrow's figures as load, halls, events, stored bookings and open streams grow.

Each series is measured in an instance of its own and kept in ``loadtest/results/growth.json``; ``loadtest.charts``
draws it. As in ``loadtest.bench``: figures never fail a build, work that was lost or decided wrongly does.
"""
