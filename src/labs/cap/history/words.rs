//! The verdict on what clients saw, in words, with what breaks it.

use super::super::systems::{in_words, seconds};
use super::super::{Asked, Cluster};
use super::{Shown, map, strongest_broken};
use crate::check::consistency::{Anomaly, Breach, Live, MOST_OPERATIONS, Model, Standing, Witness};
use crate::labs::Client;
use crate::scene::svg::Markup;

/// So long after it a session guarantee is marked as broken just now, in microseconds.
const JUST_NOW_US: u64 = 400_000;

/// What was judged, with what of it is shown.
pub(super) struct Judged<'a> {
    pub(super) cluster: &'a Cluster,
    pub(super) live: &'a Live,
    pub(super) shown: Option<Shown>,
    witness: Option<(Witness, Option<u64>)>,
}

impl<'a> Judged<'a> {
    /// `wanted` is shown if it is broken; else the strongest model that is.
    pub(super) fn new(cluster: &'a Cluster, live: &'a Live, wanted: Option<Shown>) -> Judged<'a> {
        let by_itself = || strongest_broken(live).map(Shown::Model);
        let is_broken = |shown: &Shown| witness(cluster, live, *shown).is_some();
        let shown = wanted.filter(is_broken).or_else(by_itself);
        let witness = shown.and_then(|shown| witness(cluster, live, shown));
        Judged { cluster, live, shown, witness }
    }

    /// The places of the operations that break what is shown.
    pub(super) fn witness(&self) -> &[usize] {
        self.witness.as_ref().map_or(&[], |(witness, _)| &witness.operations)
    }

    /// Everything that stands under the picture.
    pub(super) fn html(&self) -> String {
        let mut html = Markup::default();
        html.open("div", &[("class", "hl")]);
        html.open("div", &[("class", "hl-said")]);
        self.verdict(&mut html);
        self.evidence(&mut html);
        self.sessions(&mut html);
        html.close("div");
        map::draw(&mut html, self);
        html.close("div");
        html.text
    }

    /// The verdict on the strongest model.
    pub(super) fn sentence(&self) -> String {
        let history = self.cluster.watch().history();
        let count = self.cluster.clients().asked().len();
        match self.live.standing(Model::Linearizable) {
            _ if count == 0 => "Nothing has been asked for yet. Let a client write, and another \
                read."
                .to_owned(),
            Standing::Broken { since, witness } => {
                let since = instant_us(self.cluster, since).map(seconds).unwrap_or_default();
                format!("Not linearizable since {since}: {}.", anomaly(witness.anomaly))
            }
            Standing::Held if history.is_full() => format!(
                "Unknown: only the first {MOST_OPERATIONS} operations are judged, and those are \
                linearizable."
            ),
            Standing::Undecided => {
                "Unknown: the search for an order used up its budget.".to_owned()
            }
            Standing::Held => match count {
                1 => "Linearizable so far: it is a single operation.".to_owned(),
                _ => format!(
                    "Linearizable so far: one order in real time explains all {count} operations."
                ),
            },
        }
    }

    fn verdict(&self, html: &mut Markup) {
        let (state, mark) = match self.live.standing(Model::Linearizable) {
            _ if self.cluster.clients().asked().is_empty() => ("none", ""),
            Standing::Broken { .. } => ("broken", "× "),
            Standing::Held if !self.cluster.watch().history().is_full() => ("held", "✓ "),
            _ => ("unknown", "? "),
        };
        let words = [mark, &self.sentence()].concat();
        html.words("p", &[("class", "hl-verdict"), ("data-verdict", state)], &words);
    }

    /// The operations that break what is shown, with what to do with each.
    fn evidence(&self, html: &mut Markup) {
        let Some((witness, since_us)) = &self.witness else { return };
        let what = match self.shown {
            Some(Shown::Breach(place)) => {
                let breach = self.cluster.watch().breaches().get(place);
                let client = breach.map(client_of).unwrap_or_default();
                let model = breach.map_or(Model::ReadYourWrites, |it| model_of(it.anomaly));
                format!("{}, for {client}", map::title(model))
            }
            Some(Shown::Model(model)) => map::title(model).to_owned(),
            None => return,
        };
        html.open("div", &[("class", "hl-evidence"), ("role", "group")]);
        html.open("p", &[]);
        // Of the strongest model the verdict has said it already.
        if self.shown == Some(Shown::Model(Model::Linearizable)) {
            html.words("span", &[], "These operations show it. ");
        } else {
            html.words("b", &[], &[&what, ": "].concat());
            html.words("span", &[], &[anomaly(witness.anomaly), ". "].concat());
        }
        if let Some(since_us) = since_us {
            go(html, *since_us, &["Go to ", &seconds(*since_us)].concat());
        }
        html.close("p");
        html.open("ol", &[]);
        for place in &witness.operations {
            let Some(asked) = self.cluster.clients().asked().get(*place) else { continue };
            html.open("li", &[]);
            let ask = ["q", &(place + 1).to_string()].concat();
            html.words("button", &[("data-ask", &ask)], &in_words(self.cluster, asked));
            html.words("span", &[("class", "hl-when")], &when(asked));
            html.close("li");
        }
        html.close("ol");
        html.close("div");
    }

    /// A row for each client, a badge for each guarantee.
    fn sessions(&self, html: &mut Markup) {
        let asked = self.cluster.clients().asked();
        if asked.is_empty() {
            return;
        }
        html.open("table", &[("class", "hl-sessions")]);
        html.words("caption", &[], "What each client’s session still has");
        html.open("tr", &[]);
        html.words("td", &[], "");
        for model in map::SESSIONS {
            html.words(
                "th",
                &[("scope", "col"), ("title", map::meaning(model))],
                map::title(model),
            );
        }
        html.close("tr");
        let last = asked.iter().map(|asked| asked.client.0).max().unwrap_or(0);
        let has_asked = |client: &u8| asked.iter().any(|asked| asked.client.0 == *client);
        for client in (1..=last).filter(has_asked) {
            html.open("tr", &[]);
            html.words("th", &[("scope", "row")], &Client(client).to_string());
            for model in map::SESSIONS {
                html.open("td", &[]);
                self.badge(html, client, model);
                html.close("td");
            }
            html.close("tr");
        }
        html.close("table");
    }

    fn badge(&self, html: &mut Markup, client: u8, model: Model) {
        let breaches = self.cluster.watch().breaches();
        let is = |breach: &Breach| {
            breach.client == u64::from(client) && model_of(breach.anomaly) == model
        };
        let Some(place) = breaches.iter().position(is) else {
            html.words("span", &[("class", "hl-badge")], "✓");
            html.words("span", &[("class", "visually-hidden")], "kept so far");
            return;
        };
        let at_us = breach_us(self.cluster, place);
        let age_us = at_us.map_or(u64::MAX, |at| self.cluster.world().now_us().saturating_sub(at));
        let class = match age_us {
            ..JUST_NOW_US => "toggle hl-badge broken now",
            _ => "toggle hl-badge broken",
        };
        let since = at_us.map(seconds).unwrap_or_default();
        let label = format!("{}: broken for C{client} at {since}. Show by what", map::title(model));
        let pressed = if self.shown == Some(Shown::Breach(place)) { "true" } else { "false" };
        let button = [
            ("class", class),
            ("data-look", &*format!("breach={place}")),
            ("aria-pressed", pressed),
            ("aria-label", &label),
        ];
        html.words("button", &button, &["× ", &since].concat());
    }
}

