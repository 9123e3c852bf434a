"""What the service answers, and what is found in it. Change this to what yours says."""

from dataclasses import dataclass

from slipway_sdk import About, Check, Endpoint, Finding, FindingOutcome, Subject, escape

API = Endpoint("api")
"""Known by the setting that names it."""


@dataclass(frozen=True)
class Settings:
    """What `deploy.toml` says in `[check.NAME]`; its schema is in `settings.schema.json`."""

    api: str
    """Read by Slipway, which gives the endpoint of that name."""
    at_least: float
    """The least score that is good enough, of 100."""


@dataclass(frozen=True)
class Score:
    of: str
    score: float


@dataclass(frozen=True)
class Scores:
    """`GET /v1/scores?service=..&environment=..&revision=..`"""

    scores: list[Score]


class Plugin(Check[Settings]):
    about = About.of_project(__file__)
    needs = ["endpoint of api"]

    def check(self, settings: Settings, subject: Subject) -> Finding:
        where = {
            "service": subject.service,
            "environment": subject.environment,
            "revision": subject.revision,
        }
        query = "&".join(f"{key}={escape(value)}" for key, value in where.items())
        return found(API.get_json(f"/v1/scores?{query}", Scores).scores, settings)


def found(scores: list[Score], settings: Settings) -> Finding:
    """Pure, so that it can be tested. Where nothing was scored there is nothing to say, and that is never a pass."""
    bad = [one for one in scores if one.score < settings.at_least]
    if not scores:
        outcome, message = FindingOutcome.INCONCLUSIVE, "nothing was scored yet"
    elif not bad:
        outcome = FindingOutcome.PASSED
        message = f"all {len(scores)} scores are at least {_number(settings.at_least)}"
    else:
        outcome = FindingOutcome.FAILED
        message = f"{len(bad)} of {len(scores)} scores are below {_number(settings.at_least)}"
    evidence = [f"{one.of}: {_number(one.score)}" for one in bad]
    return Finding(outcome, message, evidence, values=[one.score for one in scores])


def _number(value: float) -> str:
    """As people write it: 90, not 90.0."""
    return repr(value).removesuffix(".0")
