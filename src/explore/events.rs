//! The event sourcing lab as a subject: shops of every setting under a nemesis, with customers who
//! take, put back, pay and retry, and settings that are turned while they do.
//!
//! What is judged is what a shop's settings promise, see
//! [`labs::events`](crate::labs::events); and once everything works in peace, that the read models
//! come to the end of the log. With [`demanding`](EventsSubject::demanding) a promise is judged
//! that nobody has given: so one finds out what a choice costs, and that the judges would notice.

use super::Action;
use super::nemesis::{self, NemesisSettings, Rest};
use super::raft::SAFETY_US;
use super::run::{Plan, Stage, Subject};
use crate::check::{Finding, Property, Verdicts, Violation};
use crate::labs::events::{
    CLUSTER_NODES, ENTRY, EventLab, JudgedShop, KEEPER, Log, MODELS, REBUILD, SINGLE_NODES,
};
use crate::labs::{Ask, Client, Command, LabSettings, Refused, Setting, SettingValue, Tuning};
use crate::random::Random;
use crate::scenario::{Arg, Atom, Claim, Condition, Who, promise_name};
use crate::sim::{Delay, Fault, Halted, Link, LinkSettings, NodeId, RecordId};

/// So long after all was healed nothing is owed yet, in microseconds: clocks that ran ahead stand
/// still, and whoever sends again waits longer each time.
const OWED_AFTER_US: u64 = 20_000_000;

mod purpose {
    pub(super) const CONFIG: u64 = 130;
    pub(super) const CUSTOMERS: u64 = 131;
    pub(super) const TURNS: u64 = 132;
}

/// Shops under the nemesis.
#[derive(Clone, Debug, Default)]
pub struct EventsSubject {
    always: Vec<Setting>,
    demanded: Vec<Property>,
}

impl EventsSubject {
    /// Shops as they are, judged by what they promise.
    pub fn genuine() -> EventsSubject {
        EventsSubject::default()
    }

    /// The same, with these settings in every run, which nobody turns.
    pub fn always(self, always: Vec<Setting>) -> EventsSubject {
        EventsSubject { always, ..self }
    }

    /// The same, judged by these promises as well, given or not.
    pub fn demanding(self, demanded: &[Property]) -> EventsSubject {
        EventsSubject { demanded: demanded.to_vec(), ..self }
    }

    /// The promises that may be demanded: those that a setting gives up.
    pub const DEMANDABLE: [Property; 6] = [
        Property::NoLostUpdate,
        Property::StockNeverBelowZero,
        Property::OnceAskedOnceDone,
        Property::AcknowledgedEventsStay,
        Property::ReadModelsAreFolds,
        Property::ReadModelsCatchUp,
    ];

    fn set(&self, settings: &LabSettings, drawn: Vec<Setting>) -> LabSettings {
        let mut settings = settings.clone();
        settings.tuning.protocol = drawn;
        self.always.iter().for_each(|setting| settings.tuning.set(*setting));
        settings
    }
}

impl Stage for JudgedShop {
    fn now_us(&self) -> u64 {
        self.lab().cluster().world().now_us()
    }

    fn history_len(&self) -> usize {
        self.lab().cluster().world().history().len()
    }

    fn history_hash(&self) -> u64 {
        self.lab().cluster().world().history().hash()
    }

    fn advance_to(&mut self, at_us: u64) -> Result<(), Halted> {
        JudgedShop::advance_to(self, at_us)
    }

    fn act(&mut self, command: &Command) -> Result<(), Refused> {
        JudgedShop::act(self, command)
    }

    fn nth_on_its_way(&self, nth: u32) -> Option<RecordId> {
        self.lab().cluster().world().network().nth_on_its_way(nth)
    }

    fn is_unjudged(&self) -> bool {
        false
    }

    fn verdicts(&self) -> &Verdicts {
        JudgedShop::verdicts(self)
    }
}

impl Subject for EventsSubject {
    type Stage = JudgedShop;

