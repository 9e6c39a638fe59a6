"""A seed replays its schedule, and schedules have what they are for."""
import collections
import unittest

import schedule

PARTNERS = ["quick", "late"]


class ScheduleTest(unittest.TestCase):
    def test_a_seed_replays_its_schedule(self):
        self.assertEqual(schedule.make(3, 600, PARTNERS), schedule.make(3, 600, PARTNERS))
        self.assertNotEqual(schedule.make(3, 600, PARTNERS), schedule.make(4, 600, PARTNERS))

    def test_what_cannot_be_made_changes_nothing_else(self):
        whole = schedule.make(3, 600, PARTNERS)
        without = schedule.make(3, 600, PARTNERS, without=["clock", "disk"])
        self.assertEqual(without, [fault for fault in whole if fault.kind not in ("clock", "disk")])
        self.assertLess(len(without), len(whole))

    def test_twenty_minutes_have_three_hundred_kills_and_every_kind(self):
        for seed in range(1, 6):
            kinds = collections.Counter(fault.kind for fault in schedule.make(seed, 1200, PARTNERS))
            self.assertGreaterEqual(kinds["kill"] + kinds["database"], 300)
            self.assertEqual(set(kinds), {kind for kind, *_ in schedule.KINDS})

    def test_all_are_over_soon_after_the_end(self):
        self.assertTrue(all(3 <= fault.at < 600 and fault.seconds < 10
                            for fault in schedule.make(3, 600, PARTNERS)))


if __name__ == "__main__":
    unittest.main()