/// A button that goes to an instant.
pub(super) fn go(html: &mut Markup, at_us: u64, label: &str) {
    let go = [("class", "toggle"), ("data-go", &*at_us.to_string())];
    html.words("button", &go, label);
}

/// What shows that something is broken, and since when in microseconds.
fn witness(cluster: &Cluster, live: &Live, shown: Shown) -> Option<(Witness, Option<u64>)> {
    match shown {
        Shown::Model(model) => match live.standing(model) {
            Standing::Broken { since, witness } => Some((witness, instant_us(cluster, since))),
            Standing::Held | Standing::Undecided => None,
        },
        Shown::Breach(place) => {
            let Breach { anomaly, operations, .. } = cluster.watch().breaches().get(place)?.clone();
            Some((Witness { anomaly, operations }, breach_us(cluster, place)))
        }
    }
}

/// The instant of a call or an answer by its number among all that were watched.
pub(super) fn instant_us(cluster: &Cluster, event: u64) -> Option<u64> {
    let operations = cluster.watch().history().operations();
    let of = |operation: &crate::check::consistency::ClientOperation| {
        operation.called == event || operation.ended == Some(event)
    };
    let place = operations.iter().position(of)?;
    let asked = cluster.clients().asked().get(place)?;
    let is_call = operations[place].called == event;
    Some(if is_call { asked.at_us } else { asked.known_us.unwrap_or(asked.at_us) })
}

/// When a session guarantee broke.
fn breach_us(cluster: &Cluster, place: usize) -> Option<u64> {
    let record = cluster.breach_records().get(place)?;
    Some(cluster.world().history().get(*record)?.at_us)
}

fn client_of(breach: &Breach) -> String {
    format!("C{}", breach.client)
}

/// The guarantee that breaks so.
fn model_of(anomaly: Anomaly) -> Model {
    match anomaly {
        Anomaly::WentBack => Model::MonotonicReads,
        Anomaly::WritesOutOfOrder => Model::MonotonicWrites,
        Anomaly::EffectWithoutCause => Model::WritesFollowReads,
        _ => Model::ReadYourWrites,
    }
}

/// From when to when an operation went.
fn when(asked: &Asked) -> String {
    match asked.known_us {
        None => format!(" (from {} on)", seconds(asked.at_us)),
        Some(at_us) if at_us / 1_000 == asked.at_us / 1_000 => format!(" ({})", seconds(at_us)),
        Some(at_us) => format!(" ({} – {})", seconds(asked.at_us), seconds(at_us)),
    }
}

/// What is wrong, without a point.
pub(super) fn anomaly(anomaly: Anomaly) -> &'static str {
    match anomaly {
        Anomaly::NeverWritten => "a read found what nobody had written, or what was refused",
        Anomaly::StaleRead => "a read missed a write that was acknowledged before it began",
        Anomaly::SeveralValues => "a read found several values at once, and one copy has one",
        Anomaly::NewOldInversion => "one read found the new value, and a later one the old",
        Anomaly::NoCommonOrder => "no one order for all explains what these found",
        Anomaly::ForgottenPast => "a read found nothing, though a write was among its causes",
        Anomaly::OverwrittenPast => "reads found what their own causes had replaced",
        Anomaly::OwnWriteMissed => "a client did not see what it had written itself",
        Anomaly::WentBack => "a client’s reads went back",
        Anomaly::WritesOutOfOrder => {
            "a client saw a write, but not what its writer had written before"
        }
        Anomaly::EffectWithoutCause => {
            "a client saw a write, but not what its writer had read before"
        }
        Anomaly::LostWrite => "all was delivered, and an acknowledged write is gone",
        Anomaly::Disagreement => "all was delivered, and two reads found different things",
    }
}
