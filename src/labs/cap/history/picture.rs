//! What clients asked for, as a picture.

use super::super::systems::in_words;
use super::super::{Asked, Cluster, Fate};
use crate::labs::{Client, Command};
use crate::scene::history_lane::{Bar, BarFate, HistoryLane, Row, Torn, Witness};
use crate::scene::{Spacing, Window};
use crate::sim::{Fault, NodeId};
use crate::sorted::SortedSet;

/// A part of the run. The operations at the places of `witness` are numbered in that order.
pub(super) fn lane(
    cluster: &Cluster,
    window: Window,
    spacing: Spacing,
    witness: &[usize],
) -> HistoryLane {
    let now_us = cluster.world().now_us();
    let asked = cluster.clients().asked();
    let mut clients: SortedSet<Client> = SortedSet::new();
    asked.iter().for_each(|asked| _ = clients.insert(asked.client));
    let clients = clients.into_vec();
    let row_of = |client: Client| clients.iter().position(|other| *other == client).unwrap_or(0);
    let mut rows: Vec<Row> =
        clients.iter().map(|client| Row { name: client.to_string(), bars: Vec::new() }).collect();
    // What is called after the end of the window is not in it, nor is what comes after that.
    let end = asked.partition_point(|asked| asked.at_us <= window.to_us);
    for (place, asked) in asked.iter().enumerate().take(end) {
        let to_us = asked.known_us.unwrap_or(now_us);
        // What nobody knows of goes on for ever.
        let goes_on = matches!(asked.fate, Fate::Unknown { .. }) && asked.written().is_some();
        if to_us >= window.from_us || goes_on {
            rows[row_of(asked.client)].bars.push(bar(cluster, place, asked, to_us));
        }
    }
    let witness = witness.iter().filter_map(|place| {
        let asked = asked.get(*place)?;
        let (number, row) = (*place as u64 + 1, row_of(asked.client));
        Some(Witness { number, row, at_us: asked.at_us })
    });
    let witness = witness.collect();
    HistoryLane { window, spacing, now_us, rows, tears: tears(cluster, window), witness }
}

fn bar(cluster: &Cluster, place: usize, asked: &Asked, to_us: u64) -> Bar {
    Bar {
        number: place as u64 + 1,
        from_us: asked.at_us,
        to_us,
        fate: match asked.fate {
            Fate::Open => BarFate::Open,
            Fate::Done(_) => BarFate::Done,
            Fate::Refused(_) => BarFate::Refused,
            Fate::Unknown { .. } => BarFate::Unknown,
        },
        writes: asked.written().is_some(),
        label: label(asked),
        records: [Some(asked.called), asked.answered],
        node: asked.via,
        description: in_words(cluster, asked),
    }
}

/// `x=1` for a write, `x→1` for a read, with siblings `x→{1,2}`; `∅` is nothing.
pub(super) fn label(asked: &Asked) -> String {
    let key = asked.key.as_str();
    if let Some(value) = asked.written() {
        return [key, "=", value.unwrap_or("∅")].concat();
    }
    let found = match &asked.fate {
        Fate::Open => "…".to_owned(),
        Fate::Done(found) => match &found[..] {
            [] => "∅".to_owned(),
            [value] => value.clone(),
            values => ["{", &values.join(","), "}"].concat(),
        },
        Fate::Refused(_) | Fate::Unknown { .. } => "?".to_owned(),
    };
    [key, "→", &found].concat()
}

/// While the network was torn: a fold over what was done to its links.
fn tears(cluster: &Cluster, window: Window) -> Vec<Torn> {
    let mut cut: SortedSet<(NodeId, NodeId)> = SortedSet::new();
    let mut tears: Vec<Torn> = Vec::new();
    let mut since: Option<(u64, String)> = None;
    let mut close = |since: Option<(u64, String)>, to_us: u64| {
        if let Some((from_us, label)) = since
            && to_us >= window.from_us
            && from_us <= window.to_us
        {
            tears.push(Torn { from_us, to_us, label });
        }
    };
    for (at_us, act) in cluster.acts().iter() {
        let Command::Faults(faults) = act else { continue };
        let mut is_recut = false;
        for fault in faults {
            match fault {
                Fault::Cut(links) => links.iter().for_each(|link| _ = cut.insert(*link)),
                Fault::Heal(links) => links.iter().for_each(|link| _ = cut.remove(link)),
                Fault::HealAll => cut.clear(),
                _ => continue,
            }
            is_recut = true;
        }
        let label = is_recut.then(|| groups(cluster, &cut));
        if let Some(label) =
            label.filter(|label| since.as_ref().map(|(_, old)| old) != label.as_ref())
        {
            close(since.take(), *at_us);
            since = label.map(|label| (*at_us, label));
        }
    }
    close(since, cluster.world().now_us());
    tears
}

/// How servers hang together, such as `S1 S2 | S3`, while any links are cut.
fn groups(cluster: &Cluster, cut: &SortedSet<(NodeId, NodeId)>) -> Option<String> {
    let groups = cluster.world().network().groups_if(|from, to| cut.contains(&(from, to)));
    if groups.len() < 2 {
        return (!cut.is_empty()).then(|| "some links cut".to_owned());
    }
    let mut words = String::new();
    for group in groups {
        if !words.is_empty() {
            words.push_str(" |");
        }
        for node in group {
            if !words.is_empty() {
                words.push(' ');
            }
            words.push_str(&node.to_string());
        }
    }
    Some(words)
}
