//! Does it bite? Every bug of the catalogue is planted, and the judges must catch it.
//!
//! A bug that nobody catches is a bug of the judges.

mod on_purpose;
mod plans;

use std::fmt::Write;

use expect_test::expect_file;
use rift::check::Property;
use rift::check::raft::RaftJudges;
use rift::explore::{Subject, run_to};
use rift::raft::Bug;

use plans::{Kind, broken, runs};

/// In how many runs a bug must show.
const RUNS: u64 = 400;

/// The plans that bring a bug out, and the promises one of which is the first to break.
const CASES: &[(Bug, Kind, &[Property])] = {
    use Bug::*;
    use Kind::*;
    use Property::*;
    &[
        (SecondVote, Any, &[OneVotePerTerm]),
        (VoteForStaleLog, Any, &[LeaderCompleteness]),
        (VoteByLengthAlone, Any, &[LeaderCompleteness]),
        (VoteByTermAlone, Any, &[LeaderCompleteness]),
        (StaleRequestGranted, Any, &[TermNeverGoesBack]),
        (RefusalCounted, Any, &[ElectedByMajority, ElectionSafety]),
        (StaleVoteCounted, Any, &[ElectedByMajority]),
        (HalfIsAMajority, Any, &[ElectedByMajority]),
        (TermNotRaised, Any, &[OneVotePerTerm]),
        (LaterTermNotAdopted, Any, &[Progress]),
        (VoteKeptAcrossTerms, Any, &[Progress]),
        (OwnPreVoteForgotten, Any, &[Progress]),
        (StaleAppendTaken, SlowLinks, &[TimersHaveReasons, CommittedStays]),
        (PreviousEntryUnchecked, Any, &[LogMatching, StateMachineSafety]),
        (GapAccepted, Any, &[StateMachineSafety, LogMatching, SyncedBeforeSent]),
        (ConflictKept, Any, &[CommittedOnMajority, MatchIsTruthful, StateMachineSafety]),
        (CutsWithoutConflict, Any, &[CommittedStays]),
        (VouchesForWholeLog, Any, &[MatchIsTruthful]),
        (MatchIndexGuessed, Any, &[MatchIsTruthful]),
        (RefusalTakenForSuccess, Any, &[MatchIsTruthful]),
        (MatchGoesBack, Any, &[MatchNeverGoesBack]),
        (LeaderGivesIn, Any, &[LeaderAppendOnly]),
        (EntriesRestamped, Any, &[StateMachineSafety, LogMatching]),
        (NeverBacksUp, Any, &[Convergence, Progress]),
        (OldTermCommit, Any, &[CommitsOwnTerm]),
        (OneCopyIsEnough, Any, &[CommittedOnMajority]),
        (SentCountsAsStored, Any, &[CommittedOnMajority, Progress]),
        (CommitBeyondNewEntries, Any, &[StateMachineSafety, CommitsAgree]),
        (CommitBeyondLog, Any, &[IndicesInOrder]),
        (CommitGoesBack, Any, &[CommitNeverGoesBack]),
        (AppliesUncommitted, Any, &[IndicesInOrder]),
        (NoopNotApplied, Any, &[StateMachineSafety, ReadsAreFresh]),
        (AnsweredOnAppend, Any, &[Linearizability]),
        (ForgottenVote, Any, &[MemoryIsWritten, OneVotePerTerm]),
        (ForgottenTerm, Any, &[TermNeverGoesBack]),
        (VoteNotWritten, Any, &[SyncedBeforeSent]),
        (TruncationNotWritten, Any, &[MemoryIsWritten]),
        (OwnCopyBeforeSync, Any, &[CommittedOnMajority]),
        (VoteBeforeSync, Any, &[SyncedBeforeSent]),
        (RequestBeforeSync, Any, &[SyncedBeforeSent]),
        (AckBeforeSync, Any, &[SyncedBeforeSent]),
        (SnapshotAckBeforeSync, Any, &[SyncedBeforeSent]),
        (LateSyncVouches, Any, &[CommittedOnMajority]),
        (JointCommitByNewSide, Changes, &[CommittedOnMajority]),
        (JointElectionByNewSide, Changes, &[ElectedByMajority]),
        (LearnersCount, Changes, &[CommittedOnMajority]),
        (ConfigurationNotRolledBack, Changes, &[LatestMembers]),
        (ConfigurationForLeadersOnly, Changes, &[LatestMembers]),
        (ChangeWhilePending, Changes, &[MajoritiesOverlap]),
        (ChangeBeforeOwnTerm, Changes, &[MajoritiesOverlap]),
        (NoJointConsensus, Changes, &[MajoritiesOverlap]),
        (StaleSnapshotTaken, Any, &[StateMachineSafety, CommitNeverGoesBack, SnapshotsAreTrue]),
        (ChunksInAnyOrder, Any, &[SnapshotsAreTrue]),
        (ChunksMixed, Any, &[SnapshotsAreTrue]),
        (MachineNotReset, Any, &[StateMachineSafety]),
        (SnapshotNotApplied, Any, &[Convergence]),
        (SnapshotOfWrongTerm, Any, &[SnapshotsAreTrue]),
        (SnapshotOfLaterMembers, Changes, &[SnapshotsAreTrue]),
        (ReadWithoutRound, Any, &[ReadsAreFresh]),
        (ReadBeforeOwnTerm, Any, &[ReadsAreFresh]),
        (ReadNotAwaited, Any, &[ReadsAreFresh]),
        (FollowerReads, Any, &[ReadsAreFresh]),
        (LeaseSurvivesTransfer, Transfers, &[ReadsAreFresh]),
        (RetryRunsAgain, Retries, &[OncePerCommand]),
        (SupersededRuns, Retries, &[OncePerCommand]),
        (ExpiredSessionRuns, Retries, &[OncePerCommand]),
        (SessionsNotSaved, Retries, &[OncePerCommand]),
        (SessionUseNotSaved, Retries, &[OncePerCommand]),
        (LogTimeRestarts, Retries, &[OncePerCommand]),
        (NeverStands, Any, &[TimersHaveReasons]),
        (CandidateNeverRetries, Any, &[TimersHaveReasons]),
        (RefusedVoteResetsTimer, Any, &[TimersHaveReasons]),
        (VoteDoesNotResetTimer, Any, &[TimersHaveReasons]),
        (HeartbeatDoesNotResetTimer, Any, &[TimersHaveReasons]),
        (TransferWithoutEnd, Any, &[Progress]),
    ]
};

