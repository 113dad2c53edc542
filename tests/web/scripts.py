"""States of a phone, one for each picture, with the real questions and scores."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rapport_service.narrative.score import explain

EXAMPLES = Path(__file__).parents[2] / "schemas" / "examples" / "v1"
NOW = "2027-09-01T14:05:00Z"
"""The time in all pictures: a Wednesday morning in New York."""

WAVE = "acme.0b1e7f52-57b5-4248-bb17-095b8783b20a"
EARLIER = "acme.52a056f2-57b5-4248-bb17-095b8783b20a"
NEXT = "acme.9c2b6c11-57b5-4248-bb17-095b8783b20a"


def load_example(name: str) -> Any:
    """The body of a published example."""
    return json.loads((EXAMPLES / name).read_text())["response"]["json"]


INSTRUMENT = load_example("get_instrument.pulse-1.json")
CHARTER = load_example("get_charter.frozen.json")
TEXTS = {
    item["id"]: {"en": item["en"], "es": item["es"]} for item in INSTRUMENT["items"]
}
FORM = ["A0", "T1", "T6", "C1", "C6"]


def two(entry: dict[str, Any]) -> dict[str, str]:
    """The texts of an entry of the instrument."""
    return {"en": entry["en"], "es": entry["es"]}


QUESTIONS = {
    "form": 0,
    "leadIn": INSTRUMENT["lead_in"],
    "items": [{"id": each, "text": TEXTS[each]} for each in FORM],
    "options": [
        {"value": option["value"], "text": two(option)}
        for option in INSTRUMENT["options"]
    ],
    "notApplicable": INSTRUMENT["na"],
    "skip": INSTRUMENT["skip"],
    "context": {
        "text": two(INSTRUMENT["context"]),
        "options": [
            {"value": option["value"], "text": two(option)}
            for option in INSTRUMENT["context"]["options"]
        ],
    },
}


def ask(name: str) -> dict[str, Any]:
    """Questions of which the first is a certain one."""
    others = [each for each in FORM if each != name][:4]
    items = [{"id": each, "text": TEXTS[each]} for each in [name, *others]]
    return QUESTIONS | {"items": items}


VALUES = {
    "seals_at": {"en": "Friday, September 10", "es": "viernes 10 de septiembre"},
    "others": 18,
    "teams": "Intake North",
    "group": "Intake North",
    "eligible": 19,
    "fingerprint": "X9SZ AQZ9 3A4V",
}


def promises(language: str) -> list[str]:
    """The plain words of a charter, filled in."""
    filled = {
        name: value[language] if isinstance(value, dict) else value
        for name, value in VALUES.items()
    }
    return [line.format(**filled) for line in CHARTER["plain_language"][language]]


def pulse(wave: str = WAVE, **members: object) -> dict[str, Any]:
    """An open pulse, or another with other members."""
    return {
        "waveId": wave,
        "team": {"name": "Intake North", "pool": 19, "teams": ["Intake North"]},
        "opensAt": "2027-08-30T12:00:00Z",
        "closesAt": "2027-09-03T21:00:00Z",
        "sealsAt": "2027-09-10T21:00:00Z",
        "state": "open",
        "canAnswer": True,
        "reason": None,
        "item": None,
        "fingerprint": VALUES["fingerprint"],
        "plainLanguage": {"en": promises("en"), "es": promises("es")},
        "keySeenTwice": True,
        "hasDraft": False,
    } | members


def announced() -> dict[str, Any]:
    """The pulse after it."""
    return pulse(
        NEXT,
        opensAt="2027-09-13T12:00:00Z",
        closesAt="2027-09-17T21:00:00Z",
        sealsAt="2027-09-24T21:00:00Z",
        state="announced",
        canAnswer=False,
    )


def item(state: str, wave: str = WAVE, **members: object) -> dict[str, Any]:
    """An answer on this phone."""
    return {
        "waveId": wave,
        "state": state,
        "reason": None,
        "waitingBecause": None,
        "savedAt": "2027-09-01T14:02:00Z",
        "canWithdraw": state in {"waiting", "received", "rejected"},
        "canOfferAgain": state == "rejected",
    } | members


def result(name: str, wave: str, **members: object) -> dict[str, Any]:
    """A published score, as if it were of this phone's team."""
    document = load_example(f"get_team_score.{name}.json")
    document["team"]["name"] = "Intake North"
    return {"waveId": wave, "document": document | members}


