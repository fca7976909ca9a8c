"""The helpers of this folder (goldens, wrong_rules, mutate) import one another by name."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
