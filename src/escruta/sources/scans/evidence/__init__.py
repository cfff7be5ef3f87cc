"""What a picture proves: graded findings, each with its code and what it was seen from.

look = look_hash(picture.grey)                          # 256 bits that survive scaling and loss
near_pairs(np.array(looks))                             # which of ten thousand are one picture
shared_region(features_of(one.grey), features_of(other.grey))   # the same pixels, moved
code_likeness(flat_code(one.grey, corners), flat_code(other.grey, others))  # one code, photographed or copied
[*findings_of_metadata(...)]                            # PictureFinding(code="P602", ...)
"""

from escruta.sources.scans.evidence.grades import GRADES, Grade, PictureFinding, worst_of
from escruta.sources.scans.evidence.hashes import (
    NEAR_BITS,
    NearPairs,
    each_near,
    from_text,
    look_hash,
    near_pairs,
    to_text,
)
from escruta.sources.scans.evidence.regions import LONGEST, Features, SharedRegion, features_of, shared_region
from escruta.sources.scans.evidence.stories import findings_of_metadata
from escruta.sources.scans.evidence.symbols import COPIED, FlatCode, code_likeness, flat_code

__all__ = [
    "COPIED",
    "GRADES",
    "LONGEST",
    "NEAR_BITS",
    "Features",
    "FlatCode",
    "Grade",
    "NearPairs",
    "PictureFinding",
    "SharedRegion",
    "code_likeness",
    "each_near",
    "features_of",
    "findings_of_metadata",
    "flat_code",
    "from_text",
    "look_hash",
    "near_pairs",
    "shared_region",
    "to_text",
    "worst_of",
]
