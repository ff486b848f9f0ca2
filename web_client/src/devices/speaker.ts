/** Two soft notes, so that a person hears whether the chosen speaker works. */

const NOTES_HZ = [523.25, 783.99] as const;
const NOTE_SECONDS = 0.4;

/** Whether this browser can play through a chosen speaker. */
export function canChooseSpeaker(): boolean {
  return "setSinkId" in HTMLMediaElement.prototype;
}

/** Resolves when the last note has faded. */
export async function playTestSound(speakerId: string): Promise<void> {
  const context = new AudioContext();
  const destination = context.createMediaStreamDestination();
  NOTES_HZ.forEach((frequency, index) => {
    playNote(context, destination, frequency, index * NOTE_SECONDS);
  });
  const element = new Audio();
  element.srcObject = destination.stream;
  try {
    if (canChooseSpeaker() && speakerId !== "") {
      await element.setSinkId(speakerId);
    }
    await element.play();
    await ended(context, NOTES_HZ.length * NOTE_SECONDS + 0.3);
  } finally {
    element.srcObject = null;
    await context.close();
  }
}

function playNote(context: AudioContext, destination: AudioNode, frequency: number, offset: number): void {
  const start = context.currentTime + offset;
  const note = context.createOscillator();
  const volume = context.createGain();
  note.frequency.value = frequency;
  volume.gain.setValueAtTime(0, start);
  volume.gain.linearRampToValueAtTime(0.3, start + 0.03);
  volume.gain.exponentialRampToValueAtTime(0.001, start + NOTE_SECONDS + 0.2);
  note.connect(volume).connect(destination);
  note.start(start);
  note.stop(start + NOTE_SECONDS + 0.25);
}

/** A silent source is the context's own alarm clock. */
function ended(context: AudioContext, seconds: number): Promise<void> {
  return new Promise((resolve) => {
    const silence = context.createConstantSource();
    silence.offset.value = 0;
    silence.connect(context.destination);
    silence.onended = () => resolve();
    silence.start();
    silence.stop(context.currentTime + seconds);
  });
}
