//! What is found in the wild, beside the genuine breaker: for each quirk a trace on which the two
//! part, and at which moment; and that nothing else makes them differ.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use rift::circuit_breaker::*;

use super::acts::*;
use super::harness::*;

/// One moment of a trace.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// Somebody asks: the next caller.
    Ask(u64),
    /// The call of this caller, counted from 0, ends, if it was made.
    End(u64, usize, Outcome),
    /// Somebody looks.
    Look(u64),
}

use Moment::{Ask, End, Look};
use Outcome::{Cancelled, Failure, Success};

/// A call that is answered at once, by the caller of this number.
fn quick(at_us: u64, caller: usize, outcome: Outcome) -> [Moment; 2] {
    [Ask(at_us), End(at_us, caller, outcome)]
}

/// So many failures one after the other, by the callers from `first` on.
fn failures(at_us: u64, first: usize, count: usize) -> Vec<Moment> {
    (first..first + count).flat_map(|caller| quick(at_us, caller, Failure)).collect()
}

/// What each moment brings, in a word: what was answered, and what the breaker is afterwards.
fn play(config: &Config, quirks: Quirks, moments: &[Moment]) -> Vec<String> {
    let mut breaker = QuirkyBreaker::new(config.clone(), quirks).expect("sound");
    let mut permits = Vec::new();
    let word = |breaker: &mut QuirkyBreaker| {
        let transitions = std::iter::from_fn(|| breaker.poll_transition());
        transitions.map(|transition| format!(" → {}", name(transition.to))).collect::<String>()
    };
    let play = |moment: &Moment| {
        let answer = match *moment {
            Ask(at_us) => {
                let answer = breaker.acquire(at_us);
                permits.push(answer.ok());
                answer.map_or_else(|no| format!("{:?}", no.reason), |_| "goes".to_owned())
            }
            End(at_us, caller, outcome) => match permits[caller] {
                Some(permit) => format!("{:?}", breaker.report(permit, at_us, outcome)),
                None => "was never made".to_owned(),
            },
            Look(at_us) => name(breaker.read_state(at_us)).to_owned(),
        };
        answer + &word(&mut breaker)
    };
    moments.iter().map(play).collect()
}

fn name(state: State) -> &'static str {
    match state {
        State::Closed => "closed",
        State::Open { .. } => "open",
        State::HalfOpen => "half-open",
        _ => "by hand",
    }
}

/// The first moment at which `quirk` makes a difference, and what is said then: by the genuine
/// breaker, and by the quirky one.
fn first_difference(
    config: &Config,
    quirks: &[Quirk],
    moments: &[Moment],
) -> (usize, String, String) {
    let genuine = play(config, Quirks::default(), moments);
    let quirky = play(config, Quirks::of(quirks), moments);
    let at = genuine.iter().zip(&quirky).position(|(a, b)| a != b).expect("they differ somewhere");
    (at, genuine[at].clone(), quirky[at].clone())
}

#[track_caller]
fn differ(config: &Config, quirks: &[Quirk], moments: &[Moment], expected: (usize, &str, &str)) {
    let (at, genuine, quirky) = first_difference(config, quirks, moments);
    assert_eq!((at, genuine.as_str(), quirky.as_str()), expected);
}

const WAIT: u64 = 30 * SECOND;

#[test]
fn a_strict_threshold_takes_one_failure_more() {
    let moments = failures(0, 0, 6);
    let expected = (9, "Counted → open", "Counted");
    differ(&Config::default(), &[Quirk::StrictThreshold], &moments, expected);
    let quirky = play(&Config::default(), Quirks::of(&[Quirk::StrictThreshold]), &moments);
    assert_eq!(quirky[11], "Counted → open", "the sixth");
}

#[test]
fn a_strict_threshold_wants_more_than_the_rate() {
    let config = tripping(count_window(4, Rates::failures(Rate::percent(50), 4)));
    let mut moments = vec![];
    for (caller, outcome) in [Success, Success, Failure, Failure, Failure].into_iter().enumerate() {
        moments.extend(quick(0, caller, outcome));
    }
    differ(&config, &[Quirk::StrictThreshold], &moments, (7, "Counted → open", "Counted"));
    assert_eq!(play(&config, Quirks::of(&[Quirk::StrictThreshold]), &moments)[9], "Counted → open");
}

