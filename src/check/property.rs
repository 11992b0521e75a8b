//! What is promised, each with a name and a sentence for people.

/// A promise that a judge watches over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Property {
    /// Figure 3 of the Raft paper, the first promise.
    ElectionSafety,
    /// Figure 3, the second.
    LeaderAppendOnly,
    /// Figure 3, the third.
    LogMatching,
    /// Figure 3, the fourth.
    LeaderCompleteness,
    /// Figure 3, the fifth.
    StateMachineSafety,
    /// §5.2, and Figure 2's persistent `votedFor`.
    OneVotePerTerm,
    /// §5.2.
    ElectedByMajority,
    /// §5.1.
    TermNeverGoesBack,
    /// Figure 2: `commitIndex` and `lastApplied` increase monotonically.
    CommitNeverGoesBack,
    /// Figure 2: `matchIndex` increases monotonically.
    MatchNeverGoesBack,
    /// Figure 2: what `matchIndex` means.
    MatchIsTruthful,
    /// §5.3, §5.4.
    CommittedOnMajority,
    /// §5.4.2, Figure 8.
    CommitsOwnTerm,
    /// §5.3: servers commit the same entries.
    CommitsAgree,
    /// §5.4.
    CommittedStays,
    /// Figure 2: `lastApplied` ≤ `commitIndex` ≤ last log index; `matchIndex` < `nextIndex`.
    IndicesInOrder,
    /// §5.3: terms along a log.
    TermsAscend,
    /// Figure 2: "updated on stable storage before responding".
    SyncedBeforeSent,
    /// Figure 2: what is persistent.
    MemoryIsWritten,
    /// §5.2: when election timeouts begin anew.
    TimersHaveReasons,
    /// §7: what replaces entries.
    SnapshotsAreTrue,
    /// §6: who decides.
    MajoritiesOverlap,
    /// §6: which configuration is in force.
    LatestMembers,
    /// §8: client sessions.
    OncePerCommand,
    /// §8: reads that write nothing.
    ReadsAreFresh,
    /// §8: clients see one copy of the data.
    Linearizability,
    /// §5.6: with a majority up, there is a leader and there is progress.
    Progress,
    /// §5.3: in peace, logs become equal.
    Convergence,
    /// Thesis 9.6, 4.2.3: with pre-vote and check-quorum, nobody deposes a leader that works.
    LeadersStay,
    /// Gifford 1979: what a store without a leader has acknowledged is on W disks.
    AcknowledgedStays,
    /// Lamport 1986: overlapping quorums read no less than what was acknowledged before.
    ReadsAreRegular,
    /// Terry et al. 1994, the first of four session guarantees, for who asks for it.
    OwnWritesAreRead,
    /// The second.
    ReadsGoForward,
    /// The third.
    WritesKeepOrder,
    /// The fourth.
    EffectsFollowCauses,
    /// Dynamo §4.7: anti-entropy makes replicas equal.
    ReplicasConverge,
    /// Whoever can reach enough replicas is served.
    ServedInPeace,
    /// An append expects the version that its decision rests on.
    NoLostUpdate,
    /// What follows from that in a shop.
    StockNeverBelowZero,
    /// An append has an id, and a repeat is recognised by it.
    OnceAskedOnceDone,
    /// A file is synced before anybody is told what is in it.
    AcknowledgedEventsStay,
    /// A checkpoint moves with its state.
    ReadModelsAreFolds,
    /// Catching up turns into live without a gap.
    ReadModelsCatchUp,
    /// Evolving is pure.
    SameLogSameState,
    /// A log on a cluster is one log.
    OneLogOnAllServers,
    /// A permit names its era.
    LateMovesNothing,
    /// Half-open there are so many sockets.
    ProbesWithinSockets,
    /// A wait ends exactly then.
    OpenUntilItsDeadline,
    /// The fifth failure in a row, or what else the rule says.
    OpensByItsRule,
    /// Who was rejected has no result.
    RejectionsEnterNoWindow,
    /// A probe has a lease.
    ProbesNeverWedge,
    /// Cancelled and excluded outcomes are neither.
    NeutralMovesNothing,
    /// A caller hears once what became of what it wants.
    RequestsEndOnce,
}

