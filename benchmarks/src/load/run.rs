//! One run: people join, the load is measured for a while, they leave. One thread does it all.
//!
//! It wakes every millisecond or two and takes what has come meanwhile. So nobody is woken for a datagram, which would be
//! charged to the server that sends it, and what waited together costs one call. Delays do not suffer: the kernel notes
//! when a datagram came.

mod measure;
mod plan;

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollTimeout};
use nix::sys::resource::{Resource, getrlimit, setrlimit};

use super::options::Options;
use super::participant::{Participant, Shared, State, Token};
use super::peer::dtls::Identity;
use super::progress::Progress;
use super::result::RunResult;
use super::signalling::Role;
use super::socket::{self, Receiver};
use measure::Snapshot;

/// While people join: each of a dozen steps may wait for so long.
const JOIN_TICK: Duration = Duration::from_millis(1);
/// Afterwards: most of a tick's cost is falling asleep and waking up.
const CALM_TICK: Duration = Duration::from_millis(2);
/// Timers of each participant are looked at so many ticks apart.
const TIMER_TICKS: usize = 10;
/// How long after the last join somebody may still be on the way.
const PATIENCE: Duration = Duration::from_secs(15);
const EVENTS: usize = 256;

/// Does what `options` ask for.
///
/// # Errors
/// If nothing could be measured: the server does not answer, a process of it does not run, the system lacks something.
pub fn run(options: &Options) -> io::Result<RunResult> {
    raise_open_files()?;
    let mut world = World::new(options)?;
    let mut progress = Progress::new(options);
    let before = Snapshot::rss(options)?;
    let plan = plan::assignments(options);
    let (publishers, subscribers): (Vec<_>, Vec<_>) = plan
        .into_iter()
        .partition(|one| one.role != Role::Subscriber);
    world.join(publishers, &mut progress)?;
    world.join(subscribers, &mut progress)?;
    world.expect_somebody()?;
    world.tick = CALM_TICK;
    world.run_for(Duration::from_secs_f64(options.warm_up), &mut progress)?;
    let start = Snapshot::take(options, &world.participants)?;
    world.shared.delays_ms.clear();
    world.switches = (options.switch_every > 0.0).then(|| Switches::new(options));
    progress.measure();
    world.run_for(Duration::from_secs_f64(options.duration), &mut progress)?;
    let end = Snapshot::take(options, &world.participants)?;
    let result = measure::result(options, &world, (&start, &end), before);
    world.leave();
    progress.finish();
    Ok(result)
}

/// Everybody who was asked to join.
pub struct World {
    options: Options,
    shared: Shared,
    /// By number; those who could not even begin are missing.
    participants: Vec<Option<Participant>>,
    errors: Vec<String>,
    tick: Duration,
    ticks: usize,
    next_second: Instant,
    switches: Option<Switches>,
}

/// When layers are switched, and to which.
struct Switches {
    every: Duration,
    next: Instant,
    layer: u8,
}

impl Switches {
    fn new(options: &Options) -> Self {
        let every = Duration::from_secs_f64(options.switch_every);
        Self {
            every,
            next: Instant::now() + every,
            layer: options.highest_layer() as u8,
        }
    }
}

impl World {
    fn new(options: &Options) -> io::Result<Self> {
        Ok(Self {
            options: options.clone(),
            shared: Shared {
                epoll: Epoll::new(EpollCreateFlags::empty())?,
                identity: Identity::new()?,
                addresses: socket::own_addresses()?,
                receiver: Receiver::default(),
                delays_ms: Vec::new(),
                sample: options.sample,
                talking: options.talking,
            },
            participants: Vec::new(),
            errors: Vec::new(),
            tick: JOIN_TICK,
            ticks: 0,
            next_second: Instant::now(),
            switches: None,
        })
    }

    /// Lets them join one after the other, and waits for them.
    fn join(
        &mut self,
        assignments: Vec<super::signalling::Assignment>,
        progress: &mut Progress,
    ) -> io::Result<()> {
        let interval = Duration::from_secs_f64(1.0 / self.options.num_per_second);
        let mut next = Instant::now();
        for assignment in assignments {
            let signalling = plan::signalling(&self.options, assignment.clone());
            while Instant::now() < next {
                self.step(progress)?;
            }
            next += interval;
            let joined = Participant::new(assignment, signalling, &mut self.shared);
            if let Err(error) = &joined {
                self.errors.push(error.to_string());
            }
            self.participants.push(joined.ok());
        }
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end && !self.is_settled() {
            self.step(progress)?;
        }
        Ok(())
    }

