"""Load test: what Frontrow does under load, shown by scenarios that anybody can watch and by figures that are ratios.

``locustfile`` holds the scenarios, ``load`` runs them for ``make load``, ``bench`` measures for ``make bench``. No
service enters here. This room asks only platforms on the loopback interface, and never for longer than it was told to.
"""
