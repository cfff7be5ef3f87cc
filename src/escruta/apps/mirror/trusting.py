"""Whose signature a mirrored log must bear: as somebody says, or else as it was when the mirror began."""

from __future__ import annotations

from dataclasses import dataclass

from escruta.apps.mirror.errors import MirrorUnusable
from escruta.apps.mirror.holdings import Holding
from escruta.apps.published import Published
from escruta.tlog.policies import Policy, parse_policy

PUBLISHED_POLICY = "log.policy"
"""Where a record says whose signatures its log should bear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """A policy, and where it is from."""

    policy: Policy
    raw: bytes
    is_taken_from_place: bool = False
    """Whether only the mirrored place itself says so: then nobody knows yet whether it may."""


def find_trust(given: bytes | None, holding: Holding, place: Published) -> Trust:
    """Take the policy that was given; else the one that this mirror keeps; else the one that the place shows."""
    raw, where = given, "the policy"
    if raw is None:
        raw, where = holding.policy(), f"the policy kept of {holding.origin}"
    if raw is not None:
        return Trust(policy=parse_policy(raw, where=where), raw=raw)
    raw = place.read(PUBLISHED_POLICY)
    if raw is None:
        raise MirrorUnusable(
            "nothing says whose signature this log must bear",
            where=place.place,
            found=holding.origin,
            expected="a policy, or the log's verifier key",
            advice="Name them with --policy FILE or --log-key KEY, as they stand in print.",
        )
    return Trust(policy=parse_policy(raw, where=place.locate(PUBLISHED_POLICY)), raw=raw, is_taken_from_place=True)