    fn plan(&self, seed: u64) -> Plan {
        let mut random = Random::for_purpose(seed, purpose::CONFIG);
        let high_us = [2_000, 10_000, 30_000][random.below(3) as usize];
        let links = LinkSettings::with_delay(Delay::Uniform { low_us: 500, high_us });
        let calm_links = LinkSettings::with_delay(Delay::Uniform { low_us: 500, high_us: 5_000 });
        let calm_sync = Delay::Uniform { low_us: 50, high_us: 3_000 };
        let tuning = Tuning { links: Some(links), sync: Some(calm_sync), ..Tuning::NONE };
        let bare = LabSettings { servers: SINGLE_NODES, seed, tuning };
        let settings = self.set(&bare, draw_settings(&mut random));
        let is_raft = settings.tuning.value("log") == Some(SettingValue::Choice("raft"));
        let nodes = if is_raft { CLUSTER_NODES } else { SINGLE_NODES };
        let (peace_us, ends_us) = (SAFETY_US, SAFETY_US + OWED_AFTER_US);
        let nemesis = NemesisSettings {
            nodes,
            safety_us: SAFETY_US,
            calm_links,
            calm_sync,
            rest: Rest::Healed,
            rest_until_us: ends_us,
        };
        let mut schedule = nemesis::schedule(seed, &nemesis);
        schedule.core.sort_unstable();
        let core = schedule.core.clone();
        let mut actions = schedule.actions();
        let mut random = Random::for_purpose(seed, purpose::CUSTOMERS);
        actions.extend(customers(is_raft, &mut random));
        if self.always.is_empty() {
            let mut random = Random::for_purpose(seed, purpose::TURNS);
            actions.extend(turns(&mut random));
        }
        // The nemesis does not know of crashes that were armed.
        let disarmed = choice("crash-at", "none");
        actions.push(Action::of(peace_us, Command::Set(disarmed)));
        let restarts = (0..nodes).map(|node| Fault::Restart(NodeId(node)));
        actions.extend(restarts.map(|restart| Action::fault(peace_us + 1, restart)));
        // Stable: of what comes at the same time, faults come first.
        actions.sort_by_key(|action| action.at_us);
        Plan { lab: ENTRY.name, settings, actions, core, peace_us, ends_us }
    }

    fn open(&self, plan: &Plan) -> JudgedShop {
        JudgedShop::new(EventLab::new(&plan.settings), &self.demanded)
    }

    fn is_settled(&self, stage: &JudgedShop, plan: &Plan) -> bool {
        stage.now_us() > plan.peace_us + 500_000 && behind(stage).is_none()
    }

    fn judge_end(&self, stage: &mut JudgedShop, _plan: &Plan) {
        if let Some(model) = behind(stage).filter(|model| is_in_peace(stage, *model)) {
            let finding = Finding::ReplicasDiffer { first: model, second: KEEPER };
            stage.note_at_end(Property::ReadModelsCatchUp, finding);
        }
    }

    fn claim(&self, _plan: &Plan, violation: &Violation) -> Claim {
        let now = |pattern, args| {
            Claim::Now(Condition { atoms: vec![Atom { not: false, pattern, args }] })
        };
        let property = violation.property;
        match &violation.finding {
            Finding::ReplicasDiffer { first, .. } => {
                now("lag SERVER N", vec![Arg::Server(Who::Number(*first)), Arg::Number(0)])
            }
            _ if !self.demanded.contains(&property) => Claim::Kept(property),
            _ => {
                let is_it = |pattern: &&str| {
                    pattern.strip_suffix(" kept") == Some(promise_name(property).as_str())
                };
                let mut patterns = KEPT.into_iter();
                let pattern = patterns.find(is_it);
                pattern.map_or(Claim::Kept(property), |pattern| now(pattern, Vec::new()))
            }
        }
    }
}

/// Conditions that tell of promises, given or not.
const KEPT: [&str; EventsSubject::DEMANDABLE.len()] = [
    "no-lost-update kept",
    "stock-never-below-zero kept",
    "once-asked-once-done kept",
    "acknowledged-events-stay kept",
    "read-models-are-folds kept",
    "read-models-catch-up kept",
];

/// A read model that has not come to the end of the log.
fn behind(stage: &JudgedShop) -> Option<NodeId> {
    let cluster = stage.lab().cluster();
    if cluster.rules().log == Log::Raft {
        return None;
    }
    let end = cluster.log().last_position();
    let through = |node: NodeId| Some(cluster.process(node)?.model()?.through());
    MODELS.into_iter().find(|node| through(*node) != Some(end))
}

