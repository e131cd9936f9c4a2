"""A claim is found however it is inflected, broken over lines or marked; facts, denials and quotes are none."""

import pytest

from lms.catalog.checks.wording import banned

CLAIMED = {
    "en": """
        Massage heals. | The massage will heal you. | Your hands can heal people. | It helps to heal the tissue.
        Massage is healing. | A healing touch. | Massage heals wounds. | Massage heals the skin.
        It cures pain. | It will cure pain. | It can cure his back. | No pain: massage cures it. | It is the cure.
        It removes lactic acid. | It drains lactic acid. | Strokes flush toxins. | Stroking flushes out the toxins.
        You get rid of toxins. | Massage eliminates old toxins. | Wash away all toxins.
        It reduces inflammation. | Massage reduces the inflammation. | It brings down the inflammation.
        It breaks up knots. | It breaks up old scar tissue. | Breaking down adhesions is our work. | It melts knots.
        It releases endorphins. | It boosts your endorphins. | Detoxify now. | Results are guaranteed.
        You are a licensed PT aide. | A certified physical therapy aide. | A certified massage aide. | A licensed aide.
        It does not only heal, it cures. | The muscle heals you.
        """,
    "es": """
        El masaje cura. | Puede curar el dolor. | Las manos curan. | El masaje lo curará. | Va a curarlo.
        Una mano limpia sana a las personas. | El masaje sana la piel. | Puede sanar su rodilla. | La piel sana a todos.
        Reduce la inflamación. | Baja la inflamación. | Va a reducir la inflamación.
        El masaje deshace nudos. | Rompe los nudos. | Disuelve las adherencias. | Derrite el tejido de cicatriz.
        Libera endorfinas. | Va a liberar las endorfinas. | Elimina las toxinas. | Drena el ácido láctico.
        Eliminar toxinas es fácil. | Es un auxiliar de fisioterapia certificado. | Resultados garantizados.
        """,
}
FINE = {
    "en": """
        The wound heals. | A wound can heal slowly. | Skin needs time to heal. | The injury has healed.
        Tissue healing has three phases. | A healed scar is soft. | A healing bone is a wall.
        Two people may heal at very different speeds. | Inflammation is needed for healing.
        It does not remove lactic acid. | Massage doesn’t cure pain. | It cannot cure you. | It never breaks up knots.
        A score is not a cure. | You do not give water as a cure. | The aide is unlicensed.
        You are not a licensed aide. | He said “it heals”. | "Massage heals." {effect unsupported R-A}
        A patient who believes that rubbing removes inflammation may ask. | The heels are covered.
        """,
    "es": """
        La herida sana. | La piel sana es lisa. | Una persona sana puede tener agujetas. | El tejido puede sanar.
        Las personas pueden sanar a ritmos distintos. | No cura el dolor. | No elimina las toxinas. | Nunca cura.
        Un puntaje no es una cura. | El masaje no lo cura. | Toque una cicatriz cuando sanó del todo.
        Quien cree que frotar quita la inflamación puede pedirlo. | “Cura”, dice. | La piel oscura.
        """,
}


def sentences(of: dict[str, str]) -> list[tuple[str, str]]:
    return [
        (lang, one.strip())
        for lang, lines in of.items()
        for line in lines.strip().split("\n")
        for one in line.split("|")
    ]


@pytest.mark.parametrize(("lang", "said"), sentences(CLAIMED))
def test_it_is_a_claim_to_say(lang: str, said: str) -> None:
    assert list(banned(said, lang))


@pytest.mark.parametrize(("lang", "said"), sentences(FINE))
def test_it_is_no_claim_to_say(lang: str, said: str) -> None:
    assert list(banned(said, lang)) == []


@pytest.mark.parametrize(
    "said",
    [
        "It removes\nlactic acid.",
        "It **removes** lactic **acid**.",
        "It re\u00admoves lactic\u00a0acid.",
        "It removes [[lactate|lactic acid]].",
        "It _removes_ *lactic* acid.",
    ],
)
def test_a_claim_is_seen_through_what_a_reader_does_not_see(said: str) -> None:
    assert [phrase for phrase, _ in banned(said, "en")] == ["removes lactic acid"]


def test_a_claim_is_told_at_the_line_where_it_begins() -> None:
    assert list(banned("One.\nTwo **removes\nlactic** acid.", "en")) == [("removes lactic acid", 1)]
    assert list(banned("Fine.\n\n- It\n- heals", "en")) == [("heals", 3)]


def test_a_refuted_saying_excuses_only_its_own_paragraph() -> None:
    text = "It heals\n\n“It cures.” {effect unsupported R-A} Nobody has shown it."

    assert list(banned(text, "en")) == [("heals", 0)]


def test_many_open_quotes_are_read_in_no_time() -> None:
    assert list(banned("“" * 200_000 + " heals", "en")) == [("heals", 0)]
