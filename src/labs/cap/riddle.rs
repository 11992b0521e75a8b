//! What will this read find? A question to the reader, and its answer.

use super::{Asked, Cluster, Fate};
use crate::labs::{Ask, Command, Riddle, Solution};

/// What may come of a read.
const OPTIONS: &[&str] = &["New", "Old", "Refused", "Nobody knows"];

/// The question that a command raises, if it is a read.
pub fn riddle(cluster: &Cluster, command: &Command) -> Option<Riddle> {
    let Command::Ask { client, via, what: Ask::Read { key } } = command else { return None };
    let question = format!(
        "{client} is about to read {key} through {via}. Will it find what was acknowledged last \
         (new) or something from before (old), or be refused, or not learn anything?"
    );
    let place = cluster.clients().asked().len();
    Some(Riddle { question, options: OPTIONS, place, at_us: cluster.world().now_us() })
}

/// What came of the read, once it is over.
pub fn solution(cluster: &Cluster, riddle: &Riddle) -> Option<Solution> {
    let read = cluster.clients().asked().get(riddle.place);
    let Some(read) = read.filter(|read| read.at_us == riddle.at_us) else {
        let is_over = cluster.world().now_us() > riddle.at_us || read.is_some();
        let why = "The read was not made.".to_owned();
        return is_over.then_some(Solution { option: None, why });
    };
    let (option, why) = match &read.fate {
        Fate::Open => return None,
        Fate::Done(found) if read.stale => (1, old(cluster, read, found)),
        Fate::Done(found) => (0, new(read, found)),
        Fate::Refused(why) => {
            (2, format!("{} said no: {}.", read.via, super::systems::reason(*why)))
        }
        Fate::Unknown { needed: 0, .. } => (3, "There was no answer.".to_owned()),
        Fate::Unknown { acked, needed } => {
            (3, format!("Only {acked} of the {needed} replicas that were needed answered in time."))
        }
    };
    Some(Solution { option: Some(option), why })
}

fn new(read: &Asked, found: &[String]) -> String {
    format!("{}, and nothing newer was acknowledged before it began.", what(read, found))
}

fn old(cluster: &Cluster, read: &Asked, found: &[String]) -> String {
    [&what(read, found), &*missed(cluster, read), "."].concat()
}

/// The newest write that a stale read should have found, in words; empty if there is none.
pub(super) fn missed(cluster: &Cluster, read: &Asked) -> String {
    let mut asked = cluster.clients().asked().iter();
    let newest = asked
        .rfind(|other| other.key == read.key && other.written().is_some() && other.is_before(read));
    let in_words = |write: &Asked| {
        let value = write.written()?.unwrap_or("nothing");
        let known_us = write.known_us?;
        let at = format!("{}.{} ms", known_us / 1_000, known_us % 1_000 / 100);
        let Asked { client, via, .. } = write;
        Some(format!(", but {value} was acknowledged to {client} through {via} at {at}"))
    };
    newest.and_then(in_words).unwrap_or_default()
}

fn what(read: &Asked, found: &[String]) -> String {
    match found {
        [] => format!("{} found nothing", read.client),
        found => format!("{} found {}", read.client, found.join(" and ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labs::cap::System;
    use crate::labs::{Client, LabSettings, Setting, SettingValue};
    use crate::sim::{Fault, NodeId};

    fn ask(client: u8, via: u8, what: Ask) -> Command {
        Command::Ask { client: Client(client), via: NodeId(via), what }
    }

    fn write(client: u8, via: u8, value: &str) -> Command {
        ask(client, via, Ask::Write { key: "x".to_owned(), value: value.to_owned() })
    }

    fn foretold(cluster: &mut Cluster, via: u8) -> (Option<usize>, String) {
        let read = ask(1, via, Ask::Read { key: "x".to_owned() });
        let riddle = riddle(cluster, &read).expect("it is a read");
        assert!(riddle.question.contains("C1 is about to read x"), "{}", riddle.question);
        cluster.act(&read).expect("the server runs");
        // Where one replica is enough, the server that is asked answers at once.
        let is_over = cluster.clients().asked().last().is_some_and(|read| read.fate != Fate::Open);
        assert_eq!(solution(cluster, &riddle).is_some(), is_over);
        wait(cluster, 400);
        let solution = solution(cluster, &riddle).expect("it is over");
        (solution.option, solution.why)
    }

    fn wait(cluster: &mut Cluster, ms: u64) {
        let until_us = cluster.world().now_us() + ms * 1_000;
        cluster.advance_to(until_us).expect("far from any limit");
    }

    fn cluster(mode: &'static str) -> Cluster {
        let mut settings = LabSettings::new(5, 5);
        settings.tuning.set(Setting { name: "mode", value: SettingValue::Choice(mode) });
        let mut cluster = Cluster::new(&settings, System::Quorum);
        wait(&mut cluster, 100);
        cluster
    }

    fn cut(cluster: &mut Cluster) {
        let others: Vec<NodeId> = (2..5).map(NodeId).collect();
        let cut = Fault::cut_between(&[NodeId(0), NodeId(1)], &others);
        cluster.act(&Command::Faults(vec![cut])).expect("it is possible");
    }

    #[test]
    fn all_four_answers_come_true_with_their_reasons() {
        let mut ap = cluster("ap");
        ap.act(&write(1, 0, "1")).expect("the server runs");
        wait(&mut ap, 300);
        let (option, why) = foretold(&mut ap, 1);
        assert_eq!(option, Some(0), "{why}");
        assert_eq!(why, "C1 found 1, and nothing newer was acknowledged before it began.");
        cut(&mut ap);
        ap.act(&write(2, 4, "2")).expect("the server runs");
        wait(&mut ap, 300);
        let (option, why) = foretold(&mut ap, 1);
        assert_eq!(option, Some(1), "{why}");
        assert!(
            why.starts_with("C1 found 1, but 2 was acknowledged to C2 through S5 at "),
            "{why}"
        );

        let mut cp = cluster("cp");
        cut(&mut cp);
        let (option, why) = foretold(&mut cp, 1);
        assert_eq!(option, Some(3), "{why}");
        let (option, why) = foretold(&mut cp, 1);
        assert_eq!((option, why.as_str()), (Some(2), "S2 said no: 2 of 3 needed seem to be up."));
    }

    #[test]
    fn only_reads_raise_the_question_and_one_that_was_not_made_has_no_answer() {
        let mut cp = cluster("cp");
        assert_eq!(riddle(&cp, &write(1, 0, "1")), None);
        assert_eq!(riddle(&cp, &Command::Faults(vec![Fault::HealAll])), None);
        let read = ask(1, 0, Ask::Read { key: "x".to_owned() });
        let riddle = riddle(&cp, &read).expect("it is a read");
        assert_eq!(solution(&cp, &riddle), None);
        wait(&mut cp, 1);
        let solution = solution(&cp, &riddle).expect("it is too late now");
        assert_eq!(solution.option, None);
    }
}
