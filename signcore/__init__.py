"""signcore: reads the American Sign Language alphabet from hand landmarks.

The way through, from a camera picture to text, is `signcore.recognizer.Recognizer`. It is imported from there and
not here, so that a module which needs labels or features alone does not load MediaPipe and ONNX Runtime.
"""

__version__ = "0.1.0"
