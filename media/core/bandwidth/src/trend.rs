//! Is the delay growing? A line through the last groups, and a threshold that learns what this link's noise is.
//! (draft-ietf-rmcat-gcc-02 §5.3 and §5.4; the line in place of the Kalman filter is libwebrtc's)

use std::collections::VecDeque;

/// Groups the line is drawn through: about half a second of video at 30 frames a second, with audio between.
const WINDOW: usize = 20;

/// How much of the smoothed delay stays when a new one comes. (libwebrtc: 0.9)
const SMOOTHING: f64 = 0.9;

/// The slope is multiplied by this and by the number of groups, up to [`FULL_COUNT`], before it is compared: so
/// that few groups prove less than many. (libwebrtc: 4 and 60)
const GAIN: f64 = 4.0;
const FULL_COUNT: u32 = 60;

/// The threshold at first, and its bounds. (§5.4: 12.5, 6 and 600)
const FIRST_THRESHOLD: f64 = 12.5;
const THRESHOLD: std::ops::RangeInclusive<f64> = 6.0..=600.0;

/// How fast the threshold follows upwards and downwards, per ms. (libwebrtc: 0.0087 and 0.039)
const FOLLOW_UP: f64 = 0.0087;
const FOLLOW_DOWN: f64 = 0.039;

/// A value further than this above the threshold is a sudden change, not noise to be learnt. (§5.4: 15)
const MAX_STRAY: f64 = 15.0;

/// Longest step of time by which the threshold follows, in ms. (libwebrtc: 100)
const MAX_STEP: f64 = 100.0;

/// How long the slope must stay above the threshold, in ms. (§5.4, overuse_time_th)
const PERSISTENCE: f64 = 10.0;

/// What the way is found to be doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Usage {
    /// The queue shrinks.
    Under,
    #[default]
    Normal,
    /// The queue grows.
    Over,
}

/// The slope of the delay.
#[derive(Debug)]
pub(crate) struct Trend {
    /// Arrival and smoothed delay, in ms.
    points: VecDeque<(f64, f64)>,
    /// Arrival of the first group, in µs.
    origin: Option<i64>,
    smoothed: f64,
    count: u32,
    threshold: f64,
    last_arrival: f64,
    above_for: f64,
    previous: f64,
    usage: Usage,
}

impl Trend {
    pub(crate) fn new() -> Self {
        Trend {
            points: VecDeque::with_capacity(WINDOW + 1),
            origin: None,
            smoothed: 0.0,
            count: 0,
            threshold: FIRST_THRESHOLD,
            last_arrival: 0.0,
            above_for: 0.0,
            previous: 0.0,
            usage: Usage::Normal,
        }
    }

    /// What the way was doing when the last group came.
    pub(crate) fn usage(&self) -> Usage {
        self.usage
    }

    /// Takes the next group: when it arrived, and how long it waited, in µs.
    pub(crate) fn push(&mut self, arrival: i64, waited: i64) {
        let origin = *self.origin.get_or_insert(arrival);
        let arrival = (arrival - origin) as f64 / 1000.0;
        let delay = waited as f64 / 1000.0;
        let step = arrival - self.last_arrival;
        self.last_arrival = arrival;
        self.smoothed = SMOOTHING * self.smoothed + (1.0 - SMOOTHING) * delay;
        self.count = (self.count + 1).min(FULL_COUNT);
        self.points.push_back((arrival, self.smoothed));
        if self.points.len() > WINDOW {
            self.points.pop_front();
        }
        let slope = if self.points.len() == WINDOW {
            slope(&self.points).unwrap_or(self.previous)
        } else {
            0.0
        };
        self.judge(slope, step);
    }

    fn judge(&mut self, slope: f64, step: f64) {
        let value = f64::from(self.count) * slope * GAIN;
        if value > self.threshold {
            self.above_for += step.max(0.0);
            if self.above_for > PERSISTENCE && slope >= self.previous {
                self.usage = Usage::Over;
            }
        } else {
            self.above_for = 0.0;
            self.usage = if value < -self.threshold {
                Usage::Under
            } else {
                Usage::Normal
            };
        }
        self.previous = slope;
        self.follow(value.abs(), step);
    }

    /// Moves the threshold towards the noise, quickly down and slowly up: else a greedy flow beside us, whose queue
    /// comes and goes, would leave us nothing. (§5.4)
    fn follow(&mut self, value: f64, step: f64) {
        if value > self.threshold + MAX_STRAY {
            return;
        }
        let speed = if value < self.threshold {
            FOLLOW_DOWN
        } else {
            FOLLOW_UP
        };
        let moved = self.threshold + speed * (value - self.threshold) * step.clamp(0.0, MAX_STEP);
        self.threshold = moved.clamp(*THRESHOLD.start(), *THRESHOLD.end());
    }
}

/// Least squares; `None` if all points have one time.
fn slope(points: &VecDeque<(f64, f64)>) -> Option<f64> {
    let count = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let (mut covariance, mut variance) = (0.0, 0.0);
    for point in points {
        covariance += (point.0 - x) * (point.1 - y);
        variance += (point.0 - x) * (point.0 - x);
    }
    (variance > 0.0).then(|| covariance / variance)
}
