"""Data sets: some come with the package, others are downloaded when asked for. Their sources are in SOURCES.md."""

from zkynet.data.sets.cars import *
from zkynet.data.sets.catalogue import *
from zkynet.data.sets.collection import *
from zkynet.data.sets.dates import *
from zkynet.data.sets.digits import *
from zkynet.data.sets.kaggle import *
from zkynet.data.sets.kaggle_sets import *
from zkynet.data.sets.pictures import *
from zkynet.data.sets.texts import *
from zkynet.data.sets.topics import *
from zkynet.data.sets.toys import *
