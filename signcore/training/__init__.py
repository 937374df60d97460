"""Trains the recogniser: clips to an ONNX file. The only room that knows torch; the app never imports it."""