impl Property {
    /// All of them, the Raft paper's five first.
    pub const ALL: [Property; 53] = [
        Property::ElectionSafety,
        Property::LeaderAppendOnly,
        Property::LogMatching,
        Property::LeaderCompleteness,
        Property::StateMachineSafety,
        Property::OneVotePerTerm,
        Property::ElectedByMajority,
        Property::TermNeverGoesBack,
        Property::CommitNeverGoesBack,
        Property::MatchNeverGoesBack,
        Property::MatchIsTruthful,
        Property::CommittedOnMajority,
        Property::CommitsOwnTerm,
        Property::CommitsAgree,
        Property::CommittedStays,
        Property::IndicesInOrder,
        Property::TermsAscend,
        Property::SyncedBeforeSent,
        Property::MemoryIsWritten,
        Property::TimersHaveReasons,
        Property::SnapshotsAreTrue,
        Property::MajoritiesOverlap,
        Property::LatestMembers,
        Property::OncePerCommand,
        Property::ReadsAreFresh,
        Property::Linearizability,
        Property::Progress,
        Property::Convergence,
        Property::LeadersStay,
        Property::AcknowledgedStays,
        Property::ReadsAreRegular,
        Property::OwnWritesAreRead,
        Property::ReadsGoForward,
        Property::WritesKeepOrder,
        Property::EffectsFollowCauses,
        Property::ReplicasConverge,
        Property::ServedInPeace,
        Property::NoLostUpdate,
        Property::StockNeverBelowZero,
        Property::OnceAskedOnceDone,
        Property::AcknowledgedEventsStay,
        Property::ReadModelsAreFolds,
        Property::ReadModelsCatchUp,
        Property::SameLogSameState,
        Property::OneLogOnAllServers,
        Property::LateMovesNothing,
        Property::ProbesWithinSockets,
        Property::OpenUntilItsDeadline,
        Property::OpensByItsRule,
        Property::RejectionsEnterNoWindow,
        Property::ProbesNeverWedge,
        Property::NeutralMovesNothing,
        Property::RequestsEndOnce,
    ];

    /// The five of the paper's Figure 3.
    pub fn is_of_figure_3(self) -> bool {
        self <= Property::StateMachineSafety
    }

