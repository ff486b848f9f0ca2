import { loudness, smoothed } from "./level";

const INTERVAL_MS = 50;

/** Reports the level of `track` (0…1) twenty times a second; returns its undo. */
export function watchLevel(track: MediaStreamTrack, report: (level: number) => void): () => void {
  const context = new AudioContext();
  const source = context.createMediaStreamSource(new MediaStream([track]));
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  source.connect(analyser);
  void context.resume();

  const samples = new Float32Array(analyser.fftSize);
  let level = 0;
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    level = smoothed(level, loudness(samples));
    report(level);
  }, INTERVAL_MS);

  return () => {
    clearInterval(timer);
    source.disconnect();
    void context.close();
  };
}