    /// Fails if nobody has joined: there is nothing to measure.
    fn expect_somebody(&self) -> io::Result<()> {
        let mut states = self.participants.iter().flatten().map(Participant::state);
        if states
            .clone()
            .any(|state| matches!(state, State::Joined(_)))
        {
            return Ok(());
        }
        let failed = states.find_map(|state| match state {
            State::Failed(reason) => Some(reason),
            _ => None,
        });
        let reason = failed.or(self.errors.first());
        let reason = reason.map_or("no connection came about", String::as_str);
        Err(io::Error::other(format!("nobody could join: {reason}")))
    }

    /// Whether nobody is on the way any more, and every subscriber who came has its tracks.
    fn is_settled(&self) -> bool {
        let expected = self.options.expected_tracks();
        self.participants
            .iter()
            .flatten()
            .all(|participant| match participant.state() {
                State::Joining => false,
                State::Failed(_) => true,
                State::Joined(_) => {
                    let tracks: usize = participant
                        .peers()
                        .map(|peer| peer.reception().tracks())
                        .sum();
                    participant.role() != Role::Subscriber || tracks >= expected
                }
            })
    }

    fn run_for(&mut self, duration: Duration, progress: &mut Progress) -> io::Result<()> {
        let end = Instant::now() + duration;
        while Instant::now() < end {
            self.step(progress)?;
        }
        Ok(())
    }

    /// One tick.
    fn step(&mut self, progress: &mut Progress) -> io::Result<()> {
        thread::sleep(self.tick);
        self.ticks += 1;
        self.take_events()?;
        let now = Instant::now();
        for participant in self.participants.iter_mut().flatten() {
            if participant.role() != Role::Subscriber {
                participant.send_media(now);
            }
        }
        let turn = self.ticks % TIMER_TICKS;
        for participant in self
            .participants
            .iter_mut()
            .skip(turn)
            .step_by(TIMER_TICKS)
            .flatten()
        {
            participant.timeout(now);
        }
        self.switch_if_due(now);
        if now >= self.next_second {
            self.next_second = now + Duration::from_secs(1);
            for participant in self.participants.iter_mut().flatten() {
                participant.tick(now, &mut self.shared);
            }
            progress.show(&self.participants);
        }
        Ok(())
    }

    fn take_events(&mut self) -> io::Result<()> {
        let mut events = [EpollEvent::empty(); EVENTS];
        loop {
            let count = self.shared.epoll.wait(&mut events, EpollTimeout::ZERO)?;
            let now = Instant::now();
            for event in &events[..count] {
                self.take_event(now, Token::from_bits(event.data()));
            }
            if count < EVENTS {
                return Ok(());
            }
        }
    }

    fn take_event(&mut self, now: Instant, token: Token) {
        let number = match token {
            Token::Signalling(number) | Token::Peer(number, _) => number,
        };
        // It may be about somebody who is just being added.
        let Some(Some(participant)) = self.participants.get_mut(number) else {
            return;
        };
        match token {
            Token::Signalling(_) => participant.hear(now, &mut self.shared),
            Token::Peer(_, key) => participant.receive(now, key, &mut self.shared),
        }
    }

    fn switch_if_due(&mut self, now: Instant) {
        let Some(switches) = self
            .switches
            .as_mut()
            .filter(|switches| now >= switches.next)
        else {
            return;
        };
        switches.next += switches.every;
        let highest = self.options.highest_layer() as u8;
        switches.layer = if switches.layer == highest {
            0
        } else {
            highest
        };
        let layer = switches.layer;
        for participant in self.participants.iter_mut().flatten() {
            if participant.role() == Role::Subscriber {
                participant.switch(now, layer, &mut self.shared);
            }
        }
    }

    fn leave(&mut self) {
        let now = Instant::now();
        for participant in self.participants.iter_mut().flatten() {
            participant.leave(now, &mut self.shared);
        }
    }
}

/// Everybody holds two sockets or three.
fn raise_open_files() -> io::Result<()> {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
    Ok(setrlimit(Resource::RLIMIT_NOFILE, most, most)?)
}
