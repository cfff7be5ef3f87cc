"""One candidate alone: sheets whose registered voters nobody gives take no room from the others."""

import numpy as np

from escruta.assessment.alone import alone
from escruta.assessment.bounds import Question


def test_a_sheet_that_covers_nothing_takes_no_room():
    asked = Question(
        groups=("a",),
        votes=np.array([[5], [12], [12]]),
        announced=((24,),),
        sizes=np.array([0, 2, 2]),
        at_least=(4,),
        at_most=(None,),
        capacity=10,
    )
    found = alone(asked, 0)
    assert found.known_coverage == 4  # both sheets of two voters fit into 24 votes
    assert (found.smallest, found.shortfall) == (24, 0)
