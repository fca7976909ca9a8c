"""The helper of this folder, sweep_points, is imported by name."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
