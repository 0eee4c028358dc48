import sys
from pathlib import Path

# pairs.py is shared by these tests and no test itself
sys.path.insert(0, str(Path(__file__).parent))
