//! How each challenge can be solved, how it is almost solved, and how one would cheat.

pub(super) struct Solution {
    pub(super) name: &'static str,
    pub(super) solution: &'static str,
    pub(super) misses: &'static [&'static str],
    /// With what is forbidden, or the rule that is broken.
    pub(super) cheats: &'static [(&'static str, &'static str)],
}

pub(super) const SOLUTIONS: &[Solution] = &[
    Solution {
        name: "two-crowns",
        solution: "until leader\ncut leader | rest\nuntil two leaders within 2s",
        misses: &[
            // With a majority it stays the only one.
            "until leader\ncut leader +2 | rest\nafter 1s expect now leader",
            // One after the other is not at once.
            "until leader\ntransfer from leader to S3\nafter 500ms expect now leader",
        ],
        cheats: &[
            ("until leader\npause leader\nafter 1s", "pause"),
            ("until leader\ncut leader | rest\ntime-out S1\nafter 1s", "time-out"),
        ],
    },
    Solution {
        name: "two-are-enough",
        solution: "
            until leader
            write a=1 to leader
            until C1 done
            crash S1
            restart S3
            until leader in S2 S3 within 2s
            write b=2 to leader
            until C1 done
            crash S2
            restart S1
            until leader in S1 S3 within 3s
            write c=3 to leader
            until C1 done",
        misses: &[
            // Asked for before the crash.
            "until leader\nwrite a=1 to leader\nuntil C1 done\nafter 2s crash S2",
            "
            until leader
            write a=1 to leader
            until C1 done
            crash S1
            restart S3
            until leader in S2 S3 within 2s
            write b=2 to leader
            until C1 done
            write c=3 to leader
            until C1 done
            after 1s",
        ],
        cheats: &[(
            "until leader\nwrite a=1 to leader\nuntil C1 done\nrestart S3\nafter 50ms",
            "rule 0",
        )],
    },
    Solution {
        name: "stalemate",
        solution: "
            at 50ms time-out S1
            time-out S2
            after 1ms drop message S1 -> S4
            drop message S2 -> S3
            until split vote within 100ms
            time-out S1
            time-out S2
            after 1ms drop message S1 -> S4
            drop message S2 -> S3
            until splits in a row 2 within 100ms",
        misses: &["
            at 50ms time-out S1
            time-out S2
            after 1ms drop message S1 -> S4
            drop message S2 -> S3
            until split vote within 100ms
            until leader within 2s
            after 100ms"],
        cheats: &[("at 50ms cut S1 S3 | S2 S4\ntime-out S1\ntime-out S2\nafter 100ms", "cut")],
    },
    Solution {
        name: "majority-report",
        solution: "
            time-out S1
            until S1 leads
            cut S1 S2 | S3 S4 S5
            write x=old to S1
            until logged x=old on S2
            crash S1
            time-out S5
            until S5 leads
            cut S5 | S3 S4
            write x=other to S5
            after 5ms crash S5
            restart S1
            heal
            time-out S1
            until S1 stands within 100ms
            after 50ms time-out S1
            until S1 leads
            cut S1 | S4
            until copies 3 of x=old within 1s
            after 10ms crash S1
            heal
            restart S5
            time-out S5
            after 50ms time-out S5
            until S5 leads within 1s
            write y=1 to S5
            until committed y=1 within 2s",
        misses: &[
            // Overwritten, but only two ever had it.
            "
            time-out S1
            until S1 leads
            cut S1 S2 | S3 S4 S5
            write x=old to S1
            until logged x=old on S2
            time-out S5
            until S5 leads
            write y=1 to S5
            until committed y=1 within 1s
            heal
            until not logged x=old within 3s",
        ],
        cheats: &[],
    },
    Solution {
        name: "borrowed-time",
        solution: "
            time-out S1
            until S1 leads
            write x=1 to S1
            until committed x=1
            clock S2 rate 300%
            clock S3 rate 300%
            after 80ms cut S1 | rest
            until leader in S2 S3 within 1s
            write x=2 to leader by C2
            until C2 done
            read x from S1 by C3
            until C3 done within 100ms",
        misses: &[
            // The lease is over by then.
            "
            time-out S1
            until S1 leads
            write x=1 to S1
            until committed x=1
            cut S1 | rest
            until leader in S2 S3 within 1s
            write x=2 to leader by C2
            until C2 done
            read x from S1 by C3
            after 500ms",
            // Not old: nobody has been told of another value.
            "
            time-out S1
            until S1 leads
            write x=1 to S1
            until committed x=1
            cut S1 | rest
            read x from S1 by C3
            until C3 done within 100ms
            after 500ms",
        ],
        cheats: &[],
    },
    Solution {
        name: "told-and-lost",
        solution: "
            cut S1 S2 | rest
            write x=1 to S1
            until C1 done
            write x=2 to S3 by C2
            until C2 done
            heal
            until not lost writes 0 within 10s",
        misses: &[
            // Overwritten by who had seen it.
            "
            write x=1 to S1
            until C1 done
            write x=2 to S3
            until C1 done
            until replicas equal within 6s",
        ],
        cheats: &[
            ("clock S1 rate 100% ahead 3s\nwrite x=1 to S1\nafter 100ms", "clock"),
            ("set w 1\nwrite x=1 to S1\nuntil C1 done\ncrash S1", "set"),
        ],
    },
    Solution {
        name: "back-in-time",
        solution: "
            cut S1 | rest
            write x=1 to S2
            until C1 done
            read x from S2 by C2
            until C2 done
            read x from S1 by C2
            until C2 done within 2s",
        misses: &[
            // Two clients: neither has gone back.
            "
            cut S1 | rest
            write x=1 to S2
            until C1 done
            read x from S2 by C2
            until C2 done
            read x from S1 by C3
            until C3 done within 2s",
        ],
        cheats: &[("set mode cp\nafter 100ms", "set")],
    },
    Solution {
        name: "oversold",
        solution: "
            until models equal
            do \"take mug\" at S1
            do \"take mug\" at S2 by C2
            until not C1 waits and not C2 waits
            expect now oversold mug",
        misses: &[
            // One after the other: the second is refused.
            "
            until models equal
            do \"take mug\" at S1
            until not C1 waits
            do \"take mug\" at S2 by C2
            until not C2 waits",
        ],
        cheats: &[("until models equal\nset check on\nafter 10ms", "set")],
    },
    Solution {
        name: "charged-twice",
        solution: "
            until models equal
            do \"take mug\" at S1
            until C1 done
            do \"pay\" at S1
            until events 8
            cut S1 | S3
            until C1 unknown
            heal
            retry at S1
            until not C1 waits",
        misses: &[
            // Asked for twice.
            "
            until models equal
            do \"take mug\" at S1
            until C1 done
            do \"pay\" at S1
            until not C1 waits
            do \"pay\" at S1
            until not C1 waits",
        ],
        cheats: &[("until models equal\nset check off\nafter 10ms", "set")],
    },
    Solution {
        name: "amnesia",
        solution: "
            until models equal
            do \"take mug\" at S1
            until C1 done
            crash S3
            restart S3
            until not acknowledged-events-stay kept within 1s",
        misses: &[
            // The disk was done.
            "
            until models equal
            do \"take mug\" at S1
            until C1 done
            after 100ms crash S3
            restart S3
            after 1s",
        ],
        cheats: &[("until models equal\nset crash-at before-durable\nafter 10ms", "set")],
    },
    Solution {
        name: "rolling",
        solution: "
            until served 12
            crash S2
            until S1 open to S2 within 20s
            restart S2
            crash S3
            until S1 open to S3 within 20s
            restart S3
            crash S4
            until S1 open to S4 within 20s
            restart S4
            crash S5
            until S1 open to S5 within 20s",
        misses: &[
            // The first has closed by then.
            "
            until served 12
            crash S2
            until S1 open to S2 within 20s
            restart S2
            until S1 closed to S2 within 60s
            crash S3
            until S1 open to S3 within 20s
            restart S3
            crash S4
            until S1 open to S4 within 20s
            restart S4
            crash S5
            until S1 open to S5 within 20s",
        ],
        cheats: &[
            ("until served 12\ncrash S2\ncrash S3\nafter 1s", "rule 0"),
            ("do \"open\" at S1\nafter 1s", "do"),
        ],
    },
    Solution {
        name: "old-news",
        solution: "
            set latency 3s
            do \"call\" at S1
            do \"call\" at S1
            do \"call\" at S1
            after 300ms set latency 50ms
            set health errors
            do \"call\" at S1
            do \"call\" at S1
            do \"call\" at S1
            do \"call\" at S1
            do \"call\" at S1
            until S1 open
            until S1 half-open
            until S1 closed within 10s",
        misses: &[
            // It has become well, and a probe says so.
            "
            set health errors
            do \"call\" at S1
            do \"call\" at S1
            do \"call\" at S1
            do \"call\" at S1
            do \"call\" at S1
            until S1 open
            set health well
            until S1 half-open
            do \"call\" at S1
            until S1 closed within 10s",
        ],
        cheats: &[("set habit genuine\nafter 100ms", "habit")],
    },
    Solution {
        name: "one-door",
        solution: "
            until done 3 within 20s
            cut S1 | S3 S4 S5
            until S1 open and S2 closed within 20s",
        misses: &[
            // Nobody can serve, so both breakers open, and neither front is left out for long.
            "until done 3 within 20s\ncut S3 | S4 | S5\nafter 500ms",
            // It is away from its customers' page, not from what it calls.
            "until done 3 within 20s\ncut S1 | S6\nafter 5s",
        ],
        cheats: &[
            ("until done 3 within 20s\ncrash S3\nafter 1s", "crash"),
            ("until done 3 within 20s\nset tries 1\nafter 1s", "set"),
        ],
    },
    Solution {
        name: "yesterdays-page",
        solution: "
            until done 3 within 20s
            cut S6 | S3 S4 S5
            until misled 3 within 60s",
        misses: &[
            // The other page is not what customers look at.
            "until done 3 within 20s\ncut S7 | S3 S4 S5\nafter 20s",
        ],
        cheats: &[
            ("until done 3 within 20s\nset refresh 30s\nafter 1s", "set"),
            ("until done 3 within 20s\ncrash S6\nafter 1s", "crash"),
        ],
    },
];
