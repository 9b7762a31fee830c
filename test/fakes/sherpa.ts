import type {
  OfflineRecognizer,
  OfflineTts,
  OnlineRecognizer,
  OnlineStream,
  Sherpa,
} from '../../app/speech/sherpa/native.ts';

/** In place of sherpa-onnx-node where there are no weights: the same calls, and answers that can be foretold. */

const modelRateHz = 22_050;
const msPerWord = 400;

interface Fed extends OnlineStream {
  samples: number;
  decoded: number;
  finished: boolean;
}

function newStream(): Fed {
  return {
    samples: 0,
    decoded: 0,
    finished: false,
    acceptWaveform({ samples, sampleRate }) {
      if (sampleRate !== 16_000) throw new Error(`fed with ${sampleRate} Hz`);
      if (samples.some((sample) => Math.abs(sample) > 1)) throw new Error('fed with more than full scale');
      this.samples += samples.length;
    },
    inputFinished() {
      this.finished = true;
    },
  };
}

/** Hears a word in each 400 ms, and writes capitals. */
class FakeOnline implements OnlineRecognizer {
  createStream(): Fed {
    return newStream();
  }

  isReady(stream: OnlineStream): boolean {
    const { samples, decoded } = stream as Fed;
    return samples - decoded >= modelChunk;
  }

  decode(stream: OnlineStream): void {
    (stream as Fed).decoded += modelChunk;
  }

  getResult(stream: OnlineStream): { text: string; ys_probs: number[] } {
    const { decoded } = stream as Fed;
    const words = Math.floor((decoded / 16_000) * (1000 / msPerWord));
    return { text: ' ONE'.repeat(words), ys_probs: Array.from({ length: words }, () => Math.log(0.9)) };
  }
}

const modelChunk = 1_600;

/** Writes how much it was given. */
class FakeOffline implements OfflineRecognizer {
  createStream(): Fed {
    return newStream();
  }

  decode(stream: OnlineStream): void {
    (stream as Fed).finished = true;
  }

  getResult(stream: OnlineStream): { text: string } {
    const { samples, finished } = stream as Fed;
    return { text: finished ? ` Heard ${Math.round(samples / 16)} ms.` : '' };
  }
}

/** A tone of 100 ms for each word; the second speaker is twice as loud. */
class FakeTts implements OfflineTts {
  readonly sampleRate = modelRateHz;
  readonly numSpeakers = 2;

  generate({ text, sid }: { text: string; sid: number }): { samples: Float32Array; sampleRate: number } {
    if (text.includes('break')) throw new Error('it broke');
    const words = text.split(' ').length;
    const samples = Float32Array.from({ length: (words * modelRateHz) / 10 }, (_, i) => {
      return 0.2 * (1 + sid) * Math.sin((2 * Math.PI * 440 * i) / modelRateHz);
    });
    return { samples, sampleRate: modelRateHz };
  }
}

export const sherpa: Sherpa = {
  OnlineRecognizer: FakeOnline,
  OfflineRecognizer: FakeOffline,
  OfflineTts: FakeTts,
};
/** As the package is imported: CommonJS, as a default. */
export default sherpa;
