//! Who belongs to the cluster (§6; thesis, chapter 4): how that looks, what a leader can be asked
//! to do about it, and what is told.

use super::super::{Choice, Command, MembershipChange, Quorum};
use super::RaftProcess;
use crate::raft::{self, ChangeRefusal, Configuration, Role, Server, ServerId, TransferRefusal};
use crate::scene::Target;
use crate::sim::{NodeId, World};
use crate::small_text::joined;
use crate::sorted::SortedSet;

type RaftWorld = World<RaftProcess>;
type RaftServer = Server<crate::raft::KeyValueCommand>;

/// The lists behind two lines of a leader's menu.
const HANDOVER: u8 = 1;
const MEMBERS: u8 = 2;

/// The configuration in force: the newest leader's, or without one the newest that anybody has.
pub(super) fn in_force(world: &RaftWorld) -> Configuration {
    let server = |id: NodeId| Some(world.node(id)?.process()?.server());
    let rank = |server: &&RaftServer| {
        let leads = matches!(server.role(), Role::Leader { .. });
        (leads.then(|| server.current_term()), server.configuration_index())
    };
    match world.node_ids().filter_map(server).max_by_key(rank) {
        Some(server) => server.configuration().clone(),
        None => Configuration::of(&world.settings().setup.config.servers),
    }
}

/// Who decides under `configuration`.
pub(super) fn quorum(configuration: &Configuration) -> Quorum {
    let side = |voters: &SortedSet<ServerId>| voters.iter().map(|id| NodeId(id.0)).collect();
    let mut sides = vec![side(&configuration.voters)];
    if configuration.is_joint() {
        sides.push(side(&configuration.old_voters));
    }
    Quorum { sides }
}

/// What a server is to the cluster, in a word for the table.
pub(super) fn standing(configuration: &Configuration, id: NodeId) -> &'static str {
    let id = ServerId(id.0);
    match (configuration.is_voter(id), configuration.is_member(id)) {
        (true, _) => "voter",
        (false, true) => "learner",
        (false, false) => "no member",
    }
}

/// What joint consensus asks for, in a sentence; nothing at other times.
pub(super) fn joint_line(configuration: &Configuration) -> Option<String> {
    let names =
        |voters: &SortedSet<ServerId>| joined(&mut voters.iter().map(ServerId::to_string), " ");
    configuration.is_joint().then(|| {
        let (old, new) = (names(&configuration.old_voters), names(&configuration.voters));
        format!(" Joint consensus: a majority of {old} and one of {new} must agree.")
    })
}

/// What more can be asked of a leader: two lists.
pub(super) fn leader_choices(world: &RaftWorld, leader: NodeId) -> [Choice; 2] {
    let can_change = world.settings().setup.config.membership_changes;
    [
        Choice::more(
            "Hand over …",
            "Another server leads from now on",
            Target::More(leader, HANDOVER),
        ),
        if can_change {
            let hint = "Add, promote or remove servers";
            Choice::more("Members …", hint, Target::More(leader, MEMBERS))
        } else {
            Choice::unavailable("Members …", "“membership” is off: see Settings")
        },
    ]
}

/// The list number `list` behind the menu of `node`.
pub(super) fn list_choices(world: &RaftWorld, node: NodeId, list: u8) -> Vec<Choice> {
    let back = Choice::more("‹ Back", "", Target::Node(node));
    let Some(server) = world.node(node).and_then(|node| Some(node.process()?.server())) else {
        return vec![back];
    };
    let others = world.node_ids().filter(|other| *other != node);
    let mut choices: Vec<Choice> = match list {
        HANDOVER => others.map(|other| handover(server, node, other)).collect(),
        _ => {
            let of_each = world.node_ids().flat_map(|other| changes(server, node, other));
            of_each.chain([swap(server, node)]).collect()
        }
    };
    choices.push(back);
    choices
}

