"""Discrete Fourier transforms: the extension of the Array API standard, and the two-dimensional ones of NumPy."""

from zkynet.fft.frequencies import *
from zkynet.fft.several_axes import *
from zkynet.fft.transforms import *
