// The picture and the tone of ../sdk/pattern.py, for browsers: sixteen bars, four bits of marker and twelve of counter.

const BITS = 16;
const COUNTER_BITS = 12;

function draw(context, marker, counter) {
  const { width, height } = context.canvas;
  const word = (marker << COUNTER_BITS) | counter % (1 << COUNTER_BITS);
  for (let bit = 0; bit < BITS; bit += 1) {
    context.fillStyle = (word >> (BITS - 1 - bit)) & 1 ? "#fff" : "#000";
    const left = Math.ceil((bit * width) / BITS);
    context.fillRect(left, 0, Math.ceil(((bit + 1) * width) / BITS) - left, height);
  }
}

/** Marker and counter of a picture's luma plane, or -1 each where a bar is neither black nor white. */
function read(luma, stride, width, height) {
  const row = Math.floor(height / 2);
  let word = 0;
  for (let bit = 0; bit < BITS; bit += 1) {
    const brightness = luma[row * stride + Math.floor(((2 * bit + 1) * width) / (2 * BITS))];
    if (brightness > 90 && brightness < 165) {
      return { marker: -1, counter: -1 };
    }
    word = (word << 1) | Number(brightness > 128);
  }
  return { marker: word >> COUNTER_BITS, counter: word & ((1 << COUNTER_BITS) - 1) };
}

/** The loudest frequency in Hz, or 0 where there is silence (below about -60 dBFS). */
function pitch(analyser) {
  const samples = new Float32Array(analyser.fftSize);
  analyser.getFloatTimeDomainData(samples);
  if (!samples.some((sample) => Math.abs(sample) > 0.001)) {
    return 0;
  }
  const bins = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(bins);
  const loudest = bins.indexOf(Math.max(...bins));
  return (loudest * analyser.context.sampleRate) / analyser.fftSize;
}