#[test]
fn a_strict_deadline_is_one_tick_late() {
    let moments = [failures(0, 0, 5), vec![Ask(WAIT), Ask(WAIT + 1)]].concat();
    let expected = (10, "goes → half-open", "Open");
    differ(&Config::default(), &[Quirk::StrictDeadline], &moments, expected);
    let quirky = play(&Config::default(), Quirks::of(&[Quirk::StrictDeadline]), &moments);
    assert_eq!(quirky[11], "goes → half-open");
}

/// Fifty of fifty go where one should: the herd that half-open exists to hold back.
#[test]
fn without_a_limit_the_herd_goes() {
    let moments = [failures(0, 0, 5), vec![Ask(WAIT); 50]].concat();
    let expected = (11, "ProbesUnderWay", "goes");
    differ(&Config::default(), &[Quirk::UnlimitedProbes], &moments, expected);
    let quirky = play(&Config::default(), Quirks::of(&[Quirk::UnlimitedProbes]), &moments);
    assert_eq!(quirky.iter().filter(|word| word.starts_with("goes")).count(), 55);
}

/// A call that hung since before the opening; while a probe is under way it succeeds after all.
fn stale(outcome: Outcome) -> Vec<Moment> {
    [vec![Ask(0)], failures(1, 1, 5), vec![Ask(WAIT + 1), End(WAIT + 2, 0, outcome)]].concat()
}

#[test]
fn without_generations_a_stale_success_closes() {
    let expected = (12, "Late(OtherGeneration)", "Counted → closed");
    differ(&Config::default(), &[Quirk::NoGenerations], &stale(Success), expected);
}

#[test]
fn without_generations_a_stale_failure_opens_again() {
    let expected = (12, "Late(OtherGeneration)", "Counted → open");
    differ(&Config::default(), &[Quirk::NoGenerations], &stale(Failure), expected);
}

#[test]
fn without_generations_a_result_counts_twice() {
    let moments = [failures(0, 0, 4), vec![End(0, 3, Failure)]].concat();
    let expected = (8, "Late(Settled)", "Counted → open");
    differ(&Config::default(), &[Quirk::NoGenerations], &moments, expected);
}

#[test]
fn a_success_while_open_closes_what_has_just_opened() {
    let moments = [vec![Ask(0)], failures(1, 1, 5), vec![End(2, 0, Success)]].concat();
    let quirks = [Quirk::NoGenerations, Quirk::SuccessClosesWhileOpen];
    let expected = (11, "Late(OtherGeneration)", "Counted → closed");
    differ(&Config::default(), &quirks, &moments, expected);
}

#[test]
fn failures_while_open_make_the_wait_begin_anew() {
    let moments = [
        vec![Ask(0)],
        failures(1, 1, 5),
        vec![End(20 * SECOND, 0, Failure), Ask(WAIT + 1), Ask(WAIT + 20 * SECOND)],
    ]
    .concat();
    let quirks = [Quirk::NoGenerations, Quirk::FailureExtendsTheWait];
    let genuine = play(&Config::default(), Quirks::default(), &moments);
    let quirky = play(&Config::default(), Quirks::of(&quirks), &moments);
    assert_eq!((genuine[12].as_str(), quirky[12].as_str()), ("goes → half-open", "Open"));
    assert_eq!(quirky[13], "goes → half-open", "twenty seconds too late");
}

/// Window 10: five failures should open. After a thousand successes it takes a thousand.
#[test]
fn a_window_that_never_slides_hides_the_present() {
    let config = tripping(count_window(10, Rates::failures(Rate::percent(50), 10)));
    let healthy = (0..1_000).flat_map(|caller| quick(0, caller, Success));
    let moments: Vec<Moment> = healthy.chain(failures(1, 1_000, 1_000)).collect();
    let quirks = [Quirk::WindowNeverSlides];
    differ(&config, &quirks, &moments, (2_000 + 9, "Counted → open", "Counted"));
    let quirky = play(&config, Quirks::of(&quirks), &moments);
    let opened = quirky.iter().position(|word| word.ends_with("open"));
    assert_eq!(opened, Some(2_000 + 1_999), "the thousandth");
}

