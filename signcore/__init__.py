"""signcore: reads the American Sign Language alphabet from hand landmarks.

The way through, from a camera picture to text, is `signcore.recognizer.Recognizer`. It is imported from there and
not here, so that a module which needs labels or features alone does not load MediaPipe and ONNX Runtime.
"""

import os

__version__ = "0.1.0"

# Before ONNX Runtime is loaded, or it writes a device id into the user's cache and reports its use to Microsoft.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
