"""Who tells only how somebody looks is asked what the person did; who tells of anything else is not."""

from __future__ import annotations

import pytest
import yaml

from engage.dialogue.appearance import TELLS_NO_ACT, tells_only_looks
from engage.triage import shipped_lexicon
from engage.triage.concepts import concepts_in
from engage.triage.lexicon import shipped_folder

ONLY_LOOKS = [
    "There is an Arab man at gate B12",
    "Two black men with backpacks, they look suspicious",
    "a guy with a long beard and a turban next to the kiosk",
    "Muslim woman in a headscarf sitting by the window",
    "tall man, dark skin, foreign accent. bad feeling",
    "Hay un hombre árabe en la puerta B12",
    "Un gitano con barba y mochila, me da mala espina",
    "una mujer musulmana con velo cerca de la ventana",
    "Il y a un homme arabe près de la porte",
    "Un étranger barbu au kiosque, il a l'air suspect",
    "deux hommes noirs avec des capuches",
    "في رجل اجنبي واقف عند البوابة شكله غريب",
    "رجل ملتحي يلبس عمامة عند البوابة",
    "رجل أسود البشرة عند الباب",
    "B12登机口有一个阿拉伯人",
    "有个黑人背着黑色背包,看起来很可疑",
    "一个戴头巾的穆斯林女人坐在咖啡店",
    "У выхода стоит мужчина кавказской внешности",
    "Двое нерусских с бородой и рюкзаками, подозрительные",
    "цыгане у кассы",
    "Há um homem árabe no portão B12",
    "Dois negros de mochila, parecem suspeitos",
    "uma mulher muçulmana de véu perto da janela",
    "May Arabo sa gate B12",
    "Dalawang maitim na lalaki na naka jacket",
    "may lalaking matangkad na naka itim",
]
MORE = [
    "Arab man left a bag and ran",
    "black man with a knife",
    "tall man with a beard is filming the cameras",
    "woman in a red coat collapsed",
    "a muslim woman is being shouted at by a drunk",
    "the bag is black and nobody is near it",
    "man in a hoodie trying door handles",
    "black smoke from the kiosk",
    "un hombre árabe dejó una maleta y se fue corriendo",
    "mujer con velo llorando, un hombre le grita",
    "un negro fue golpeado por los guardias",
    "un homme barbu filme les caméras",
    "une femme noire s'est évanouie",
    "رجل ملتحي يصور الكاميرات",
    "رجل ترك حقيبة وهرب",
    "一个黑人晕倒了",
    "戴帽子的男人在撬门",
    "мужчина с бородой оставил сумку и ушел",
    "цыгане украли мой кошелек",
    "um homem negro desmaiou",
    "homem de capuz a filmar as câmaras",
    "may lalaking balbas na may dalang baril",
    "nahimatay ang babaeng naka itim",
    "Where is gate B12?",
    "wet floor near the lift",
    "卫生间很脏",
]


def asked(text: str) -> bool:
    """Whether the question is asked."""
    return tells_only_looks(text, concepts_in(text, shipped_lexicon()))


@pytest.mark.parametrize("text", ONLY_LOOKS)
def test_only_looks(text: str) -> None:
    assert asked(text)


@pytest.mark.parametrize("text", MORE)
def test_something_that_was_done_or_no_looks_at_all(text: str) -> None:
    assert not asked(text)


def test_every_concept_that_tells_no_act_is_one_of_the_lexicon() -> None:
    known = yaml.safe_load((shipped_folder() / "concepts.yaml").read_text("utf-8"))
    assert {concept for group in known.values() for concept in group} >= TELLS_NO_ACT
