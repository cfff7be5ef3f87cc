"""How a contest is decided: what a definition may say of it, and what it may not."""

import pytest
from tests.unit.election.broken_definitions import WHOLE

from escruta.election.definition import Rule
from escruta.election.faults import DefinitionError
from escruta.election.reading import parse_election


def with_rule(text: str) -> str:
    return WHOLE.replace('name = "President"\n', f'name = "President"\nrule = {text}\n', 1)


@pytest.mark.parametrize(
    "text",
    [
        '"plurality"',
        '{ wins = [{ more_than = "50%" }] }',
        '{ wins = [{ more_than = "45%" }, { at_least = "40%", ahead_by_more_than = "10%" }] }',
        '{ bar = "5%" }',
    ],
)
def test_rules_as_laws_have_them_are_read(text):
    rule = parse_election(with_rule(text), where="x").contests[0].rule
    assert isinstance(rule, Rule) == text.startswith("{")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{ wins = [] }", "either `wins` or `bar`"),
        ('{ wins = [{ more_than = "50%" }], bar = "5%" }', "either `wins` or `bar`"),
        ("{ wins = [{}] }", "one of `more_than`, `at_least`"),
        ('{ wins = [{ more_than = "50%", at_least = "40%" }] }', "`more_than` alone"),
        ('{ bar = "5" }', "contests[0].rule"),
        ('"most"', "contests[0].rule"),
    ],
)
def test_rule_that_says_nothing_or_too_much_is_a_fault(text, said):
    with pytest.raises(DefinitionError) as caught:
        parse_election(with_rule(text), where="x")
    assert said in str(caught.value)
    assert len(caught.value.faults) == 1
