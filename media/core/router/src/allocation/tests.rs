//! What must hold for any link and any wishes, and what one would expect in a consultation.

use super::*;
use proptest::prelude::*;

fn ladder(costs: &[u64]) -> Ladder {
    let levels = (0..).zip(costs).map(|(spatial, bps)| Level {
        spatial,
        temporal: 2,
        bps: *bps,
    });
    Ladder::new(levels).expect("costs")
}

/// A 720p camera as browsers send it.
const CAMERA: [u64; 3] = [160_000, 450_000, 1_700_000];

fn demand(consumer: usize, priority: u8, costs: &[u64]) -> Demand {
    Demand {
        consumer,
        priority,
        ladder: ladder(costs),
        has: None,
        gets: None,
    }
}

/// Allocates on a link that has carried `available` for a while. Returns what each consumer gets, by number.
fn given(available: u64, demands: &mut [Demand]) -> Vec<Option<usize>> {
    allocate(Budget::new(available, available, 0), demands);
    let mut given: Vec<_> = demands.iter().map(|one| (one.consumer, one.gets)).collect();
    given.sort_unstable();
    given.into_iter().map(|one| one.1).collect()
}

fn spent(demands: &[Demand]) -> u64 {
    let cost = |demand: &Demand| Some(demand.ladder.levels()[demand.gets?].bps);
    demands.iter().filter_map(cost).sum()
}

#[test]
fn on_a_good_link_everybody_gets_the_wish() {
    let mut demands = [
        demand(0, 10, &CAMERA),
        demand(1, 200, &[300_000, 2_000_000]),
    ];
    assert_eq!(given(5_000_000, &mut demands), [Some(2), Some(1)]);
}

#[test]
fn the_speaker_is_raised_before_the_others_but_nobody_is_hidden_for_that() {
    let mut demands = [
        demand(0, 10, &CAMERA),
        demand(1, 100, &CAMERA),
        demand(2, 10, &CAMERA),
    ];
    let given = given(1_100_000, &mut demands);
    assert_eq!(given, [Some(0), Some(1), Some(0)]);
}

#[test]
fn equals_stay_equal() {
    let mut demands = [
        demand(0, 10, &CAMERA),
        demand(1, 10, &CAMERA),
        demand(2, 10, &CAMERA),
    ];
    assert_eq!(given(1_000_000, &mut demands), [Some(1), Some(0), Some(0)]);
    assert_eq!(given(1_600_000, &mut demands), [Some(1); 3]);
}

#[test]
fn what_is_reviewed_comes_whole_before_any_face() {
    let screen = [200_000, 900_000];
    let mut demands = [demand(0, 100, &CAMERA), demand(1, 200, &screen)];
    assert_eq!(given(1_100_000, &mut demands), [None, Some(1)]);
    assert_eq!(given(1_300_000, &mut demands), [Some(0), Some(1)]);
}

#[test]
fn the_least_important_is_paused_first_and_resumed_with_a_margin() {
    let mut demands = [demand(0, 100, &CAMERA), demand(1, 10, &CAMERA)];
    assert_eq!(given(320_000, &mut demands), [Some(0), None], "no margin");
    assert_eq!(given(368_000, &mut demands), [Some(0), Some(0)]);
    for demand in &mut demands {
        demand.has = Some(0);
    }
    assert_eq!(given(320_000, &mut demands), [Some(0), Some(0)], "kept");
    assert_eq!(given(319_999, &mut demands), [Some(0), None], "at once");
}

#[test]
fn something_is_shown_if_the_link_carries_it_at_all() {
    let mut demands = [demand(0, 100, &CAMERA), demand(1, 10, &CAMERA)];
    let budget = Budget {
        first: 160_000,
        ..Budget::new(200_000, 200_000, 90_000)
    };
    for _ in 0..2 {
        allocate(budget, &mut demands);
        let gets = [demands[0].gets, demands[1].gets];
        assert_eq!(gets, [Some(0), None]);
        demands[0].has = Some(0);
    }
}

#[test]
fn who_begins_to_speak_gets_what_the_one_before_had_without_any_margin() {
    let mut demands = [demand(0, 10, &CAMERA), demand(1, 100, &CAMERA)];
    (demands[0].has, demands[1].has) = (Some(1), Some(0));
    assert_eq!(given(610_000, &mut demands), [Some(0), Some(1)]);
}

#[test]
fn all_that_is_wished_for_fits_into_what_is_desired() {
    let mut demands = [demand(0, 100, &CAMERA), demand(1, 10, &CAMERA)];
    let available = desired(50_000, &demands);
    allocate(Budget::new(available, available, 50_000), &mut demands);
    assert!(demands.iter().all(|demand| demand.gets == Some(2)));
}

prop_compose! {
    fn any_demand()(
        priority in prop_oneof![Just(10_u8), Just(60), Just(100), Just(200), any::<u8>()],
        steps in prop::collection::vec(1_000_u64..1_000_000, 1..8),
        has in prop::option::of(0_usize..8),
    ) -> Demand {
        let costs: Vec<u64> = steps
            .iter()
            .scan(0, |cost, step| { *cost += step; Some(*cost) })
            .collect();
        let ladder = ladder(&costs);
        let has = has.map(|has| has.min(costs.len() - 1));
        Demand { consumer: 0, priority, ladder, has, gets: None }
    }
}

