"""An operator looks at the platform."""

from tests.e2e.web.visitor import Visitor
from tests.frontrow import Frontrow
from tests.people import an_operator, somebody


def test_an_operator_sees_every_part_of_the_platform(visitor: Visitor, frontrow: Frontrow) -> None:
    visitor.expected = ("/health",)  # 503 while something is slow to answer, which the page says
    visitor.signs_in(an_operator(frontrow))
    visitor.follows("System")
    visitor.sees_title("The platform")
    for part in ("Bookings are decided", "write_api", "postgres", "The log, partition by partition", "Dead letters"):
        visitor.sees(part)
    visitor.finds_no_barrier()
    visitor.does_not_scroll_sideways()


def test_a_customer_does_not(visitor: Visitor, frontrow: Frontrow) -> None:
    visitor.signs_in(somebody(frontrow.client))
    visitor.goes_to("/system")
    visitor.sees_title("Your account may not see this page.")
