"""Names as people write them."""

from __future__ import annotations

import re

import pytest

from infra.local.demo.assortment import Assortment
from infra.local.demo.product_names import STOCK_REMARK, readable_name


@pytest.mark.parametrize(
    ("description", "name"),
    [
        ("3D DOG PICTURE PLAYING CARDS", "3D Dog Picture Playing Cards"),
        ("WHITE HANGING HEART T-LIGHT HOLDER", "White Hanging Heart T-light Holder"),
        ("SET/3 RED GINGHAM ROSE STORAGE BOXES", "Set of 3 Red Gingham Rose Storage Boxes"),
        ("CERAMIC BOWLS S/4", "Ceramic Bowls Set of 4"),
        ("SET3 BOOK BOX", "Set of 3 Book Box"),
        ("SET 12 COLOUR PENCILS DOLLY GIRL", "Set of 12 Colour Pencils Dolly Girl"),
        ("SET OF4 BOWLS", "Set of 4 Bowls"),
        ("FOLK ART GREETING CARD,pack/12", "Folk Art Greeting Card, Pack of 12"),
        ("REGENCY CAKESTAND 3 TIER", "Regency Cakestand 3 Tier"),
        ("JUMBO BAG RED RETROSPOT", "Jumbo Bag Red Retrospot"),
        ("POLYESTER FILLER PAD 65CMx65CM", "Polyester Filler Pad 65cmx65cm"),
        ("THE KING GIFT BAG 25x24x12cm", "The King Gift Bag 25x24x12cm"),
        ("GARLAND 1.8M", "Garland 1.8m"),
        ("CHILDREN'S APRON DOLLY GIRL ", "Children's Apron Dolly Girl"),
        ("SET OF THREE 50'S GIFT WRAPS", "Set of Three 50's Gift Wraps"),
        ("BAG OF SALT AND PEPPER WITH THE LID", "Bag of Salt and Pepper with the Lid"),
        ("IN THE GARDEN", "In the Garden"),
        ("RED  RETROSPOT   MUG", "Red Retrospot Mug"),
        ("MUG , DOTCOMGIFTSHOP.COM", "Mug, Dotcomgiftshop.Com"),
        ("GLASS JAR MARMALADE.", "Glass Jar Marmalade"),
        ("DUSTER,", "Duster"),
        ("*USB Office Glitter Lamp", "USB Office Glitter Lamp"),
        ("BLUE CHECK BAG W HANDLE 34X20CM", "Blue Check Bag with Handle 34x20cm"),
        ("CHARLIE+LOLA MUG", "Charlie & Lola Mug"),
        ("WHITE/PINK HEART", "White/Pink Heart"),
        ('TEA TOWEL "KEEP CLEAN"', 'Tea Towel "Keep Clean"'),
        ('LETTER "A" BLING KEY RING', 'Letter "A" Bling Key Ring'),
        ("FELT EGG COSY ASS COLOURS", "Felt Egg Cosy Assorted Colours"),
        ("", ""),
    ],
)
def test_names_are_written_as_people_write_them(description: str, name: str) -> None:
    assert readable_name(description) == name


@pytest.mark.parametrize(
    "remark",
    [
        "damaged",
        "?",
        "???",
        "wrongly marked",
        "thrown away",
        "amazon",
        "check",
        "found",
        "wet?",
        "20713 wrongly marked",
    ],
)
def test_what_happened_to_goods_is_no_name(remark: str) -> None:
    assert re.search(STOCK_REMARK, remark)


def test_every_product_has_a_name_that_reads_well() -> None:
    names = Assortment().products["product_name"].to_list()

    assert None not in names
    wrong = [
        name
        for name in names
        if name != name.strip(" .,*") or "  " in name or re.search(r"'S\b|\d Cm|\bAnd\b|Set/|\bS/\d|\dd\b", name)
    ]
    assert not wrong
    assert not [name for name in names if re.search(STOCK_REMARK, name)]