/// A hundred rejections are in the window as calls that went well, and hide the next failures.
#[test]
fn rejections_in_the_window_hide_failures() {
    let config = tripping(time_window(60, Rates::failures(Rate::percent(50), 5)));
    let moments = [
        failures(0, 0, 5),
        vec![Ask(1); 100],
        quick(WAIT, 105, Success).to_vec(),
        failures(WAIT + 1, 106, 5),
    ]
    .concat();
    let expected = (moments.len() - 1, "Counted → open", "Counted");
    differ(&config, &[Quirk::RejectionsCounted], &moments, expected);
}

#[test]
fn a_look_may_move_it() {
    let moments = [failures(0, 0, 5), vec![Look(WAIT)]].concat();
    let expected = (10, "open", "half-open → half-open");
    differ(&Config::default(), &[Quirk::ReadingMoves], &moments, expected);
}

/// Days later it is still half-open, and nobody goes.
#[test]
fn without_a_lease_a_lost_probe_wedges_it_for_ever() {
    let days = 6 * 24 * 3_600 * SECOND;
    let moments = [failures(0, 0, 5), vec![Ask(WAIT), Ask(WAIT + days)]].concat();
    let expected = (11, "goes → open → half-open", "ProbesUnderWay");
    differ(&Config::default(), &[Quirk::NoLease], &moments, expected);
}

#[test]
fn a_probe_that_was_given_up_closes() {
    let moments = [failures(0, 0, 5), quick(WAIT, 5, Cancelled).to_vec()].concat();
    let expected = (11, "Neutral", "Counted → closed");
    differ(&Config::default(), &[Quirk::CancelledIsSuccess], &moments, expected);
}

#[test]
fn a_success_that_makes_the_volume_full_opens() {
    let config = tripping(count_window(10, Rates::failures(Rate::percent(50), 10)));
    let moments = [failures(0, 0, 9), quick(0, 9, Success).to_vec()].concat();
    differ(&config, &[Quirk::SuccessMayOpen], &moments, (19, "Counted", "Counted → open"));
}

#[test]
fn every_preset_has_a_name_and_a_sentence_and_differs_from_the_others() {
    for (at, preset) in PRESETS.iter().enumerate() {
        let is_name = |c: char| c.is_ascii_lowercase() || c == '-';
        assert!(preset.name.chars().all(is_name), "{}", preset.name);
        assert!(preset.what.ends_with('.') && preset.what.len() <= 90, "{}", preset.name);
        for other in &PRESETS[..at] {
            assert_ne!(preset.name, other.name);
            assert_ne!(preset.quirks, other.quirks);
        }
    }
    assert_eq!(PRESETS[0].quirks, Quirks::default());
}

/// A trace as it is written down.
#[derive(Default)]
struct Story {
    moments: Vec<Moment>,
    callers: usize,
}

impl Story {
    fn ask(&mut self, at_us: u64) -> usize {
        self.moments.push(Ask(at_us));
        self.callers += 1;
        self.callers - 1
    }

    fn end(&mut self, at_us: u64, caller: usize, outcome: Outcome) {
        self.moments.push(End(at_us, caller, outcome));
    }

    /// Calls that end at once, a letter each: `x` fails.
    fn calls(&mut self, at_us: u64, letters: &str) {
        for letter in letters.chars() {
            let caller = self.ask(at_us);
            self.end(at_us, caller, if letter == 'x' { Failure } else { Success });
        }
    }
}