def days(opens: str, closes: str) -> dict[str, str]:
    """The days of a wave, as a score has them."""
    return {"opens_at": f"{opens}T12:00:00Z", "closes_at": f"{closes}T21:00:00Z"}


def interval(low: int, high: int) -> dict[str, int]:
    """An interval, as documents have it."""
    return {"low": low, "high": high}


def change(direction: str, detectable: int) -> dict[str, Any]:
    """A change, as documents have it."""
    return {"direction": direction, "detectable": detectable}


LATER_FIGURES: dict[str, dict[str, Any]] = {
    "trust": {
        "score": 69,
        "interval": interval(62, 75),
        "level": {"score": 69, "interval": interval(64, 74)},
        "change": change("no_clear_change", 11),
        "two_wave_change": change("no_clear_change", 10),
    },
    "communication": {
        "score": 54,
        "interval": interval(47, 61),
        "level": {"score": 61, "interval": interval(56, 66)},
        "change": change("down", 11),
        "two_wave_change": change("no_clear_change", 11),
    },
    "overall": {
        "score": 62,
        "interval": interval(57, 67),
        "level": {"score": 65, "interval": interval(61, 69)},
        "change": change("no_clear_change", 9),
        "two_wave_change": change("no_clear_change", 8),
    },
}
"""Figures of a later wave: with levels, and with one part that is lower."""


def later_result(
    name: str = "released-fine",
    wave: str = EARLIER,
    tier: str | None = None,
    bound: str | None = None,
) -> dict[str, Any]:
    """The score of a later wave, with the sentences that the service writes for it."""
    later = result(name, wave, **days("2027-08-16", "2027-08-20"))
    document = later["document"]
    document["tier"] = tier or document["tier"]
    for construct, figures in LATER_FIGURES.items():
        document["constructs"][construct] |= figures
    if bound is not None:
        document["constructs"]["communication"] |= {
            "score": 90,
            "bound": bound,
            "interval": interval(84, 98),
            "level": {"score": 78, "interval": interval(71, 85)},
            "change": change("up", 11),
        }
    source = document.get("source_team")
    document["explanation"] = explain(
        document,
        source and source["name"],
        of_teams=False,
        pilot=bound is not None,
    )
    return later


ANSWERS = {"A0": 4, "T1": 4, "T6": 3, "C1": 2, "C6": "na"}


def draft(count: int = 5, **members: object) -> dict[str, Any]:
    """Answers given so far."""
    answers = {name: ANSWERS[name] for name in FORM[:count]}
    return {WAVE: {"answers": answers, "context": None, "position": count} | members}


BASE: dict[str, Any] = {
    "organization": "acme",
    "questions": QUESTIONS,
    "lastContactAt": "2027-09-01T11:42:00Z",
}


@dataclass(frozen=True)
class Picture:
    """One screen in one state.

    Attributes:
        name: of the file.
        script: what the phone says.
        view: the screen, if not the first one.
        code: a code that came by the link.
        phone: the profile of the browser: ``android``, ``ios-tab``, ``ios-app`` or
            ``mac``.
        taps: selectors of buttons to tap first.
        is_offline: whether the browser has no network.
        opened: whether all folds are open.
    """

    name: str
    script: dict[str, Any] = field(default_factory=dict)
    view: dict[str, Any] | None = None
    code: str | None = None
    phone: str = "android"
    taps: tuple[str, ...] = ()
    is_offline: bool = False
    opened: bool = False


CODE = "acme-7QFM-29XK-T4WD"
STRANGER = {"isEnrolled": False}
ON_WAVE = {"waveId": WAVE}
CONTINUE = ("#continue",)


def wrong_code(name: str) -> Picture:
    """The screen of a code that was refused."""
    script = STRANGER | {"enrolProblem": name}
    shown = name.removeprefix("code_").replace("_", "-")
    return Picture(f"code-{shown}", script, code=CODE, taps=CONTINUE)


