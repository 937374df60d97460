"""The error tree. Whatever goes wrong for a reason outside the code is a SignError with a sentence for its reader.

* SignError
    * FrameError             a picture that cannot be looked at
    * LandmarkError          landmarks or windows of the wrong shape
    * HandModelError         no usable hand_landmarker.task
    * ModelContractError     an ONNX file that is not one of our recognisers
    * VideoError             a video that cannot be read
    * ClipFileError          a file of landmark clips that cannot be read
    * SettingsError          a setting that cannot be used
    * TrainingError          training that cannot start, go on or be saved
    * RecordingError         a recording, or a note in one, that cannot be written or read
        * NothingRecordedError   one that was begun, and nothing was recorded
    * CalibrationError       a personal calibration that cannot be made or read
    * StoreError             the database of people and recordings, or what was asked of it
        * NoSuchPersonError      somebody who is not there, or no longer
    * PracticeError          words that cannot be practised
"""


class SignError(Exception):
    """Any failure that the person in front of the screen can do something about."""


class FrameError(SignError):
    """A picture that cannot be looked at: wrong shape, type or size."""


class LandmarkError(SignError):
    """Landmarks, or a window of them, of another shape than expected. The message says expected and found."""


class HandModelError(SignError):
    """The hand landmark model is missing and could not be fetched, or is not the file it should be."""


class ModelContractError(SignError):
    """An ONNX file that does not keep the recogniser's contract. The message says expected and found."""


class VideoError(SignError):
    """A video that cannot be opened, has no pictures, or is larger than what is accepted."""


class ClipFileError(SignError):
    """A file of landmark clips with missing keys, wrong shapes or unknown labels."""


class SettingsError(SignError):
    """A setting (`SIGNCORE_...`) that cannot be used."""


class TrainingError(SignError):
    """Training that cannot start, go on or be saved."""


class RecordingError(SignError):
    """A recording, or a note in one, that cannot be written or read. The message says expected and found."""


class NothingRecordedError(RecordingError):
    """A recording that was begun, and in which there is nothing."""


class CalibrationError(SignError):
    """Samples that a personal calibration cannot be fitted on, or a stored one that cannot be read."""


class StoreError(SignError):
    """The database cannot be reached or is full, or what was asked of it is not there or not allowed."""


class NoSuchPersonError(StoreError):
    """Somebody who is not in the database; perhaps they have been deleted."""


class PracticeError(SignError):
    """Words that cannot be practised: none, too many, or something else than letters in them."""
