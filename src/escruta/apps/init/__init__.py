"""From sample files to a definition to correct: `escruta init`.

proposal = propose_definition([Path("results.xlsx")], election_id="my-2024-president")
print(proposal.toml)              # the text of an election.toml, every guess marked CHECK
for note in proposal.notes:
    print(note)                   # what was found, what was left out
"""

from escruta.apps.init.proposal import Proposal, propose_definition

__all__ = ["Proposal", "propose_definition"]
