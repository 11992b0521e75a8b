//! How to break the protocol: a catalogue of deliberate mistakes, each in one line of this module.
//!
//! A rule is best understood by what happens without it. Every [`Bug`] leaves one rule out; where
//! the rule stands, a hook asks whether that bug is [`Planted`]. One at a time can be planted, in
//! [`Config::planted`](super::Config::planted), and only with the feature `every-bug`; with the
//! feature `lessons` alone, one of those that [show best](Bug::is_shown). Without them [`Planted`]
//! is empty, every hook is a constant `false`, and nothing of this is compiled.
//!
//! Tests plant each bug and see that judges catch it, so this also measures the judges.

/// Which bug a server has, if any. Without the feature `lessons` there is nothing to hold one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Planted(#[cfg(feature = "lessons")] Option<Bug>);

impl Planted {
    /// Whether `bug` is planted.
    #[cfg(feature = "lessons")]
    #[inline(always)]
    pub(crate) fn has(self, bug: Bug) -> bool {
        (cfg!(feature = "every-bug") || bug.is_shown()) && self.0 == Some(bug)
    }

    /// Whether `bug` is planted. It never is.
    #[cfg(not(feature = "lessons"))]
    pub(crate) const fn has(self, _bug: Bug) -> bool {
        false
    }

    /// The bug.
    #[cfg(feature = "lessons")]
    pub fn bug(self) -> Option<Bug> {
        self.0
    }

    /// What scripts call it. Empty if there is none.
    #[cfg(feature = "lessons")]
    pub fn name(self) -> &'static str {
        let of = |bug| Bug::CATALOGUE.iter().find(|entry| entry.bug == bug);
        self.0.and_then(of).map_or("", |entry| entry.name)
    }
}

#[cfg(feature = "lessons")]
impl From<Bug> for Planted {
    fn from(bug: Bug) -> Planted {
        Planted(Some(bug))
    }
}

/// What of the protocol a bug is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Area {
    /// Terms and elections.
    Votes,
    /// What logs agree on, and what a leader knows of it.
    LogMatching,
    /// What is committed, and applied.
    Commitment,
    /// What a disk must hold, and when.
    Persistence,
    /// Who belongs to the cluster.
    Membership,
    /// What replaces the beginning of a log.
    Snapshots,
    /// Reads that write nothing.
    Reads,
    /// Commands that take effect once.
    Sessions,
    /// When something must happen.
    Timers,
}

/// A bug, and what people should know of it.
#[cfg(feature = "lessons")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BugEntry {
    /// Which.
    pub bug: Bug,
    /// How scripts call it.
    pub name: &'static str,
    /// What it is about.
    pub area: Area,
    /// Where the rule stands that it breaks: in the paper (§), or in the thesis.
    pub rule: &'static str,
    /// What is wrong, in one sentence.
    pub what: &'static str,
}

impl Bug {
    /// Whether it is one of those that show best, in a picture of a cluster and soon.
    #[inline(always)]
    pub const fn is_shown(self) -> bool {
        use Bug::*;
        matches!(
            self,
            SecondVote
                | VoteForStaleLog
                | HalfIsAMajority
                | PreviousEntryUnchecked
                | ConflictKept
                | OldTermCommit
                | OneCopyIsEnough
                | AnsweredOnAppend
                | ForgottenVote
                | AckBeforeSync
                | NoJointConsensus
                | MachineNotReset
                | ReadWithoutRound
                | LeaseSurvivesTransfer
                | RetryRunsAgain
        )
    }
}

