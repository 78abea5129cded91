//! Whatever comes late, twice, out of order or in one second: the ledger against WeChat's own books.

use proptest::prelude::*;
use proptest::strategy::Union;

use super::*;
use crate::person::ledger::CreditChange;

/// WeChat's side of one user and one template, and all that was not told yet.
#[derive(Debug, Default)]
struct World {
    now: i64,
    /// Messages that WeChat would take.
    truth: u32,
    ledger: Ledger,
    taps: i64,
    events: Vec<Event>,
    reports: Vec<i64>,
    attempts: Vec<Attempt>,
    begun: u32,
    /// How much more than the truth the ledger may believe: one for each attempt that was under way when the user accepted
    /// or refused, or when WeChat denied another, and that was taken then.
    window: u32,
}

#[derive(Debug, Clone, Copy)]
enum Event {
    Accept { tap: i64, at: i64 },
    Refusal { at: i64 },
}

#[derive(Debug, Clone)]
struct Attempt {
    cause: String,
    began: i64,
    /// Something happened since that bears on what it may use.
    overtaken: bool,
}

/// What becomes of an attempt.
#[derive(Debug, Clone, Copy)]
enum Fate {
    /// WeChat answers what is true.
    Answered,
    NotSent,
    /// WeChat did what is true, and nobody hears of it; or it never got there.
    Unknown {
        arrived: bool,
    },
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Wait(i64),
    /// With WeChat's event, with a report of the mini program's, or both.
    Tap {
        event: bool,
        report: bool,
    },
    Refuse,
    /// Tells one of what was not told yet, and again later if `twice`.
    Tell {
        which: usize,
        twice: bool,
    },
    Report {
        which: usize,
        twice: bool,
    },
    Begin,
    End {
        which: usize,
        fate: Fate,
    },
}

fn moment(at: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + at).expect("in range")
}

impl World {
    fn step(&mut self, step: Step) {
        match step {
            Step::Wait(seconds) => self.now += seconds,
            Step::Tap { event, report } => self.tap(event, report),
            Step::Refuse => {
                self.truth = 0;
                self.events.push(Event::Refusal { at: self.now });
                self.overtake();
            }
            Step::Tell { which, twice } if !self.events.is_empty() => {
                let which = which % self.events.len();
                let event = if twice { self.events[which] } else { self.events.swap_remove(which) };
                self.tell(event);
            }
            Step::Report { which, twice } if !self.reports.is_empty() => {
                let which = which % self.reports.len();
                let tap = if twice { self.reports[which] } else { self.reports.swap_remove(which) };
                self.ledger.report(&format!("report {tap}"), Source::Events, false, moment(self.now));
            }
            Step::Begin => _ = self.begin(),
            Step::End { which, fate } if !self.attempts.is_empty() => {
                let which = which % self.attempts.len();
                let attempt = self.attempts.swap_remove(which);
                self.end(&attempt, fate);
            }
            Step::Tell { .. } | Step::Report { .. } | Step::End { .. } => {}
        }
    }

    /// Nobody taps twice within two minutes, so that an event is not taken for that of another tap's report; and a silent
    /// accept is reported at once.
    fn tap(&mut self, event: bool, report: bool) {
        self.now += 150;
        self.taps += 1;
        self.truth += 1;
        let tap = self.taps;
        match (event, report) {
            (false, _) => {
                self.ledger.report(&format!("report {tap}"), Source::Events, false, moment(self.now));
            }
            (true, report) => {
                self.events.push(Event::Accept { tap, at: self.now });
                self.reports.extend(report.then_some(tap));
            }
        }
        self.overtake();
    }

    fn overtake(&mut self) {
        self.attempts.iter_mut().for_each(|attempt| attempt.overtaken = true);
    }

    fn tell(&mut self, event: Event) {
        match event {
            Event::Accept { tap, at } => {
                let now = moment(self.now);
                self.ledger.accept(&format!("event {tap}"), moment(at), false, now);
            }
            Event::Refusal { at } => _ = self.ledger.refuse(moment(at)),
        }
    }

    fn begin(&mut self) -> bool {
        self.begun += 1;
        let attempt = Attempt { cause: format!("attempt {}", self.begun), began: self.now, overtaken: false };
        let reserved = self.ledger.reserve(&attempt.cause, false, moment(self.now));
        if reserved {
            self.attempts.push(attempt);
        }
        reserved
    }

