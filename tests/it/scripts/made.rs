//! Scenarios made by chance: every act, every condition, every unit.

use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use rift::labs::{Ask, Client, LabSettings, MAX_CLIENTS, SCRIPTED, Setting, SettingValue, Tuning};
use rift::scenario::*;
use rift::sim::{Capacity, Delay, NodeId, RecordId};

const SERVERS: u8 = 5;

pub(crate) fn scenario() -> impl Strategy<Value = Scenario> {
    let steps = prop::collection::vec(step(), 0..8);
    let tasks = prop::collection::vec(select(vec!["elect".to_owned(), "rescue".to_owned()]), 0..3);
    let forbids = prop::collection::vec(select(challenge::KINDS).prop_map(str::to_owned), 0..3);
    (text(), any::<u64>(), tuning(), tasks, steps, text(), forbids).prop_map(
        |(title, seed, tuning, tasks, steps, goal, forbids)| Scenario {
            lab: "raft",
            title,
            settings: LabSettings { servers: SERVERS, seed, tuning },
            tasks,
            goal,
            forbids,
            steps,
        },
    )
}

fn tuning() -> impl Strategy<Value = Tuning> {
    let possible = (quality(), possible_delay())
        .prop_map(|(quality, delay)| Quality { delay: Some(delay), ..quality });
    let links = possible.prop_map(|quality| quality.over(Delay::Constant { us: 1 }));
    let links = links.prop_filter("a possible link", |links| links.validate().is_ok());
    (option::of(links), option::of(possible_delay()), protocol())
        .prop_map(|(links, sync, protocol)| Tuning { links, sync, protocol })
}

/// Some of the lab's settings, each with a value of its kind that can work.
fn protocol() -> impl Strategy<Value = Vec<Setting>> {
    let entry = select(SCRIPTED[0].lab.settings);
    let setting = entry.prop_flat_map(|entry| {
        let value = match entry.default {
            SettingValue::Range { .. } => (100_000_u64..200_000)
                .prop_map(|low_us| SettingValue::Range { low_us, high_us: low_us + 77_777 })
                .boxed(),
            SettingValue::Time { .. } => {
                (1_000_u64..90_000).prop_map(|us| SettingValue::Time { us }).boxed()
            }
            // Not more members than servers.
            SettingValue::Count(_) => {
                (1..=u64::from(SERVERS)).prop_map(SettingValue::Count).boxed()
            }
            SettingValue::Switch(_) => any::<bool>().prop_map(SettingValue::Switch).boxed(),
            SettingValue::Share { .. } => {
                any::<u32>().prop_map(|ppm| SettingValue::Share { ppm }).boxed()
            }
            SettingValue::Choice(_) => {
                select(entry.choices).prop_map(|(name, _)| SettingValue::Choice(name)).boxed()
            }
        };
        value.prop_map(move |value| Setting { name: entry.name, value })
    });
    prop::collection::vec(setting, 0..6).prop_map(|settings| {
        let mut tuning = Tuning::NONE;
        settings.into_iter().for_each(|setting| tuning.set(setting));
        let lease = Setting { name: "reads", value: SettingValue::Choice("lease") };
        if tuning.protocol.contains(&lease) {
            tuning.set(Setting { name: "sticky-leader", value: SettingValue::Switch(true) });
        }
        tuning.protocol
    })
}

fn step() -> impl Strategy<Value = Step> {
    let when = prop_oneof![
        6 => Just(When::Next),
        1 => (0..3_000_000_u64).prop_map(When::At),
        3 => (0..300_000_u64).prop_map(When::After),
    ];
    let what = prop_oneof![
        1 => Just(What::Nothing),
        6 => act().prop_map(What::Act),
        1 => (text(), any::<bool>()).prop_map(|(text, stops)| What::Say { text, stops }),
        2 => wait().prop_map(What::Until),
        1 => (text(), wait(), option::of(act()))
            .prop_map(|(text, wait, by)| What::Task { text, wait, by }),
        2 => claim().prop_map(What::Expect),
    ];
    let needs_time = |(when, what)| match (when, &what) {
        (When::Next, What::Nothing) => (When::After(0), what),
        _ => (when, what),
    };
    (when, what).prop_map(needs_time).prop_map(|(when, what)| Step { line: 0, when, what })
}

