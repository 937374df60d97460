"""Records a made-up session into the store until it is killed, and says after every frame how far it is.

python -m tests.record_in_real_time PART
"""

import sys
import time
from pathlib import Path

from signcore.recorder import RecordingWriter
from signcore.settings import Settings
from tests.recordings import snapshots, spelled


def main() -> None:
    writer = RecordingWriter(Path(sys.argv[1]), Settings(), "a model")
    began = time.monotonic()
    for snapshot in snapshots(3000, events=spelled("QUICK BROWN", step_ms=300.0)):
        time.sleep(max(0.0, began + snapshot.t_ms / 1000.0 - time.monotonic()))
        writer.add(snapshot)
        print(snapshot.t_ms, flush=True)


if __name__ == "__main__":
    main()