fn any_demands() -> impl Strategy<Value = Vec<Demand>> {
    prop::collection::vec(any_demand(), 0..12).prop_map(|mut demands| {
        for (consumer, demand) in demands.iter_mut().enumerate() {
            demand.consumer = consumer;
        }
        demands
    })
}

/// Allocates again and again, as if nothing but the estimate ever changed.
struct Link {
    demands: Vec<Demand>,
    steady: Steady,
    now: u32,
}

impl Link {
    /// One estimate, and half a second. Returns whether anything was changed.
    fn carries(&mut self, available: u64) -> bool {
        self.now += 500;
        let steady = self.steady.observe(self.now, available);
        allocate(Budget::new(available, steady, 0), &mut self.demands);
        let changed = self.demands.iter().any(|demand| demand.gets != demand.has);
        for demand in &mut self.demands {
            demand.has = demand.gets;
        }
        changed
    }
}

proptest! {
    /// Video never takes what audio needs, and never more than there is.
    #[test]
    fn no_more_is_given_than_there_is(
        mut demands in any_demands(), available in 0_u64..5_000_000, audio in 0_u64..500_000,
    ) {
        allocate(Budget::new(available, available, audio), &mut demands);
        prop_assert!(spent(&demands) <= available.saturating_sub(audio));
    }

    /// Who gets more than the least has nobody of higher priority above him who could use it.
    #[test]
    fn a_higher_priority_lacks_nothing_that_a_lower_one_has(
        mut demands in any_demands(), available in 0_u64..5_000_000,
    ) {
        let budget = Budget::new(available, available, 0);
        let had: u64 = demands.iter().map(Demand::had_bps).sum();
        allocate(budget, &mut demands);
        let spent = spent(&demands);
        for (index, higher) in demands.iter().enumerate() {
            let levels = higher.ladder.levels();
            let Some(next) = levels.get(higher.gets.map_or(0, |gets| gets + 1)) else {
                continue;
            };
            let paid = higher.gets.map_or(0, |gets| levels[gets].bps);
            let lower = demands[index + 1..].iter().filter(|lower| lower.priority < higher.priority);
            let spare: u64 = lower
                .filter_map(|lower| {
                    let least = if higher.priority >= ESSENTIAL || higher.gets.is_none() {
                        0
                    } else {
                        lower.ladder.levels()[0].bps
                    };
                    Some(lower.ladder.levels()[lower.gets?].bps - least)
                })
                .sum();
            prop_assert!(
                spare == 0 || spent - spare - paid + next.bps > budget.raise.max(had).min(budget.keep),
                "{spare} bit/s below would do for {higher:?}"
            );
        }
    }

    /// More on the link never hides anyone, but for the sake of what is essential; never takes from who is served
    /// first, but for its equals and for showing somebody more; and in the end everybody has the wish.
    #[test]
    fn more_is_never_worse(
        mut demands in any_demands(), available in 0_u64..5_000_000, more in 0_u64..5_000_000,
    ) {
        let shown = |demands: &[Demand]| -> Vec<bool> {
            demands.iter().map(|demand| demand.gets.is_some()).collect()
        };
        allocate(Budget::new(available, available, 0), &mut demands);
        let before = demands.clone();
        allocate(Budget::new(available + more, available + more, 0), &mut demands);
        if let (Some(before_first), Some(first)) = (before.first(), demands.first()) {
            let is_equalled = demands[1..].iter().any(|demand| demand.priority == first.priority);
            let shows_more = first.priority < ESSENTIAL && shown(&demands) != shown(&before);
            prop_assert!(first.gets >= before_first.gets || is_equalled || shows_more);
        }
        if demands.iter().all(|demand| demand.priority < ESSENTIAL && demand.has.is_none()) {
            prop_assert!(shown(&demands) >= shown(&before), "who is served earlier stays shown");
        }
        let enough = desired(0, &demands);
        allocate(Budget::new(enough, enough, 0), &mut demands);
        prop_assert!(demands.iter().all(|demand| demand.gets == Some(demand.ladder.levels().len() - 1)));
    }

    /// An estimate that strays by a few percent for ever changes nothing for long.
    #[test]
    fn small_noise_does_not_flap(
        demands in any_demands(),
        available in 100_000_u64..5_000_000,
        noise in prop::collection::vec(950_u64..=1050, 40),
    ) {
        let mut link = Link { demands, steady: Steady::default(), now: 0 };
        for permille in [1000, 950, 1050, 1050, 1050, 1050, 950, 1050, 1050, 1050, 1050, 950] {
            link.carries(available * permille / 1000);
        }
        let changes = noise.iter().filter(|permille| link.carries(available * **permille / 1000));
        prop_assert_eq!(changes.count(), 0);
    }

    /// When the link is good for long, everybody gets the wish, whatever was before.
    #[test]
    fn nobody_is_parked_below_what_the_link_carries(
        demands in any_demands(), before in prop::collection::vec(0_u64..5_000_000, 0..20),
    ) {
        let enough = desired(0, &demands);
        let mut link = Link { demands, steady: Steady::default(), now: 0 };
        for available in before {
            link.carries(available);
        }
        for _ in 0..20 {
            link.carries(enough);
        }
        prop_assert!(link.demands.iter().all(|demand| demand.gets == Some(demand.ladder.levels().len() - 1)));
    }
}