fn wait() -> impl Strategy<Value = Wait> {
    (condition(), option::of(0..700_000_u64))
        .prop_map(|(condition, within_us)| Wait { condition, within_us })
}

fn claim() -> impl Strategy<Value = Claim> {
    prop_oneof![
        condition().prop_map(Claim::Now),
        wait().prop_map(Claim::Eventually),
        condition().prop_map(Claim::Always),
        condition().prop_map(Claim::Never),
        (text(), condition()).prop_map(|(text, condition)| Claim::Rule { text, condition }),
        select(SCRIPTED[0].promises).prop_map(Claim::Kept),
        select(SCRIPTED[0].promises).prop_map(Claim::Broken),
        Just(Claim::AllKept),
    ]
}

fn condition() -> impl Strategy<Value = Condition> {
    prop::collection::vec(atom(), 1..3).prop_map(|atoms| Condition { atoms })
}

fn atom() -> impl Strategy<Value = Atom> {
    let form = select(SCRIPTED[0].forms);
    (any::<bool>(), form).prop_flat_map(|(not, form)| {
        let args: Vec<BoxedStrategy<Arg>> = form
            .pattern
            .split(' ')
            .filter_map(|word| match word {
                "SERVER" => Some(who().prop_map(Arg::Server).boxed()),
                "GROUP" => Some(group().prop_map(Arg::Group).boxed()),
                "CLIENT" => {
                    let client = (1..=MAX_CLIENTS).prop_map(Client);
                    Some(client.prop_map(Arg::Client).boxed())
                }
                "N" => Some(any::<u64>().prop_map(Arg::Number).boxed()),
                "KEY" => Some(text().prop_map(Arg::Key).boxed()),
                "KEY=VALUE" => {
                    Some((text(), text()).prop_map(|(key, value)| Arg::Pair(key, value)).boxed())
                }
                _ => None,
            })
            .collect();
        args.prop_map(move |args| Atom { not, pattern: form.pattern, args })
    })
}

fn group() -> impl Strategy<Value = Group> {
    prop_oneof![members().prop_map(Group::Of), (1..=SERVERS).prop_map(Group::OfCut)]
}

fn act() -> BoxedStrategy<Act> {
    prop_oneof![
        8 => prop::collection::vec(fault(), 0..3).prop_map(Act::Faults),
        1 => who().prop_map(Act::TimeOut),
        3 => ((1..=MAX_CLIENTS).prop_map(Client), ask(), who())
            .prop_map(|(client, what, via)| Act::Ask { client, what, via }),
        2 => (change(), who()).prop_map(|(how, via)| Act::Change { how, via }),
        1 => (who(), who()).prop_map(|(from, to)| Act::Transfer { from, to }),
    ]
    .boxed()
}

fn ask() -> BoxedStrategy<Ask> {
    prop_oneof![
        (text(), text()).prop_map(|(key, value)| Ask::Write { key, value }),
        text().prop_map(|key| Ask::Read { key }),
        Just(Ask::OpenSession),
        Just(Ask::Retry),
    ]
    .boxed()
}

fn change() -> BoxedStrategy<Change> {
    prop_oneof![
        who().prop_map(Change::AddLearner),
        who().prop_map(Change::Promote),
        who().prop_map(Change::Remove),
        prop::collection::vec(who(), 1..4).prop_map(Change::Replace),
    ]
    .boxed()
}

