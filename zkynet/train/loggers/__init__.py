"""What the course of a training is written to: files of rows, TensorBoard, Weights & Biases, MLflow."""

from zkynet.train.loggers.csv_logger import *
from zkynet.train.loggers.json_lines_logger import *
from zkynet.train.loggers.logger import *
from zkynet.train.loggers.mlflow_logger import *
from zkynet.train.loggers.tensorboard_logger import *
from zkynet.train.loggers.wandb_logger import *