fn handover(server: &RaftServer, via: NodeId, to: NodeId) -> Choice {
    let label = format!("To {to}");
    if !server.configuration().is_voter(ServerId(to.0)) {
        return Choice::unavailable(label, "Who has no vote cannot lead");
    }
    let held = server.match_index(ServerId(to.0)).unwrap_or_default().0;
    let hint = match server.log().last_index().0.saturating_sub(held) {
        0 => "It has the whole log: it stands at once".to_owned(),
        missing => format!("It gets {missing} more entries first; meanwhile writes are refused"),
    };
    Choice::new(label, hint, Command::TransferLeadership { via, to })
}

/// What can become of `other`.
fn changes(server: &RaftServer, via: NodeId, other: NodeId) -> Vec<Choice> {
    let configuration = server.configuration();
    let change = |change| Command::ChangeMembership { via, change };
    let remove = |hint| {
        let command = change(MembershipChange::Remove(other));
        Choice::new(format!("Remove {other}"), hint, command)
    };
    match standing(configuration, other) {
        "voter" if other == via => {
            vec![remove("It leads until that is committed, then steps down")]
        }
        "voter" => vec![remove("Its vote and its copies no longer count")],
        "learner" => {
            let command = change(MembershipChange::Promote(other));
            let hint = "From now on it votes, and its copies count";
            vec![
                Choice::new(format!("Give {other} a vote"), hint, command),
                remove("It gets no more entries"),
            ]
        }
        _ => {
            let command = change(MembershipChange::AddLearner(other));
            let hint = "A learner first: it gets the log, without a vote";
            vec![Choice::new(format!("Add {other}"), hint, command)]
        }
    }
}

/// Learners take the place of as many voters at once, by joint consensus (§6).
fn swap(server: &RaftServer, via: NodeId) -> Choice {
    const LABEL: &str = "Swap in one step";
    let Configuration { voters, learners, .. } = server.configuration();
    if learners.is_empty() {
        return Choice::unavailable(LABEL, "Joint consensus, for learners: add one first");
    }
    let leaving = voters.iter().filter(|id| id.0 != via.0).take(learners.len());
    let leaving: Vec<ServerId> = leaving.copied().collect();
    let staying = voters.iter().filter(|id| !leaving.contains(id)).chain(learners);
    let staying: Vec<NodeId> = staying.map(|id| NodeId(id.0)).collect();
    let names =
        |ids: &mut dyn Iterator<Item = &ServerId>| joined(&mut ids.map(ServerId::to_string), " ");
    let (gone, new) = (names(&mut leaving.iter()), names(&mut learners.iter()));
    let hint =
        format!("{new} for {gone}, by joint consensus: both majorities must agree meanwhile");
    let change = MembershipChange::Replace(staying);
    Choice::new(LABEL, hint, Command::ChangeMembership { via, change })
}

/// What is asked for, as in “You ask S1 to …”.
pub(super) fn change_text(change: &raft::MembershipChange) -> String {
    use raft::MembershipChange;
    match change {
        MembershipChange::AddLearner(server) => format!("add {server} as a learner"),
        MembershipChange::Promote(server) => format!("give {server} a vote"),
        MembershipChange::Remove(server) => format!("remove {server}"),
        MembershipChange::Replace(servers) => {
            let names = joined(&mut servers.iter().map(ServerId::to_string), " ");
            format!("give the votes to {names} in one step")
        }
    }
}

