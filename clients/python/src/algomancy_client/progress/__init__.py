"""What is shown while runs are waited for.

- `standing`: how many have ended, and how far the others are
- `meters`: a bar of tqdm or rich, a line of text, or a function of one's own
"""

from .meters import Meter, Progress, meter_of
from .standing import Standing

__all__ = ["Meter", "Progress", "Standing", "meter_of"]