    fn end(&mut self, attempt: &Attempt, fate: Fate) {
        let arrives = matches!(fate, Fate::Answered | Fate::Unknown { arrived: true });
        let taken = arrives && self.truth > 0;
        self.truth -= u32::from(taken);
        self.window += u32::from(taken && attempt.overtaken);
        let change = match fate {
            Fate::Answered if taken => CreditChange::Keep,
            Fate::Answered => {
                self.overtake();
                CreditChange::Exhausted
            }
            Fate::NotSent => CreditChange::Release,
            Fate::Unknown { .. } => {
                self.ledger.set_uncertain(&attempt.cause);
                CreditChange::Keep
            }
        };
        self.ledger.account_for(&attempt.cause, moment(attempt.began), change, false);
    }

    /// A belief above the truth is right only while a refusal is on its way.
    fn check(&self) -> Result<(), TestCaseError> {
        let refusal_untold = self.events.iter().any(|event| matches!(event, Event::Refusal { .. }));
        let (believed, most) = (self.ledger.count, self.truth + self.window);
        prop_assert!(refusal_untold || believed <= most, "{believed} believed, at most {most}: {:#?}", self);
        Ok(())
    }

    /// All is told in the end; then every message that WeChat would take can be sent.
    fn finish(&mut self) -> Result<(), TestCaseError> {
        while let Some(attempt) = self.attempts.pop() {
            self.end(&attempt, Fate::NotSent);
        }
        while !self.events.is_empty() {
            self.step(Step::Tell { which: 0, twice: false });
        }
        while !self.reports.is_empty() {
            self.step(Step::Report { which: 0, twice: false });
        }
        self.check()?;
        let before = format!("{self:#?}");
        while self.begin() {
            let attempt = self.attempts.pop().expect("it has begun");
            self.end(&attempt, Fate::Answered);
            self.now += 2 * 60 * 60;
        }
        prop_assert_eq!(self.truth, 0, "WeChat would take more: {}", before);
        Ok(())
    }
}

/// `at_once`: an attempt is over before anything else happens.
fn steps(at_once: bool) -> impl Strategy<Value = Vec<Step>> {
    let which = || 0..8_usize;
    let fate = prop_oneof![
        3 => Just(Fate::Answered),
        1 => Just(Fate::NotSent),
        2 => any::<bool>().prop_map(|arrived| Fate::Unknown { arrived }),
    ];
    let end = (which(), fate).prop_map(|(which, fate)| Step::End { which, fate });
    let attempt = match at_once {
        true => end.prop_map(|end| vec![Step::Begin, end]).boxed(),
        false => prop_oneof![Just(vec![Step::Begin]), end.prop_map(|end| vec![end])].boxed(),
    };
    let tap = (any::<bool>(), any::<bool>()).prop_map(|(event, report)| Step::Tap { event, report });
    let tell = (which(), any::<bool>()).prop_map(|(which, twice)| Step::Tell { which, twice });
    let report = (which(), any::<bool>()).prop_map(|(which, twice)| Step::Report { which, twice });
    let one = |step: BoxedStrategy<Step>| step.prop_map(|step| vec![step]).boxed();
    let wait = prop_oneof![1..5_i64, 100..5_000_i64].prop_map(Step::Wait);
    let step = Union::new_weighted(vec![
        (2, one(wait.boxed())),
        (4, one(tap.boxed())),
        (1, one(Just(Step::Refuse).boxed())),
        (4, one(tell.boxed())),
        (2, one(report.boxed())),
        (5, attempt),
    ]);
    prop::collection::vec(step, 0..40).prop_map(|steps| steps.concat())
}

fn play(steps: &[Step]) -> Result<World, TestCaseError> {
    let mut world = World::default();
    for step in steps {
        world.step(*step);
        world.check()?;
    }
    world.finish()?;
    Ok(world)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 3_000, ..ProptestConfig::default() })]

    #[test]
    fn belief_stays_within_the_truth_and_nothing_is_lost_for_ever(steps in steps(true)) {
        let world = play(&steps)?;
        prop_assert_eq!(world.window, 0);
    }

    #[test]
    fn attempts_that_are_overtaken_are_the_only_window(steps in steps(false)) {
        play(&steps)?;
    }
}