def became(name: str, state: dict[str, Any], **script: object) -> Picture:
    """The screen of an answer in some state."""
    closed = pulse(item=state, canAnswer=False)
    members = {"pulses": [closed, announced()], "items": [state]} | script
    return Picture(
        f"became-{name}",
        {"nextOpensAt": "2027-09-13T12:00:00Z"} | members,
        view={"screen": "became", **ON_WAVE},
        is_offline=name in {"waiting", "withdrawing"},
    )


def home(name: str, *, is_offline: bool = False, **script: object) -> Picture:
    """Home in some state."""
    return Picture(f"home-{name}", dict(script), is_offline=is_offline)


def results(name: str, shown: dict[str, Any], *, opened: bool = False) -> Picture:
    """The screen of results, with one of them."""
    script = {"results": [shown]}
    return Picture(f"results-{name}", script, {"screen": "results"}, opened=opened)


SENT = pulse(item=item("received"), canAnswer=False)
LATER = {"nextOpensAt": "2027-09-13T12:00:00Z"}
WITH_RESULT = {"results": [later_result()]}
UNSENT = pulse(item=item("waiting"), canAnswer=False)

PICTURES = (
    Picture("code", STRANGER),
    Picture("code-filled", STRANGER, code=CODE),
    wrong_code("code_malformed"),
    wrong_code("code_unknown"),
    wrong_code("code_used"),
    wrong_code("code_expired"),
    wrong_code("code_for_reading"),
    wrong_code("no_connection"),
    wrong_code("not_rapport"),
    wrong_code("storage_refused"),
    Picture("ways-results", STRANGER, view={"screen": "ways", "way": "results"}),
    Picture("ways-admin", STRANGER, view={"screen": "ways", "way": "admin"}),
    Picture("install-ios", STRANGER, code=CODE, phone="ios-tab", taps=CONTINUE),
    Picture(
        "install-ios-open",
        STRANGER,
        code=CODE,
        phone="ios-tab",
        taps=CONTINUE,
        opened=True,
    ),
    Picture(
        "install-android",
        STRANGER | {"persistence": {"isPersisted": False}},
        code=CODE,
        taps=CONTINUE,
    ),
    Picture(
        "install-mac",
        STRANGER | {"persistence": {"isPersisted": False}},
        code=CODE,
        phone="mac",
        taps=CONTINUE,
        opened=True,
    ),
    home("open", pulses=[pulse(), announced()], **LATER, **WITH_RESULT),
    home(
        "begun",
        pulses=[pulse(hasDraft=True), announced()],
        drafts=draft(2),
        persistence={"isPersisted": False},
        **LATER,
    ),
    home(
        "waiting",
        is_offline=True,
        pulses=[UNSENT, announced()],
        items=[item("waiting")],
        **LATER,
        **WITH_RESULT,
    ),
    home(
        "two-waiting",
        is_offline=True,
        pulses=[pulse(), pulse(EARLIER, state="closed", canAnswer=False)],
        items=[item("waiting", EARLIER)],
    ),
    home("received", pulses=[SENT, announced()], items=[item("received")], **LATER),
    home("withdrawn", pulses=[SENT], items=[item("withdrawn")]),
    home("not-counted", items=[item("final", reason="too_late")], **LATER),
    home("refused", items=[item("rejected", reason="ballot_invalid")]),
    home(
        "closed-to-you",
        pulses=[pulse(canAnswer=False, reason="already_drawn")],
        **LATER,
    ),
    home("empty"),
    home("empty-offline", is_offline=True),
    home("unfetched", is_offline=True, hasFetched=False, lastContactAt=None),
    home("worker-late", isWorkerLate=True, pulses=[pulse(), announced()], **LATER),
    home("unreadable", results=[{"waveId": WAVE, "document": {}}]),
    home("next", pulses=[announced()], **LATER, **WITH_RESULT),
    home("login-page", problems=["not_rapport"], pulses=[pulse()]),
    home("clock", problems=["wrong_date"], pulses=[pulse()]),
    home("needs-code", problems=["revoked"]),
    home("charter", problems=["charter_refused"]),
    home(
        "charter-closed-to-you",
        problems=["charter_refused"],
        pulses=[pulse(canAnswer=False, reason="charter_refused")],
    ),
    home("newer", problems=["server_newer"], items=[item("waiting")], pulses=[UNSENT]),
    Picture("promise", {"pulses": [pulse()]}, view={"screen": "promise", **ON_WAVE}),
    Picture(
        "promise-again",
        {"pulses": [pulse()], "isReader": True},
        view={"screen": "promise", **ON_WAVE},
        opened=True,
    ),
    Picture(
        "question",
        {"pulses": [pulse()], "drafts": draft(1)},
        view={"screen": "question", "at": 1, **ON_WAVE},
    ),
    Picture(
        "question-answered",
        {"pulses": [pulse()], "drafts": draft(5)},
        view={"screen": "question", "at": 4, **ON_WAVE},
    ),
    Picture(
        "question-full",
        {"pulses": [pulse()], "drafts": draft(2), "saveProblem": "storage_full"},
        view={"screen": "question", "at": 2, **ON_WAVE},
        taps=(".five > button",),
    ),
    Picture(
        "context",
        {"pulses": [pulse()], "drafts": draft()},
        view={"screen": "context", **ON_WAVE},
    ),
    Picture(
        "review",
        {"pulses": [pulse()], "drafts": draft(context="stretched", position=6)},
        view={"screen": "review", **ON_WAVE},
    ),
    Picture(
        "review-incomplete",
        {"pulses": [pulse()], "drafts": draft(3, position=6)},
        view={"screen": "review", **ON_WAVE},
    ),
    Picture(
        "review-full",
        {
            "pulses": [pulse()],
            "drafts": draft(context="stretched", position=6),
            "sendProblem": "storage_full",
        },
        view={"screen": "review", **ON_WAVE},
        taps=("#send",),
    ),
    Picture(
        "blank",
        {"pulses": [pulse()], "drafts": draft(1)},
        view={"screen": "question", "at": 1, **ON_WAVE},
        taps=(".bar button:last-child",),
    ),
    became("waiting", item("waiting", waitingBecause="no_connection")),
    became("waiting-busy", item("waiting", waitingBecause="retry_later")),
    became("waiting-may-forget", item("waiting"), persistence={"isPersisted": False}),
    became("received", item("received")),
    became("result", item("received"), results=[result("released-fine", WAVE)]),
    became("withdrawing", item("withdrawing")),
    became("withdrawn", item("withdrawn")),
    became("too-late", item("final", reason="too_late")),
    became("cancelled", item("final", reason="wave_cancelled")),
    became("withdraw-too-late", item("final", reason="withdraw_too_late")),
    became("refused", item("rejected", reason="ballot_unknown_key")),
    Picture(
        "withdraw",
        {"pulses": [SENT], "items": [item("received")]},
        view={"screen": "withdraw", **ON_WAVE},
    ),
    Picture(
        "results",
        {
            "results": [
                later_result(),
                result("released-fine", NEXT, **days("2027-08-02", "2027-08-06")),
            ]
        },
        view={"screen": "results"},
    ),
    Picture("results-table", WITH_RESULT, view={"screen": "results"}, opened=True),
    results("first-wave", result("released-coarse", EARLIER), opened=True),
    results("coarse", later_result("released-coarse", bound="at_least")),
    results("rolled-up", later_result("rolled-up")),
    results("group-hidden", result("group-hidden", EARLIER)),
    results("withheld", result("withheld", EARLIER)),
    Picture("results-none", {}, view={"screen": "results"}),
    Picture("device", {"pulses": [announced()]}, view={"screen": "device"}),
    Picture(
        "device-may-forget",
        {"persistence": {"isPersisted": False}},
        view={"screen": "device"},
    ),
    Picture(
        "leave",
        {"items": [item("waiting")], "pulses": [UNSENT]},
        view={"screen": "leave"},
    ),
    Picture("another-code", {}, view={"screen": "code"}),
    Picture("storage-refused", {"openProblem": "storage_refused"}),
    Picture("server-newer", {"openProblem": "server_newer"}),
)
