"""`python -m controller …` is `diemcau …`."""

import sys

from controller.cli import main

sys.exit(main())
