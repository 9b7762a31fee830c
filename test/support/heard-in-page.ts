import type { Page } from 'playwright-core';
import { type Audio, bytesToPcm } from '../../app/audio/pcm.ts';

const sampleRateHz = 16_000;

/** Keeps what every telephone of the page hears, from its first sample on. */
const script = `
  window.heard = [];
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...options) {
      super(...options);
      this.addEventListener('track', ({ track }) => {
        const sounds = new AudioContext({ sampleRate: ${sampleRateHz} });
        const tape = sounds.createScriptProcessor(1024, 1, 1);
        tape.onaudioprocess = ({ inputBuffer }) => {
          window.heard.push(Int16Array.from(inputBuffer.getChannelData(0), (sample) => sample * 32767));
        };
        sounds.createMediaStreamSource(new MediaStream([track])).connect(tape);
        tape.connect(sounds.destination);
      });
    }
  };
`;

/** To be called before the page is opened. */
export async function listenIn(page: Page): Promise<void> {
  await page.addInitScript({ content: script });
}

/** What was heard in the page so far. */
export async function heardIn(page: Page): Promise<Audio> {
  const bytes = await page.evaluate<string>(`
    (() => {
      let binary = '';
      for (const piece of window.heard)
        binary += String.fromCharCode(...new Uint8Array(piece.buffer));
      return btoa(binary);
    })()
  `);
  return { samples: bytesToPcm(Buffer.from(bytes, 'base64')), sampleRateHz };
}
