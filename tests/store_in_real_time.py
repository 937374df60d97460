"""Records a made-up session into the store of the environment until it is killed, and says how far it is.

python -m tests.store_in_real_time NAME
"""

import sys
import time

from signcore.settings import load_settings
from signcore.store import Store
from tests.recordings import snapshots, spelled


def main() -> None:
    settings = load_settings()
    store = Store.open(settings)
    writer = store.record(store.add_person(sys.argv[1]).id, settings, "a model")
    began = time.monotonic()
    for snapshot in snapshots(3000, events=spelled("QUICK BROWN", step_ms=300.0)):
        time.sleep(max(0.0, began + snapshot.t_ms / 1000.0 - time.monotonic()))
        writer.add(snapshot)
        print(snapshot.t_ms, flush=True)


if __name__ == "__main__":
    main()
