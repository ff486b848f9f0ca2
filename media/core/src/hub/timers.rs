//! When each transport wants to be called next.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Instant;

use hoichan_router::EndpointId;

/// A heap of deadlines, one valid entry per endpoint.
///
/// A deadline that moves further away, as consent does with every sign of life, is not moved in the heap: the entry
/// comes up early, and its endpoint is asked again. So the usual case costs one comparison.
#[derive(Debug, Default)]
pub struct Timers {
    heap: BinaryHeap<Reverse<(Instant, EndpointId)>>,
    /// By endpoint: which entry of the heap is the valid one.
    scheduled: Vec<Option<Instant>>,
}

impl Timers {
    /// Sees to it that `endpoint` comes up at `deadline` or earlier.
    pub fn schedule(&mut self, endpoint: EndpointId, deadline: Option<Instant>) {
        let slot = endpoint as usize;
        if self.scheduled.len() <= slot {
            self.scheduled.resize(slot + 1, None);
        }
        let Some(deadline) = deadline else { return };
        if self.scheduled[slot].is_none_or(|scheduled| deadline < scheduled) {
            self.scheduled[slot] = Some(deadline);
            self.heap.push(Reverse((deadline, endpoint)));
        }
    }

    /// Forgets `endpoint`.
    pub fn cancel(&mut self, endpoint: EndpointId) {
        if let Some(scheduled) = self.scheduled.get_mut(endpoint as usize) {
            *scheduled = None;
        }
    }

    /// An endpoint whose entry has come up at `now`; it must be scheduled again.
    pub fn pop(&mut self, now: Instant) -> Option<EndpointId> {
        while let Some(&Reverse((at, endpoint))) = self.heap.peek() {
            if at > now {
                return None;
            }
            self.heap.pop();
            let scheduled = &mut self.scheduled[endpoint as usize];
            if *scheduled == Some(at) {
                *scheduled = None;
                return Some(endpoint);
            }
        }
        None
    }

    /// When [`Self::pop`] may next return something.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.heap.peek().map(|&Reverse((at, _))| at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn each_endpoint_comes_up_once_at_its_earliest_deadline() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut timers = Timers::default();
        timers.schedule(0, Some(at(5)));
        timers.schedule(1, Some(at(3)));
        timers.schedule(0, Some(at(2)));
        timers.schedule(0, Some(at(9)));
        timers.schedule(2, Some(at(1)));
        timers.cancel(2);
        assert_eq!(timers.pop(at(2)), Some(0));
        assert_eq!(timers.pop(at(2)), None);
        assert_eq!(timers.deadline(), Some(at(3)));
        assert_eq!(timers.pop(at(10)), Some(1));
        assert_eq!(
            timers.pop(at(10)),
            None,
            "the entry that was overtaken is not valid any more"
        );
        assert_eq!(timers.deadline(), None);
    }
}
