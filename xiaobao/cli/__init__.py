"""The command line: a doorbell. Each command parses, calls one verb, prints."""

from __future__ import annotations

import sys

from xiaobao.cli.app import app
from xiaobao.errors import XiaobaoError


def main() -> None:
    """Run the command line. An error of ours is shown in Chinese, one line a fault, never as a traceback."""
    try:
        app()
    except XiaobaoError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print("已中断", file=sys.stderr)
        sys.exit(130)
