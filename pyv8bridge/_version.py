"""The version of the Python package. The native side's is PVB_VERSION in pyv8bridge.h; _native.py compares them."""

__version__ = "0.1.0"
