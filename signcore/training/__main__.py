"""`python -m signcore.training crossval | own-hand | card`: what belongs to training, not to the app's own commands."""

import argparse
import sys
from pathlib import Path

from signcore.command_line import seed_number, typed_command
from signcore.errors import SignError
from signcore.files import check_new_file
from signcore.settings import SHIPPED_MODEL
from signcore.training.card import card_path, write_card
from signcore.training.crossval import cross_validate
from signcore.training.own_hand import measure_own_hand


def main(words: list[str]) -> int:
    """Run one command and return its exit status: 0, or 2 for an error in what was given."""
    parser = argparse.ArgumentParser(prog="python -m signcore.training")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    crossval = commands.add_parser("crossval", help="read every source by nets that were not trained on it")
    crossval.add_argument("--clips", type=Path, required=True, metavar="CLIPS.npz")
    crossval.add_argument("--out", type=Path, required=True, metavar="FILE.json")
    crossval.add_argument("--seed", type=seed_number, default=0)
    crossval.add_argument(
        "--licence", action="append", metavar="NAME", help="only sources of this licence; may be repeated"
    )
    crossval.add_argument("--resume", type=Path, metavar="FILE", help="a checkpoint of this or of the training")
    own_hand = commands.add_parser("own-hand", help="teach the model each person of a file in turn, and read the rest")
    own_hand.add_argument("strangers", type=Path, metavar="HELD_OUT.npz")
    own_hand.add_argument("--clips", type=Path, required=True, metavar="CLIPS.npz", help="what it was trained on")
    own_hand.add_argument("--out", type=Path, required=True, metavar="FILE.json")
    own_hand.add_argument("--model", type=Path, default=SHIPPED_MODEL, metavar="FILE")
    card = commands.add_parser("card", help="write the model card from the model and the results beside it")
    card.add_argument("--model", type=Path, default=SHIPPED_MODEL, metavar="FILE")
    options = parser.parse_args(words)
    typed = typed_command("signcore.training", words)
    try:
        if getattr(options, "out", None) is not None:
            check_new_file(options.out)
        if options.command == "card":
            write_card(options.model, card_path(options.model))
        elif options.command == "own-hand":
            for person in measure_own_hand(
                options.strangers, options.clips, options.out, model=options.model, command=typed
            ):
                print(
                    f"{person.person}, {person.samples} of each: {100 * person.shipped.macro:.1f} % as it is, "
                    f"{100 * person.corrected.macro:.1f} % corrected, {100 * person.trained.macro:.1f} % trained on"
                )
        else:
            found = cross_validate(
                options.clips,
                options.out,
                seed=options.seed,
                resume=options.resume,
                licences=options.licence,
                command=typed,
            )
            print(f"{options.out}: {100 * found.macro_of_sources:.1f} % of the still letters, mean over the sources")
    except SignError as error:
        print(f"signcore: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
