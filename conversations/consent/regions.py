"""States of the USA: how they are written, their area codes and time zones. Pure data.

Area codes as assigned by the North American Numbering Plan; one that is missing here is taken as "state not known",
for which the narrowest quiet hours hold.
"""

from __future__ import annotations

from collections.abc import Mapping

_STATES = (
    "AL Alabama|AK Alaska|AZ Arizona|AR Arkansas|CA California|CO Colorado|CT Connecticut|DE Delaware"
    "|DC District of Columbia|FL Florida|GA Georgia|HI Hawaii|ID Idaho|IL Illinois|IN Indiana|IA Iowa|KS Kansas"
    "|KY Kentucky|LA Louisiana|ME Maine|MD Maryland|MA Massachusetts|MI Michigan|MN Minnesota|MS Mississippi"
    "|MO Missouri|MT Montana|NE Nebraska|NV Nevada|NH New Hampshire|NJ New Jersey|NM New Mexico|NY New York"
    "|NC North Carolina|ND North Dakota|OH Ohio|OK Oklahoma|OR Oregon|PA Pennsylvania|RI Rhode Island"
    "|SC South Carolina|SD South Dakota|TN Tennessee|TX Texas|UT Utah|VT Vermont|VA Virginia|WA Washington"
    "|WV West Virginia|WI Wisconsin|WY Wyoming"
)
STATES: Mapping[str, str] = {entry[:2]: entry[3:] for entry in _STATES.split("|")}
_BY_NAME = {name.lower(): code for code, name in STATES.items()} | {"washington, d.c.": "DC", "washington dc": "DC"}

_AREA_CODES = """
AL 205 251 256 334 659 938 | AK 907 | AZ 480 520 602 623 928 | AR 327 479 501 870
CA 209 213 279 310 323 341 350 357 369 408 415 424 442 510 530 559 562 619 626 628 650 657 661 669 707 714 738 747
   760 805 818 820 831 837 840 858 909 916 925 949 951
CO 303 719 720 748 970 983 | CT 203 475 860 959 | DE 302 | DC 202 771
FL 239 305 321 324 352 386 407 448 561 645 656 689 727 728 754 772 786 813 850 863 904 941 954
GA 229 404 470 478 678 706 762 770 912 943 | HI 808 | ID 208 986
IL 217 224 309 312 331 447 464 618 630 708 730 773 779 815 847 861 872 | IN 219 260 317 463 574 765 812 930
IA 319 515 563 641 712 | KS 316 620 785 913 | KY 270 364 502 606 859 | LA 225 318 337 457 504 985 | ME 207
MD 227 240 301 410 443 667 | MA 339 351 413 508 617 774 781 857 978
MI 231 248 269 313 517 586 616 679 734 810 906 947 989 | MN 218 320 507 612 651 763 924 952 | MS 228 471 601 662 769
MO 235 314 417 557 573 636 660 816 975 | MT 406 | NE 308 402 531 | NV 702 725 775 | NH 603
NJ 201 551 609 640 732 848 856 862 908 973 | NM 505 575
NY 212 315 329 332 347 363 516 518 585 607 624 631 646 680 716 718 838 845 914 917 929 934
NC 252 336 472 704 743 828 910 919 980 984 | ND 701 | OH 216 220 234 283 326 330 380 419 436 440 513 567 614 740 937
OK 405 539 572 580 918 | OR 458 503 541 971
PA 215 223 267 272 412 445 484 570 582 610 717 724 814 835 878 | RI 401 | SC 803 821 839 843 854 864 | SD 605
TN 423 615 629 731 865 901 931
TX 210 214 254 281 325 346 361 409 430 432 469 512 682 713 726 737 806 817 830 832 903 915 936 940 945 956 972 979
UT 385 435 801 | VT 802 | VA 276 434 540 571 686 703 757 804 826 948 | WA 206 253 360 425 509 564 | WV 304 681
WI 262 274 353 414 534 608 715 920 | WY 307
"""


def _area_codes() -> dict[str, str]:
    found: dict[str, str] = {}
    state = ""
    for word in _AREA_CODES.replace("|", " ").split():
        if word.isdecimal():
            found[word] = state
        else:
            state = word
    return found


AREA_CODES: Mapping[str, str] = _area_codes()

_EASTERN, _CENTRAL, _MOUNTAIN, _PACIFIC = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
)
_SEVERAL: Mapping[str, tuple[str, ...]] = {
    "AK": ("America/Anchorage", "America/Adak"),
    "AZ": ("America/Phoenix", "America/Denver"),
    "FL": (_EASTERN, _CENTRAL),
    "HI": ("Pacific/Honolulu",),
    "ID": ("America/Boise", _PACIFIC),
    "IN": ("America/Indiana/Indianapolis", _CENTRAL),
    "KS": (_CENTRAL, _MOUNTAIN),
    "KY": (_EASTERN, _CENTRAL),
    "MI": ("America/Detroit", "America/Menominee"),
    "ND": (_CENTRAL, _MOUNTAIN),
    "NE": (_CENTRAL, _MOUNTAIN),
    "NV": (_PACIFIC, _MOUNTAIN),
    "OR": (_PACIFIC, "America/Boise"),
    "SD": (_CENTRAL, _MOUNTAIN),
    "TN": (_CENTRAL, _EASTERN),
    "TX": (_CENTRAL, _MOUNTAIN),
}
_ONE = {
    _EASTERN: "CT DE DC GA ME MD MA NH NJ NY NC OH PA RI SC VT VA WV",
    _CENTRAL: "AL AR IL IA LA MN MS MO OK WI",
    _MOUNTAIN: "CO MT NM UT WY",
    _PACIFIC: "CA WA",
}
STATE_ZONES: Mapping[str, tuple[str, ...]] = {
    **{state: (zone,) for zone, states in _ONE.items() for state in states.split()},
    **_SEVERAL,
}


def state_of_region(region: str) -> str:
    """The two letters of a state written as a code or a name; empty for anything else."""
    text = region.strip()
    if text.upper().removeprefix("US-") in STATES:
        return text.upper().removeprefix("US-")
    return _BY_NAME.get(text.lower(), "")


def state_of_phone(phone: str) -> str:
    """The state of an American number by its area code; empty when the code says nothing."""
    return AREA_CODES.get(phone[2:5], "") if phone.startswith("+1") and len(phone) == 12 else ""
