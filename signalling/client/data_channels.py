"""The channels that LiveKit clients use, by label. Data tracks have a third, which we do not offer."""

from typing import Final

RELIABLE: Final = "_reliable"
LOSSY: Final = "_lossy"