/// One trace on which every preset parts from the genuine breaker and from every other one: side by
/// side, that is the picture.
#[test]
fn one_trace_tells_all_presets_apart() {
    let mut config = tripping(count_window(10, Rates::failures(Rate::percent(50), 10)));
    config.trip.consecutive_failures = Some(5);
    let mut story = Story::default();
    // A healthy past and a failing present; three calls hang.
    story.calls(0, "....................");
    let hanging = [0; 3].map(|at_us| story.ask(at_us));
    story.calls(1, "xx.xx.x");
    story.end(2 * SECOND, hanging[0], Failure);
    story.end(3 * SECOND, hanging[1], Success);
    // At the deadline somebody looks, and a herd comes.
    let deadline_us = 1 + WAIT;
    story.moments.push(Look(deadline_us));
    let herd = [deadline_us; 3].map(|at_us| story.ask(at_us));
    story.end(deadline_us + 1, hanging[2], Success);
    herd.iter().for_each(|caller| story.end(deadline_us + 2, *caller, Success));
    // A probe is given up, the next is lost, and an hour later the third succeeds.
    let later_us = 3_600 * SECOND;
    story.calls(later_us, "xxxxxx");
    let given_up = story.ask(later_us + WAIT + 1);
    story.end(later_us + WAIT + 1, given_up, Cancelled);
    story.ask(later_us + WAIT + 2);
    story.calls(2 * later_us, ".");
    // A success makes the volume full.
    story.calls(3 * later_us, "xxxx.xxxx.");
    let of = |preset: &Preset| play(&config, preset.quirks, &story.moments);
    let traces: Vec<_> = PRESETS.iter().map(of).collect();
    for (at, trace) in traces.iter().enumerate() {
        for (other, earlier) in traces[..at].iter().enumerate() {
            assert_ne!(trace, earlier, "{} and {}", PRESETS[at].name, PRESETS[other].name);
        }
    }
}

/// Plays the same acts on both. Whether anything differs.
fn part_ways(config: &Config, quirks: Quirks, acts: &[(u64, Act)]) -> bool {
    let mut quirky = QuirkyBreaker::new(config.clone(), quirks).expect("sound");
    let mut genuine = breaker(config.clone());
    let (mut permits, mut quirky_permits) = (Vec::new(), Vec::new());
    let mut now_us = 0;
    for (step_us, act) in acts {
        now_us += step_us;
        let same = match *act {
            Act::Acquire | Act::FirstTry => {
                let answers = (genuine.acquire(now_us), quirky.acquire(now_us));
                permits.extend(answers.0.ok());
                quirky_permits.extend(answers.1.ok());
                answers.0 == answers.1
            }
            Act::Report(place, outcome) => match permits.len().checked_sub(place + 1) {
                Some(at) => {
                    genuine.report(permits[at], now_us, outcome)
                        == quirky.report(quirky_permits[at], now_us, outcome)
                }
                None => true,
            },
            Act::Draw(draw) => {
                genuine.offer_draw(now_us, draw);
                quirky.offer_draw(now_us, draw);
                true
            }
            Act::ByHand(_) => quirky.read_state(now_us) == genuine.state(),
        };
        let told: Vec<_> = std::iter::from_fn(|| quirky.poll_transition()).collect();
        if !same || told != transitions(&mut genuine) {
            return true;
        }
    }
    false
}

/// The acts that the genuine breaker is tested with find every quirk, so they would find a genuine
/// mistake of the kind.
#[test]
fn random_acts_find_every_quirk() {
    use Quirk::*;
    let all: [&[Quirk]; 12] = [
        &[StrictThreshold],
        &[StrictDeadline],
        &[UnlimitedProbes],
        &[NoGenerations],
        &[NoGenerations, SuccessClosesWhileOpen],
        &[NoGenerations, FailureExtendsTheWait],
        &[WindowNeverSlides],
        &[RejectionsCounted],
        &[ReadingMoves],
        &[NoLease],
        &[CancelledIsSuccess],
        &[SuccessMayOpen],
    ];
    let mut runner = TestRunner::deterministic();
    let drawn: Vec<_> = (0..400)
        .map(|_| (configs(), acts()).new_tree(&mut runner).expect("it can be drawn").current())
        .map(|(config, acts)| (Config { guards: Guards::AllCalls, ..config }, acts))
        .collect();
    for quirks in all {
        let found = drawn.iter().filter(|(c, acts)| part_ways(c, Quirks::of(quirks), acts)).count();
        assert!(found >= 3, "{quirks:?}: in {found} of {} runs", drawn.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Without quirks the second machine is the first: the same answers and the same transitions.
    #[test]
    fn without_quirks_it_is_the_genuine_breaker(config in configs(), acts in acts()) {
        let config = Config { guards: Guards::AllCalls, ..config };
        prop_assert!(!part_ways(&config, Quirks::default(), &acts));
    }
}
