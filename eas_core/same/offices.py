"""The forecast offices of the National Weather Service by their call letters.

The sender of NWR's messages is such a code with /NWS behind it.
"""

from typing import Final

_OFFICES: Final = """
ABQ Albuquerque NM|ABR Aberdeen SD|AFC Anchorage AK|AFG Fairbanks AK|AJK Juneau AK
AKQ Wakefield VA|ALY Albany NY|AMA Amarillo TX|APX Gaylord MI|ARX La Crosse WI
BGM Binghamton NY|BIS Bismarck ND|BMX Birmingham AL|BOI Boise ID|BOU Boulder CO
BOX Boston MA|BRO Brownsville TX|BTV Burlington VT|BUF Buffalo NY|BYZ Billings MT
CAE Columbia SC|CAR Caribou ME|CHS Charleston SC|CLE Cleveland OH|CRP Corpus Christi TX
CTP State College PA|CYS Cheyenne WY|DDC Dodge City KS|DLH Duluth MN|DMX Des Moines IA
DTX Detroit MI|DVN Quad Cities IA|EAX Kansas City MO|EKA Eureka CA|EPZ El Paso TX
EWX Austin/San Antonio TX|FFC Atlanta GA|FGF Grand Forks ND|FGZ Flagstaff AZ
FSD Sioux Falls SD|FWD Fort Worth TX|GGW Glasgow MT|GID Hastings NE|GJT Grand Junction CO
GLD Goodland KS|GRB Green Bay WI|GRR Grand Rapids MI|GSP Greenville-Spartanburg SC
GUM Guam GU|GYX Gray ME|HFO Honolulu HI|HGX Houston TX|HNX Hanford CA|HUN Huntsville AL
ICT Wichita KS|ILM Wilmington NC|ILN Wilmington OH|ILX Lincoln IL|IND Indianapolis IN
IWX Northern Indiana IN|JAN Jackson MS|JAX Jacksonville FL|JKL Jackson KY|KEY Key West FL
LBF North Platte NE|LCH Lake Charles LA|LIX New Orleans LA|LKN Elko NV|LMK Louisville KY
LOT Chicago IL|LOX Los Angeles CA|LSX St. Louis MO|LUB Lubbock TX|LWX Baltimore/Washington MD
LZK Little Rock AR|MAF Midland TX|MEG Memphis TN|MFL Miami FL|MFR Medford OR
MHX Newport NC|MKX Milwaukee WI|MLB Melbourne FL|MOB Mobile AL|MPX Twin Cities MN
MQT Marquette MI|MRX Morristown TN|MSO Missoula MT|MTR San Francisco Bay Area CA
OAX Omaha NE|OHX Nashville TN|OKX New York NY|OTX Spokane WA|OUN Norman OK
PAH Paducah KY|PBZ Pittsburgh PA|PDT Pendleton OR|PHI Philadelphia PA|PIH Pocatello ID
PPG Pago Pago AS|PQR Portland OR|PSR Phoenix AZ|PUB Pueblo CO|RAH Raleigh NC|REV Reno NV
RIW Riverton WY|RLX Charleston WV|RNK Blacksburg VA|SEW Seattle WA|SGF Springfield MO
SGX San Diego CA|SHV Shreveport LA|SJT San Angelo TX|SJU San Juan PR|SLC Salt Lake City UT
STO Sacramento CA|TAE Tallahassee FL|TBW Tampa Bay FL|TFX Great Falls MT|TOP Topeka KS
TSA Tulsa OK|TWC Tucson AZ|UNR Rapid City SD|VEF Las Vegas NV
"""


def _table() -> dict[str, str]:
    entries = (entry for line in _OFFICES.split("\n") for entry in line.split("|"))
    return {entry[:3]: entry[4:-3] for entry in entries if entry}


OFFICES: Final = _table()
"""City of each office by the three letters after the K, P or T of its code."""


def office_of(sender: str) -> str | None:
    """Return the city of the office that a sender such as KCLE/NWS names, or None."""
    letters, _, suffix = sender.strip().partition("/")
    if suffix != "NWS" or len(letters) != 4:
        return None
    return OFFICES.get(letters[1:])
