"""Where the people of a sample work: employers, jobs and platforms."""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum

import numpy as np

from lifepot.intake.layouts import CONTRIBUTIONS, FPS_XML, PAPDIS_CSV, PAPDIS_XML, Layout
from lifepot.kernel.columns import Frequency
from lifepot.money import half_up_percent