macro_rules! catalogue {
    ($($area:ident { $($bug:ident $name:literal $rule:literal $what:literal)* })*) => {
        /// A mistake in the protocol.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Bug {
            $($(#[doc = $what] $bug,)*)*
        }

        #[cfg(feature = "lessons")]
        impl Bug {
            /// All of them, in the order of their areas.
            pub const CATALOGUE: &[BugEntry] = &[
                $($(BugEntry {
                    bug: Bug::$bug,
                    name: $name,
                    area: Area::$area,
                    rule: $rule,
                    what: $what,
                },)*)*
            ];

            /// The names, each with what is wrong.
            pub const NAMES: &[(&str, &str)] = &[$($(($name, $what),)*)*];

            /// The bug of this name.
            pub fn named(name: &str) -> Option<Bug> {
                let entry = Bug::CATALOGUE.iter().find(|entry| entry.name == name);
                entry.map(|entry| entry.bug)
            }
        }
    };
}

catalogue! {
    Votes {
        SecondVote "second-vote" "§5.2"
            "A server votes for every candidate of a term that asks."
        VoteForStaleLog "vote-for-stale-log" "§5.4.1"
            "A candidate gets the vote however old its log is."
        VoteByLengthAlone "vote-by-length" "§5.4.1"
            "Of two logs the longer one counts as more up to date, whatever its terms."
        VoteByTermAlone "vote-by-term" "§5.4.1"
            "Of two logs that end in the same term, the shorter one is as good."
        StaleRequestGranted "stale-request-granted" "§5.1"
            "A request for a vote in an earlier term is granted, and takes the voter back."
        RefusalCounted "refusal-counted" "§5.2"
            "A candidate counts refusals as votes."
        StaleVoteCounted "stale-vote-counted" "§5.2"
            "A vote that was given in an earlier election counts in this one."
        HalfIsAMajority "half-is-a-majority" "§5.2"
            "A candidate leads with the votes of half of the cluster."
        TermNotRaised "term-not-raised" "§5.2"
            "A candidate stands again in the term in which it may have voted."
        LaterTermNotAdopted "later-term-not-adopted" "§5.1"
            "A later term in a message is overlooked."
        VoteKeptAcrossTerms "vote-kept-across-terms" "§5.2"
            "In a new term the vote of the term before stays taken."
        OwnPreVoteForgotten "own-pre-vote-forgotten" "thesis 9.6"
            "A server that asks for pre-votes does not count itself."
    }
    LogMatching {
        StaleAppendTaken "stale-append-taken" "§5.1"
            "A follower takes entries from the leader of an earlier term."
        PreviousEntryUnchecked "previous-entry-unchecked" "§5.3"
            "A follower does not compare the term of the entry before the new ones."
        GapAccepted "gap-accepted" "§5.3"
            "A follower takes entries though it lacks the one before them."
        ConflictKept "conflict-kept" "§5.3"
            "A follower keeps its own entry where the leader has another one."
        CutsWithoutConflict "cuts-without-conflict" "§5.3"
            "A late, short message removes the entries that a newer one brought."
        VouchesForWholeLog "vouches-for-whole-log" "§5.3"
            "A follower answers as if all of its log had been compared."
        MatchIndexGuessed "match-index-guessed" "§5.3"
            "A new leader takes its guess of what followers have for knowledge."
        RefusalTakenForSuccess "refusal-taken-for-success" "§5.3"
            "A leader takes a refused AppendEntries for a success."
        StaleAckCounted "stale-ack-counted" "§5.3"
            "A leader counts an acknowledgement from an earlier term of its own."
        MatchGoesBack "match-goes-back" "§5.3"
            "A late acknowledgement takes the match index back."
        LeaderGivesIn "leader-gives-in" "§5.3"
            "A leader that is refused deletes its own entries instead of the follower’s."
        EntriesRestamped "entries-restamped" "§5.3"
            "A leader puts its own term on the older entries that it sends."
        NeverBacksUp "never-backs-up" "§5.3"
            "A leader that is refused tries the same place again and again."
    }
    Commitment {
        OldTermCommit "old-term-commit" "§5.4.2"
            "A leader counts replicas for entries of earlier terms."
        OneCopyIsEnough "one-copy-is-enough" "§5.3"
            "A leader commits what any one server has."
        SentCountsAsStored "sent-counts-as-stored" "§5.3"
            "A leader counts what it has sent as if it had been acknowledged."
        CommitBeyondNewEntries "commit-beyond-new-entries" "§5.3"
            "A follower commits entries that it has not compared with the leader’s."
        CommitBeyondLog "commit-beyond-log" "§5.3"
            "A follower takes over the leader’s commit index beyond its own last entry."
        CommitGoesBack "commit-goes-back" "§5.3"
            "A late message takes the commit index back."
        AppliesUncommitted "applies-uncommitted" "§5.3"
            "A server applies entries as soon as they are in its log."
        NoopNotApplied "noop-not-applied" "§8"
            "A server leaves empty entries out when it applies its log."
        AnsweredOnAppend "answered-on-append" "§5.3"
            "A leader answers its client before the entry is committed."
    }
    Persistence {
        ForgottenVote "forgotten-vote" "§5.2"
            "A server that restarts does not read back whom it voted for."
        ForgottenTerm "forgotten-term" "§5.1"
            "A server that restarts begins in term 0 again."
        VoteNotWritten "vote-not-written" "§5.2"
            "A vote is kept in memory only."
        TruncationNotWritten "truncation-not-written" "§5.3"
            "Entries that are removed from memory stay on the disk."
        OwnCopyBeforeSync "own-copy-before-sync" "thesis 10.2.1"
            "A leader counts its own copy of an entry before the disk has it."
        VoteBeforeSync "vote-before-sync" "§5.2"
            "A vote is sent before it is on the disk."
        RequestBeforeSync "request-before-sync" "§5.2"
            "A candidate asks for votes before its own is on the disk."
        AckBeforeSync "ack-before-sync" "§5.3"
            "A follower acknowledges entries before they are on the disk."
        SnapshotAckBeforeSync "snapshot-ack-before-sync" "§7"
            "A follower says that it has a snapshot before the disk has it."
        LateSyncVouches "late-sync-vouches" "§5.3"
            "The sync of entries that were replaced meanwhile counts for the new ones."
    }
    Membership {
        JointCommitByNewSide "joint-commit-by-new-side" "§6"
            "In joint consensus a majority of the new servers alone commits."
        JointElectionByNewSide "joint-election-by-new-side" "§6"
            "In joint consensus a majority of the new servers alone elects."
        LearnersCount "learners-count" "thesis 4.2.1"
            "Copies on learners count towards a majority."
        ConfigurationNotRolledBack "configuration-not-rolled-back" "§6"
            "A configuration stays in force though its entry was removed from the log."
        ConfigurationForLeadersOnly "configuration-for-leaders-only" "§6"
            "Only the leader uses a new configuration as soon as it is in the log."
        ChangeWhilePending "change-while-pending" "thesis 4.1"
            "A leader changes members while the change before is not committed."
        ChangeBeforeOwnTerm "change-before-own-term" "thesis 4.1"
            "A leader changes members before it has committed anything in its term."
        NoJointConsensus "no-joint-consensus" "§6"
            "Any other voters take over at once, without joint consensus."
    }
    Snapshots {
        StaleSnapshotTaken "stale-snapshot-taken" "§7"
            "A follower takes a snapshot of less than it has committed."
        ChunksInAnyOrder "chunks-in-any-order" "§7"
            "A follower takes parts of a snapshot as they come, twice or out of order."
        ChunksMixed "chunks-mixed" "§7"
            "Parts of different snapshots are put together."
        MachineNotReset "machine-not-reset" "§7"
            "A snapshot replaces the log, but not the state machine."
        SnapshotNotApplied "snapshot-not-applied" "§7"
            "After a snapshot a server still waits to apply the entries that it replaced."
        SnapshotOfWrongTerm "snapshot-of-wrong-term" "§7"
            "A snapshot says the server’s term instead of the last entry’s."
        SnapshotOfLaterMembers "snapshot-of-later-members" "§7"
            "A snapshot has the latest configuration instead of the one it covers."
    }
    Reads {
        ReadWithoutRound "read-without-round" "§8"
            "A leader answers reads without asking whether it still leads."
        ReadBeforeOwnTerm "read-before-own-term" "§8"
            "A new leader reads before it knows what is committed."
        StaleRoundCounts "stale-round-counts" "thesis 6.4"
            "Any answer of a follower confirms the round that is asked about now."
        ReadJoinsRunningRound "read-joins-running-round" "thesis 6.4"
            "A read is confirmed by answers to what was asked before it came."
        ReadNotAwaited "read-not-awaited" "thesis 6.4"
            "A read is answered before the state machine has come as far as it must."
        FollowerReads "follower-reads" "§8"
            "Whoever does not lead answers reads from what it knows."
        LeaseSurvivesTransfer "lease-survives-transfer" "thesis 6.4.1"
            "A leader trusts its lease though it has told another to stand."
        LeaseSinceAnswer "lease-since-answer" "thesis 6.4.1"
            "A lease runs from the answers on, instead of from the question."
        VoteAgainstLiveLeader "vote-against-live-leader" "thesis 4.2.3"
            "A server votes for another though it has just heard from the leader."
        LeaseForgotten "lease-forgotten" "thesis 6.4.1"
            "A server that restarts votes at once, though it may have confirmed a lease."
    }
    Sessions {
        RetryRunsAgain "retry-runs-again" "§8"
            "A command that is sent again takes effect again."
        SupersededRuns "superseded-runs" "thesis 6.3"
            "A command that comes after a later one of its client takes effect."
        ExpiredSessionRuns "expired-session-runs" "thesis 6.3"
            "A command of a client without a session takes effect."
        SessionsNotSaved "sessions-not-saved" "thesis 6.3"
            "Snapshots leave the sessions of clients out."
        SessionUseNotSaved "session-use-not-saved" "thesis 6.3"
            "Snapshots do not say when a session was used last."
        LogTimeRestarts "log-time-restarts" "thesis 6.3"
            "A new leader counts the log's time from its own election."
    }
    Timers {
        NeverStands "never-stands" "§5.2"
            "A follower that hears from no leader waits for ever."
        CandidateNeverRetries "candidate-never-retries" "§5.2"
            "A candidate that wins no majority does not stand again."
        RefusedVoteResetsTimer "refused-vote-resets-timer" "§5.2"
            "A server that refuses its vote begins its election timeout anew."
        VoteDoesNotResetTimer "vote-does-not-reset-timer" "§5.2"
            "A server that gives its vote does not begin its election timeout anew."
        HeartbeatDoesNotResetTimer "heartbeat-does-not-reset-timer" "§5.2"
            "A follower that hears from its leader does not begin its timeout anew."
        TransferWithoutEnd "transfer-without-end" "thesis 3.10"
            "A leader that hands over to a server that is gone waits for it for ever."
    }
}

#[cfg(all(test, feature = "lessons"))]
mod tests {
    use super::*;

    #[test]
    fn every_bug_has_a_name_of_its_own_and_one_sentence() {
        for (at, entry) in Bug::CATALOGUE.iter().enumerate() {
            assert_eq!(entry.bug as usize, at);
            let is_name = |c: char| c.is_ascii_lowercase() || c == '-';
            assert!(entry.name.chars().all(is_name), "{}", entry.name);
            assert!(entry.what.ends_with('.') && entry.what.len() <= 90, "{}", entry.name);
            assert!(entry.rule.starts_with('§') || entry.rule.starts_with("thesis "));
            let same = |other: &&BugEntry| other.name == entry.name || other.what == entry.what;
            assert_eq!(Bug::CATALOGUE.iter().filter(same).count(), 1, "{}", entry.name);
        }
    }
}