    /// Its name, and what it promises in one sentence.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Property::Progress => {
                ("Progress", "While a majority works in peace, there is a leader that commits.")
            }
            Property::Convergence => {
                ("Convergence", "Servers that work in peace come to have the same log.")
            }
            Property::LeadersStay => {
                ("Leaders stay", "A leader that a majority hears and answers is not replaced.")
            }
            Property::AcknowledgedStays => (
                "Acknowledged stays",
                "What was acknowledged, or what has replaced it, is on the disks of W replicas.",
            ),
            Property::ReadsAreRegular => (
                "Reads are regular",
                "No read finds less than what was acknowledged before it was asked for.",
            ),
            Property::OwnWritesAreRead => {
                ("Own writes are read", "Who asks for it reads what it wrote, or something later.")
            }
            Property::ReadsGoForward => {
                ("Reads go forward", "Who asks for it reads nothing older than it has read.")
            }
            Property::WritesKeepOrder => {
                ("Writes keep order", "The writes of a client that asks for it keep their order.")
            }
            Property::EffectsFollowCauses => (
                "Effects follow causes",
                "A client that asks for it writes after what it has read, whatever clocks show.",
            ),
            Property::ReplicasConverge => {
                ("Replicas converge", "Replicas that work in peace come to hold the same.")
            }
            Property::ServedInPeace => (
                "Served in peace",
                "Who asks a server that reaches enough replicas in peace gets what it asks for.",
            ),
            Property::NoLostUpdate => (
                "No lost update",
                "What is decided about stock is appended right after the version it rests on.",
            ),
            Property::StockNeverBelowZero => {
                ("Stock never below zero", "Nobody takes what is not there.")
            }
            Property::OnceAskedOnceDone => {
                ("Once asked once done", "However often a request is retried, it happens once.")
            }
            Property::AcknowledgedEventsStay => (
                "Acknowledged events stay",
                "An event of which a customer was told is in the log for ever, where it was.",
            ),
            Property::ReadModelsAreFolds => (
                "Read models are folds",
                "A read model is what the log comes to, nothing twice and nothing left out.",
            ),
            Property::ReadModelsCatchUp => (
                "Read models catch up",
                "A read model that runs, and is not cut off, comes to the end of the log.",
            ),
            Property::SameLogSameState => {
                ("Same log same state", "However often a log is replayed, the state is the same.")
            }
            Property::OneLogOnAllServers => (
                "One log on all servers",
                "At every position all servers have the same event, or do not have it yet.",
            ),
            Property::LateMovesNothing => (
                "Late results move nothing",
                "What was admitted in one era and answers in another counts for nothing.",
            ),
            Property::ProbesWithinSockets => (
                "No more probes than sockets",
                "While half-open no more probes are under way than may be.",
            ),
            Property::OpenUntilItsDeadline => (
                "Open until its deadline",
                "An open breaker lets calls through from its deadline on, and not before.",
            ),
            Property::OpensByItsRule => (
                "Opens by its rule",
                "A breaker opens at the result that fulfils its rule, and at no other.",
            ),
            Property::RejectionsEnterNoWindow => (
                "Rejections enter no window",
                "A window holds the results of the era, and not calls that were never made.",
            ),
            Property::ProbesNeverWedge => (
                "Probes never wedge",
                "A probe that does not report in time counts as failed, and the breaker goes on.",
            ),
            Property::NeutralMovesNothing => (
                "Neutral results move nothing",
                "An outcome that says nothing about the service counts for nothing.",
            ),
            Property::RequestsEndOnce => (
                "Requests end once",
                "Every request of a caller that runs ends, and no more than once.",
            ),
            raft => raft.words_of_raft(),
        }
    }

    /// The same, of the promises that Raft is judged by at every event; of others nothing. They are
    /// apart so that the page's first program has no others in it.
    pub(crate) fn words_of_raft(self) -> (&'static str, &'static str) {
        match self {
            Property::ElectionSafety => {
                ("Election Safety", "At most one leader is elected in a term.")
            }
            Property::LeaderAppendOnly => {
                ("Leader Append-Only", "A leader never overwrites or deletes entries of its log.")
            }
            Property::LogMatching => (
                "Log Matching",
                "Two logs with an entry of the same index and term are the same up to there.",
            ),
            Property::LeaderCompleteness => (
                "Leader Completeness",
                "What was committed in a term is in the logs of the leaders of all later terms.",
            ),
            Property::StateMachineSafety => {
                ("State Machine Safety", "No two servers apply different entries at an index.")
            }
            Property::OneVotePerTerm => {
                ("One vote a term", "A server votes once in a term, crash or no crash.")
            }
            Property::ElectedByMajority => {
                ("Elected by a majority", "A leader has the votes of a majority of its term.")
            }
            Property::TermNeverGoesBack => {
                ("Terms go forward", "No server goes back behind a term that it has spoken of.")
            }
            Property::CommitNeverGoesBack => {
                ("Commits go forward", "What a server knows to be committed only ever grows.")
            }
            Property::MatchNeverGoesBack => {
                ("Matches go forward", "What a leader knows a follower to have only ever grows.")
            }
            Property::MatchIsTruthful => (
                "Matches are true",
                "What a leader believes a follower to have is on that follower’s disk.",
            ),
            Property::CommittedOnMajority => {
                ("Committed on a majority", "What is committed is on the disks of a majority.")
            }
            Property::CommitsOwnTerm => {
                ("Counts its own term only", "A leader commits by counting only in its own term.")
            }
            Property::CommitsAgree => (
                "Commits agree",
                "Nobody takes an entry for committed unless a leader has committed that entry.",
            ),
            Property::CommittedStays => {
                ("Committed stays", "No server removes an entry that was committed.")
            }
            Property::IndicesInOrder => {
                ("Indices in order", "Applied ≤ committed ≤ last entry, and match < next.")
            }
            Property::TermsAscend => {
                ("Terms ascend", "Along a log terms never fall, and never pass the server’s own.")
            }
            Property::SyncedBeforeSent => {
                ("Synced before sent", "Nothing is said before what it relies on is on the disk.")
            }
            Property::MemoryIsWritten => (
                "Memory is written",
                "With nothing left to write, the disk holds what memory does.",
            ),
            Property::TimersHaveReasons => (
                "Timers have reasons",
                "An election timeout begins anew for a leader, a vote or an attempt, for no more.",
            ),
            Property::SnapshotsAreTrue => (
                "Snapshots are true",
                "A snapshot is what the committed entries it covers come to.",
            ),
            Property::MajoritiesOverlap => (
                "Majorities overlap",
                "When members change, old and new majorities have a server in common.",
            ),
            Property::LatestMembers => (
                "Latest members count",
                "A server goes by the latest configuration in its log, committed or not.",
            ),
            Property::OncePerCommand => (
                "Once a command",
                "A client’s command takes effect once, however often it is sent.",
            ),
            Property::ReadsAreFresh => (
                "Reads are fresh",
                "No read is older than what was committed when it was asked for.",
            ),
            Property::Linearizability => {
                ("Linearizability", "To clients it looks as if there were a single copy.")
            }
            _ => ("", ""),
        }
    }

    /// Its name, for people.
    pub fn name(self) -> &'static str {
        self.words().0
    }

    /// What it promises, in one sentence.
    pub fn promise(self) -> &'static str {
        self.words().1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_promise_is_listed_once_in_order_and_speaks_for_itself() {
        assert!(Property::ALL.is_sorted_by(|a, b| a < b));
        for property in Property::ALL {
            assert!(property.promise().ends_with('.') && property.promise().len() <= 90);
            assert!(!property.name().ends_with('.'));
        }
        assert_eq!(Property::ALL.iter().filter(|p| p.is_of_figure_3()).count(), 5);
        for property in crate::check::raft::RaftJudges::PROPERTIES {
            assert_eq!(property.words_of_raft().0, property.name());
        }
    }
}
