"""Parsers of the files that data sets come in; each says what is wrong with a damaged file, and where."""

from zkynet.data.formats.archives import *
from zkynet.data.formats.cifar import *
from zkynet.data.formats.idx import *
from zkynet.data.formats.table import *
from zkynet.data.formats.table_encoding import *