/// Whether keeper and read model work, and nothing is between them: what is left of a run that was
/// made small may have no peace.
fn is_in_peace(stage: &JudgedShop, model: NodeId) -> bool {
    let (world, calm) = (stage.lab().cluster().world(), |link: &Link| link.settings.loss_ppm == 0);
    let works = |node: NodeId| {
        let node = world.node(node);
        node.is_some_and(|node| node.process().is_some() && node.paused_since_us().is_none())
    };
    let hears = |from, to| {
        let network = world.network();
        !network.is_cut(from, to) && network.link(from, to).is_some_and(calm)
    };
    works(KEEPER) && works(model) && hears(KEEPER, model) && hears(model, KEEPER)
}

fn choice(name: &'static str, word: &'static str) -> Setting {
    Setting { name, value: SettingValue::Choice(word) }
}

/// What a shop is set to: more often than not with what keeps promises, so that those are judged.
fn draw_settings(random: &mut Random) -> Vec<Setting> {
    let mut word = |name, words: &[&'static str]| {
        choice(name, words[random.below(words.len() as u64) as usize])
    };
    let mut drawn = vec![
        word("log", &["single", "single", "single", "raft"]),
        word("retry-ids", &["same", "same", "same", "fresh"]),
        word("decide-again", &["by-hand", "by-itself"]),
        word("answer", &["durable", "durable", "durable", "at-once"]),
        word("publish", &["from-log", "from-log", "from-log", "once"]),
        word("checkpoint", &["together", "together", "state-first", "position-first"]),
        word("order", &["position", "position", "position", "arrival"]),
        word("crash-at", &["none", "append", "before-durable", "state"]),
    ];
    let check = SettingValue::Switch(random.chance(750_000));
    drawn.push(Setting { name: "check", value: check });
    drawn
}

/// What is turned while the shop runs: in half of the runs anything, in all of them crashes are
/// armed.
fn turns(random: &mut Random) -> Vec<Action> {
    let anything = random.chance(500_000);
    let mut actions = Vec::new();
    let mut at_us = 0;
    loop {
        at_us += random.between(50_000, 1_000_000);
        if at_us >= SAFETY_US {
            return actions;
        }
        // Where the log is stays as it is.
        let all = &draw_settings(random)[1..];
        let place = random.below(all.len() as u64) as usize;
        let turned = all[place];
        if anything || turned.name == "crash-at" {
            actions.push(Action::of(at_us, Command::Set(turned)));
        }
    }
}

/// What customers want in the safety phase, and whom they ask.
fn customers(is_raft: bool, random: &mut Random) -> Vec<Action> {
    let counters = if is_raft { u64::from(CLUSTER_NODES) } else { 2 };
    let pause_us = [5_000, 20_000, 80_000][random.below(3) as usize];
    let retries_ppm = [0, 100_000, 300_000][random.below(3) as usize];
    let (mut actions, mut at_us, mut asked) = (Vec::new(), 0, [false; 2]);
    loop {
        at_us += random.between(1, 2 * pause_us);
        if at_us >= SAFETY_US {
            return actions;
        }
        let place = random.below(2) as usize;
        let (client, via) = (Client(place as u8 + 1), NodeId(random.below(counters) as u8));
        let item = ["tea", "mug"][random.below(2) as usize];
        let wish = match random.below(10) {
            0..4 => format!("take {item}"),
            4 => format!("put back {item}"),
            5..7 => format!("restock {item}"),
            _ => "pay".to_owned(),
        };
        let is_retry = asked[place] && random.chance(retries_ppm);
        let what = if is_retry { Ask::Retry } else { Ask::Do { what: wish } };
        asked[place] = true;
        actions.push(Action::of(at_us, Command::Ask { client, via, what }));
        if !is_raft && random.chance(10_000) {
            let via = MODELS[random.below(MODELS.len() as u64) as usize];
            let what = Ask::Do { what: REBUILD.to_owned() };
            actions.push(Action::of(at_us, Command::Ask { client, via, what }));
        }
    }
}
