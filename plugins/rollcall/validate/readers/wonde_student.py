"""One student of Wonde to the template's words; a field that the school's permission leaves out is not stated."""

from __future__ import annotations

from typing import Any, Final

YES: Final = ("true", "1", "y", "yes")
NO: Final = ("false", "0", "n", "no")
SEN: Final = {
    "sen support": "K",
    "education, health and care plan": "E",
    "ehcp": "E",
    "no special educational need": "N",
}
SEX: Final = {"female": "F", "male": "M"}
EARLY_YEARS: Final = {"reception": "R", "nursery 1": "N1", "nursery 2": "N2"}
STATUS: Final = {"single": "C", "current": "C", "main": "M", "subsidiary": "S", "guest": "G"}


def pupil_row(student: dict[str, Any]) -> dict[str, str]:
    """The student in the template's columns, keyed by the stable ``upi`` where the school's system gives one."""
    education = _data(student, "education_details")
    more = _data(student, "extended_details")
    boarding = _data(student, "boarding")
    contact = _data(student, "contact_details")
    flags = {
        "is_boarder": boarding.get("is_boarder", more.get("is_boarder")),
        "fsm": more.get("free_school_meals"),
        "eal": more.get("english_as_additional_language"),
        "looked_after": more.get("in_lea_care"),
        "cin": more.get("child_in_need", more.get("cin")),
        "cp": more.get("child_protection_plan", more.get("cp")),
    }
    return {
        "pupil_id": _text(student.get("upi") or student.get("mis_id") or student.get("id")),
        "upn": _text(education.get("upn")),
        "former_upn": _text(education.get("former_upn")),
        "surname": _text(student.get("legal_surname") or student.get("surname")),
        "forename": _text(student.get("legal_forename") or student.get("forename")),
        "date_of_birth": _day(student.get("date_of_birth")),
        "sex": _word(student.get("gender"), SEX, "U"),
        "nc_year": _year(_text(education.get("current_nc_year"))),
        "registration_group": _text(_data(student, "registration").get("name", education.get("registration_group"))),
        "entry_date": _day(education.get("admission_date")),
        "leaving_date": _day(education.get("leaving_date")),
        "leaving_reason": _text(education.get("leaving_reason")),
        "removal_ground": _text(education.get("removal_ground", education.get("removal_grounds"))),
        "destination": _text(education.get("destination")),
        "destination_urn": _text(education.get("destination_urn")),
        "enrolment_status": _word(more.get("enrolment_status"), STATUS, ""),
        "sen": _word(more.get("sen_status"), SEN, ""),
        "ethnicity": _text(more.get("ethnicity")),
        "first_language": _text(more.get("first_language")),
        "postcode": _text(contact.get("postcode", _home(contact).get("postcode"))),
    } | {name: _flag(value) for name, value in flags.items()}


def _data(student: dict[str, Any], name: str) -> dict[str, Any]:
    part = student.get(name)
    data = part.get("data") if isinstance(part, dict) else None
    return data if isinstance(data, dict) else {}


def _home(contact: dict[str, Any]) -> dict[str, Any]:
    addresses = contact.get("addresses")
    home = addresses.get("home") if isinstance(addresses, dict) else None
    return home if isinstance(home, dict) else {}


def _text(value: Any) -> str:
    return "" if value is None or isinstance(value, dict | list) else str(value).strip()


def _day(value: Any) -> str:
    """The day of a date object or text; birth and enrolment dates are civil dates at midnight."""
    return _text(value.get("date") if isinstance(value, dict) else value)[:10]


def _flag(value: Any) -> str:
    """Y, N, or the word itself, which a rule then clears."""
    word = _text(value)
    return "Y" if word.lower() in YES else "N" if word.lower() in NO else word


def _word(value: Any, words: dict[str, str], otherwise: str) -> str:
    """A word's code; one or two characters are already a code."""
    word = _text(value)
    if len(word) < 2:
        return word
    for text, code in words.items():
        if word.lower().startswith(text):
            return code
    return otherwise or word


def _year(text: str) -> str:
    """``Year  4`` is 4, ``Reception`` is R."""
    return EARLY_YEARS.get(text.lower(), text.lower().removeprefix("year").strip() if text[:1] in "Yy" else text)
