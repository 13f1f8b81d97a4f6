"""Game day: a whole local system works for some minutes while its parts are killed, and then its books are balanced.

`make game-day`, or `python -m tests.game_day --seconds 120 --seed 7`. It has a system of its own, with its own folder
and ports. docs/game-day.md says what is killed, how it comes back, and what the books compare.
"""
