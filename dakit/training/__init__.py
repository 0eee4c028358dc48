"""Objective, loop, schedule, selection and checkpoints."""
