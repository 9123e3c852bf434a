import unittest

from plugin.scores import Score, Settings, found
from slipway_sdk import FindingOutcome


class Scores(unittest.TestCase):
    def check(self, scores: list[Score], outcome: FindingOutcome, message: str, evidence: list[str]) -> None:
        finding = found(scores, Settings(api="acme", at_least=90.0))
        self.assertEqual((finding.outcome, finding.message, finding.evidence), (outcome, message, evidence))

    def test_scores_decide(self) -> None:
        self.check([], FindingOutcome.INCONCLUSIVE, "nothing was scored yet", [])
        good = [Score("search", 90.0), Score("cart", 99.5)]
        self.check(good, FindingOutcome.PASSED, "all 2 scores are at least 90", [])
        bad = [Score("search", 12.0), Score("cart", 99.5)]
        self.check(bad, FindingOutcome.FAILED, "1 of 2 scores are below 90", ["search: 12"])
