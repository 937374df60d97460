"""A person's own hand, once the Practice page has learned it: known again on every page and every day."""

import streamlit as st

from signcore.calibration import Calibration
from signcore.dashboard.person import find_person
from signcore.store import Store


class OwnHand:
    """What is known of the hand of whoever is in front of one tab.

    Args:
        model: the fingerprint of the recogniser's model.

    Attributes:
        calibration: the person's own, None where there is none for this model.
        outdated: whether there is one, but for another model.
        used: whether it is to be used, where there is one.
    """

    def __init__(self, model: str) -> None:
        self.calibration: Calibration | None = None
        self.outdated = False
        self.used = False
        self._model = model
        self._name: str | None = None
        self._met = False
        self._answers = 0

    @property
    def in_use(self) -> Calibration | None:
        """The calibration to read with, if any."""
        return self.calibration if self.used else None

    def be(self, store: Store, name: str | None, *, used: bool) -> None:
        """From now on it is this person's hand; None: somebody of whom nothing is kept.

        Args:
            store: knows the hands of those who are in it.
            name: the person's.
            used: whether to use what is known without being asked.

        Raises:
            StoreError: it cannot be read.
        """
        if self._met and name == self._name:
            return
        # Whatever happens now, nobody is read with somebody else's hand.
        self._met, self._name = False, name
        self.forgotten()
        person = None if name is None else find_person(store, name)
        kept = None if person is None else store.calibration(person.id)
        self._met = True
        self.outdated = kept is not None and kept.model != self._model
        self._set(None if self.outdated else kept, used=used)

    def learned(self, calibration: Calibration) -> None:
        """This is how the hand forms letters, from now on."""
        self.outdated = False
        self._set(calibration, used=True)

    def forgotten(self) -> None:
        """Nothing is known of it any more."""
        self.outdated = False
        self._set(None, used=False)

    def ask_whether_used(self, label: str, *, where: str) -> None:
        """The switch for it, where there is anything to switch."""
        if self.calibration is not None:
            self.used = st.toggle(
                label,
                value=self.used,
                # A new calibration is a new question, whatever the last answer was.
                key=f"calibrated_{self._answers}",
                persist_state="session",
                help=f"Learned under My hand on the Practice page. {where}",
            )

    def _set(self, calibration: Calibration | None, *, used: bool) -> None:
        self.calibration = calibration
        self.used = used and calibration is not None and calibration.trusted
        self._answers += 1
