//! The loudest of a group: which producers compete for being forwarded, and what becomes of them.

use super::Router;
use crate::audio::LastN;
use crate::parameters::{Error, ProducerId, SpeakerGroup};
use crate::producer::Place;

/// Producers of one group that are forwarded at a time at most; more are forwarded for nobody's ears.
const MAX_LOUDEST: usize = 256;

impl Router {
    /// Forwards an audio producer only while it is among the loudest of `group`; `None` for always, as at first.
    ///
    /// A group no larger than its limit is forwarded whole, and so is what comes without levels: those cannot be
    /// compared. What was said last of a group's limit holds for all of it.
    ///
    /// # Errors
    /// [`Error::UnknownProducer`], [`Error::Malformed`] for a limit of 0, [`Error::TooMany`].
    pub fn rank_producer(
        &mut self,
        id: ProducerId,
        group: Option<SpeakerGroup>,
    ) -> Result<(), Error> {
        let key = *self.producer_keys.get(&id).ok_or(Error::UnknownProducer)?;
        match group {
            Some(SpeakerGroup { loudest: 0, .. }) => return Err(Error::Malformed),
            Some(group) if usize::from(group.loudest) > MAX_LOUDEST => return Err(Error::TooMany),
            _ => {}
        }
        self.leave_group(key);
        self.producers[key].group = group;
        self.tell_outposts(key);
        if let Some(group) = group {
            let group = self.group(group);
            let producer = &mut self.producers[key];
            let member = self.groups[group].insert(!producer.paused);
            producer.rank.set_place(Some(Place { group, member }));
        }
        Ok(())
    }

    /// The key of a group that exists from now on.
    fn group(&mut self, group: SpeakerGroup) -> usize {
        let loudest = usize::from(group.loudest);
        if let Some(known) = self.group_keys.get(&group.id) {
            self.groups[*known].set_limit(loudest);
            return *known;
        }
        let key = self.groups.insert(LastN::new(loudest));
        self.group_keys.insert(group.id, key);
        key
    }

    /// Takes a producer out of its group, which ends with its last member.
    pub(super) fn leave_group(&mut self, producer: usize) {
        let Some(place) = self.producers[producer].rank.set_place(None) else {
            return;
        };
        let group = &mut self.groups[place.group];
        group.remove(place.member);
        if group.is_empty() {
            self.groups.remove(place.group);
            self.group_keys.retain(|_, key| *key != place.group);
        }
    }
}
