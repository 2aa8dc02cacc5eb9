"""The regulation of supervision applied to values: pure, no framework, no tables, no clock.

A figure that is not in force raises KeyError naming figure and day.
"""