fn fault() -> BoxedStrategy<FaultAct> {
    let clock = (who(), any::<u32>(), any::<i64>());
    prop_oneof![
        links().prop_map(FaultAct::Cut),
        links().prop_map(FaultAct::Heal),
        Just(FaultAct::HealAll),
        (links(), option::of(quality())).prop_map(|(links, q)| FaultAct::SetLinks(links, q)),
        who().prop_map(FaultAct::Crash),
        (who(), any::<u32>(), 0..2_000_000_u32)
            .prop_map(|(who, whole, part_ppm)| FaultAct::CrashTorn { who, whole, part_ppm }),
        who().prop_map(FaultAct::Restart),
        who().prop_map(FaultAct::Pause),
        who().prop_map(FaultAct::Resume),
        (who(), delay()).prop_map(|(who, delay)| FaultAct::SetSync(who, delay)),
        clock.prop_map(|(who, rate_ppm, offset_us)| FaultAct::SetClock {
            who,
            rate_ppm,
            offset_us
        }),
        which().prop_map(FaultAct::DropMessage),
        (which(), any::<u64>()).prop_map(|(which, us)| FaultAct::DelayMessage(which, us)),
        which().prop_map(FaultAct::DuplicateMessage),
    ]
    .boxed()
}

fn links() -> impl Strategy<Value = Vec<Links>> {
    let between = prop::collection::vec(members(), 2..4).prop_map(Links::Between);
    let one_way = (members(), members()).prop_map(|(from, to)| Links::OneWay(from, to));
    prop::collection::vec(prop_oneof![between, one_way], 0..3)
}

fn members() -> impl Strategy<Value = Vec<Member>> {
    let member = prop_oneof![
        4 => who().prop_map(Member::Who),
        1 => (1..=SERVERS).prop_map(Member::More),
        1 => Just(Member::Rest),
        1 => Just(Member::All),
    ];
    prop::collection::vec(member, 1..4)
}

fn who() -> impl Strategy<Value = Who> {
    prop_oneof![
        4 => (0..SERVERS).prop_map(|n| Who::Number(NodeId(n))),
        1 => Just(Who::Named("leader")),
        1 => Just(Who::Old("leader")),
    ]
}

fn which() -> impl Strategy<Value = Which> {
    prop_oneof![
        any::<u32>().prop_map(|number| Which::Record(RecordId(number))),
        (who(), who()).prop_map(|(from, to)| Which::OldestOn(from, to)),
    ]
}

fn quality() -> impl Strategy<Value = Quality> {
    let ppm = || prop_oneof![Just(0), 0..1_000_000_u32];
    let capacity =
        (any::<u32>(), any::<u32>()).prop_map(|(per_second, queue)| Capacity { per_second, queue });
    (option::of(delay()), ppm(), ppm(), ppm(), any::<u32>(), option::of(capacity)).prop_map(
        |(delay, loss_ppm, duplicate_ppm, reorder_ppm, reorder_us, capacity)| Quality {
            delay,
            loss_ppm,
            duplicate_ppm,
            reorder_ppm,
            reorder_us,
            capacity,
        },
    )
}

fn possible_delay() -> impl Strategy<Value = Delay> {
    delay().prop_filter("a possible delay", |delay| delay.validate().is_ok())
}

fn delay() -> impl Strategy<Value = Delay> {
    let us = || prop_oneof![4 => 0..100_000_u64, 1 => any::<u64>()];
    prop_oneof![
        us().prop_map(|us| Delay::Constant { us }),
        (us(), us()).prop_map(|(low_us, high_us)| Delay::Uniform { low_us, high_us }),
        us().prop_map(|mean_us| Delay::Exponential { mean_us }),
        (us(), any::<u32>())
            .prop_map(|(median_us, sigma_ppm)| Delay::LogNormal { median_us, sigma_ppm }),
        (us(), any::<u32>()).prop_map(|(low_us, shape_ppm)| Delay::Pareto { low_us, shape_ppm }),
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-z0-9_]{1,6}",
        1 => "[ -~é→\\n\\t\\x07]{0,12}",
    ]
}
