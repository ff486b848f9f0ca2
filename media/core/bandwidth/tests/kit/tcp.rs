//! A greedy download: Reno's window, with selective acknowledgements. (RFC 5681, RFC 6675 in outline)

use std::collections::BTreeSet;

pub const SEGMENT: usize = 1500;

pub struct Tcp {
    window: f64,
    threshold: f64,
    next: u64,
    in_flight: BTreeSet<u64>,
    /// Losses of packets before this one belong to a reduction already made.
    recovery: u64,
    has_ended: bool,
}

impl Tcp {
    pub fn new() -> Self {
        Tcp {
            window: 10.0,
            threshold: f64::MAX,
            next: 0,
            in_flight: BTreeSet::new(),
            recovery: 0,
            has_ended: false,
        }
    }

    /// There is nothing more to send.
    pub fn stop(&mut self) {
        self.has_ended = true;
    }

    /// The numbers of the segments that may leave now.
    pub fn pull(&mut self) -> Vec<u64> {
        if self.has_ended {
            return Vec::new();
        }
        let room = (self.window as usize).saturating_sub(self.in_flight.len());
        let numbers: Vec<u64> = (self.next..self.next + room as u64).collect();
        self.next += room as u64;
        self.in_flight.extend(&numbers);
        numbers
    }

    /// A segment is acknowledged; what left three or more before it is lost.
    pub fn acknowledged(&mut self, number: u64) {
        self.in_flight.remove(&number);
        self.window += if self.window < self.threshold {
            1.0
        } else {
            1.0 / self.window
        };
        while let Some(&oldest) = self.in_flight.first()
            && oldest + 3 <= number
        {
            self.in_flight.remove(&oldest);
            if oldest >= self.recovery {
                self.recovery = self.next;
                self.threshold = (self.window / 2.0).max(2.0);
                self.window = self.threshold;
            }
        }
    }

    /// Nothing came back for long: begin anew.
    pub fn timed_out(&mut self) {
        self.in_flight.clear();
        self.threshold = (self.window / 2.0).max(2.0);
        self.window = 1.0;
        self.recovery = self.next;
    }
}