/// Why a change is refused, and the section that says so.
pub(super) fn refuse_change(reason: &ChangeRefusal) -> (&'static str, &'static str) {
    match reason {
        ChangeRefusal::NotLeader { .. } => ("it does not lead", "§6"),
        ChangeRefusal::SwitchedOff => ("the settings do not allow it", "§6"),
        ChangeRefusal::TransferInProgress { .. } => ("it is handing over", "Thesis 3.10"),
        ChangeRefusal::NothingOfThisTermCommitted => (
            "nothing of its term is committed yet (the correction of 2015): write something first",
            "Thesis 4.1",
        ),
        ChangeRefusal::ChangePending { .. } => {
            ("the change before is not committed yet", "Thesis 4.1")
        }
        ChangeRefusal::AlreadyMember => ("that server is a member already", "§6"),
        ChangeRefusal::NotALearner => ("that server is no learner", "Thesis 4.2.1"),
        ChangeRefusal::NotAMember { .. } => ("that server is no member", "§6"),
        ChangeRefusal::NotCaughtUp { .. } => {
            ("that server has not caught up, and its vote would be missed", "Thesis 4.2.1")
        }
        ChangeRefusal::NoChange => ("these are the voters already", "§6"),
        ChangeRefusal::NoVoterLeft => ("nobody would have a vote", "§6"),
    }
}

/// Why leadership is not handed over.
pub(super) fn refuse_transfer(reason: &TransferRefusal) -> &'static str {
    match reason {
        TransferRefusal::NotLeader { .. } => "it does not lead",
        TransferRefusal::InProgress { .. } => "it is handing over already",
        TransferRefusal::ToItself => "it leads already",
        TransferRefusal::NotAVoter => "who has no vote cannot lead",
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::{Lab, LabSettings, Setting, SettingValue};
    use super::super::RaftLab;
    use super::*;
    use crate::scene::{Frame, NodeView, Outline};

    fn last_server(lab: &RaftLab) -> NodeView {
        let scene = lab.scene(Frame { width: 800.0, height: 500.0 }, 0);
        scene.nodes.into_iter().next_back().expect("there are servers")
    }

    /// Takes the choice `label` of the leader's list of members, and lets time pass.
    fn choose(lab: &mut RaftLab, leader: NodeId, label: &str) {
        let choices = lab.choices(Target::More(leader, MEMBERS));
        let chosen = choices.into_iter().find(|choice| choice.label == label);
        let command = chosen.and_then(|choice| choice.command).expect(label);
        lab.act(&command).expect("it runs");
        lab.advance_to(lab.now_us() + 300_000).expect("far from any limit");
    }

    /// §6; thesis 4.1, 4.2.1: what stands by, learns and votes looks different, and only who votes
    /// is counted in a majority.
    #[test]
    fn a_server_becomes_a_learner_then_a_voter_and_goes() {
        let mut settings = LabSettings::new(4, 5);
        let value = SettingValue::Count(3);
        settings.tuning.set(Setting { name: "members", value });
        for name in ["membership", "sticky-leader"] {
            settings.tuning.set(Setting { name, value: SettingValue::Switch(true) });
        }
        let mut lab = RaftLab::new(&settings);
        lab.advance_to(400_000).expect("far from any limit");
        let leader = lab.leader();
        let caption = |lab: &RaftLab| lab.drop_effect(leader, None).caption;
        assert_eq!(last_server(&lab).outline, Outline::Faint);
        choose(&mut lab, leader, "Add S4");
        let story = lab.story(3);
        assert!(story.iter().any(|line| line.text.contains("correction of 2015")), "{story:?}");
        lab.act(&Command::write(leader, "x", "1")).expect("it runs");
        lab.advance_to(lab.now_us() + 100_000).expect("far from any limit");
        choose(&mut lab, leader, "Add S4");
        let learner = last_server(&lab);
        assert_eq!((learner.outline, &*learner.word), (Outline::Dotted, "learner"));
        assert!(caption(&lab).ends_with("(2 of 3 voters)"), "{}", caption(&lab));
        choose(&mut lab, leader, "Give S4 a vote");
        assert_eq!(last_server(&lab).outline, Outline::Thin);
        assert!(caption(&lab).ends_with("(3 of 4)"), "{}", caption(&lab));
        choose(&mut lab, leader, "Remove S4");
        // It does not know, and stands for election (4.2.3).
        let gone = last_server(&lab).word;
        assert!(gone.ends_with("no member"), "{gone}");
    }
}