/// Bugs that a run comes to only on purpose: `on_purpose.rs` and `judges.rs` have a test for each.
const ON_PURPOSE: &[Bug] = &[
    Bug::StaleAckCounted,
    Bug::StaleRoundCounts,
    Bug::ReadJoinsRunningRound,
    Bug::LeaseSinceAnswer,
    Bug::VoteAgainstLiveLeader,
    Bug::LeaseForgotten,
];

/// What breaks later, when what broke first is overlooked.
const CONSEQUENCES: &[(Bug, Property)] = &[
    (Bug::SecondVote, Property::ElectionSafety),
    (Bug::NeverStands, Property::Progress),
    (Bug::CandidateNeverRetries, Property::Progress),
    (Bug::ForgottenVote, Property::OneVotePerTerm),
    (Bug::ForgottenTerm, Property::TermsAscend),
    (Bug::SentCountsAsStored, Property::CommittedOnMajority),
    (Bug::PreviousEntryUnchecked, Property::LogMatching),
    (Bug::NoopNotApplied, Property::StateMachineSafety),
    (Bug::RefusalCounted, Property::ElectedByMajority),
    (Bug::OneCopyIsEnough, Property::StateMachineSafety),
    (Bug::OneCopyIsEnough, Property::CommitsAgree),
    (Bug::VoteForStaleLog, Property::CommittedStays),
];

/// Which promise breaks first, and in which run, from 1.
fn first(bug: Bug, kind: Kind) -> Option<(Property, usize)> {
    let mut runs = runs(kind, bug, RUNS).enumerate();
    runs.find_map(|(at, property)| Some((property?, at + 1)))
}

#[test]
fn every_bug_is_caught_by_the_promise_that_it_breaks() {
    let (mut table, mut wrong) = (String::new(), String::new());
    for entry in Bug::CATALOGUE.iter().filter(|entry| !ON_PURPOSE.contains(&entry.bug)) {
        let case = CASES.iter().find(|(bug, ..)| *bug == entry.bug);
        let (bug, kind, properties) = case.unwrap_or_else(|| panic!("no case: {}", entry.name));
        let name = entry.name;
        let found = first(*bug, *kind);
        println!("{name} {found:?}");
        match found {
            Some((property, runs)) => {
                let caught = property.name();
                writeln!(table, "{name:<31} {caught:<24} {runs:>3}  {kind:?}").expect("a string");
                if !properties.contains(&property) {
                    writeln!(wrong, "{name}: {property:?} in run {runs}").expect("a string");
                }
            }
            None => writeln!(wrong, "{name}: not caught in {RUNS} runs").expect("a string"),
        }
    }
    assert!(wrong.is_empty(), "{wrong}\n{table}");
    expect_file!["golden/bugs.txt"].assert_eq(&table);
}

/// A judge that never finds anything is worth nothing.
#[test]
fn every_promise_is_broken_by_some_bug() {
    for (bug, property) in CONSEQUENCES {
        let subject = broken(*bug);
        let breaks = (0..RUNS).any(|seed| {
            let outcome = run_to(&subject, &subject.plan(seed), *property);
            outcome.verdicts.of(*property).is_some()
        });
        assert!(breaks, "{bug:?} never breaks {property:?}");
    }
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/golden/bugs.txt");
    let by_golden = std::fs::read_to_string(golden).expect("it can be read");
    let is_broken = |property: &Property| {
        CONSEQUENCES.iter().any(|(_, other)| other == property)
            || by_golden.lines().any(|line| line[31..].trim().starts_with(property.name()))
    };
    // What only pre-vote and check-quorum promise is broken without them, in `liveness`.
    let judged = RaftJudges::PROPERTIES.iter().copied().filter(|p| *p != Property::LeadersStay);
    let never: Vec<Property> = judged.filter(|p| !is_broken(p)).collect();
    assert_eq!(never, []);
}
